//! What a sidecar says, and which of two sources counts (specs: dumps 6.1).

use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::TestStage;

use crate::scene::{FOLDER, land, lenient, plan};
use crate::verdicts::replay;

const KEY: &str = "dumps/night.tgz";
const LINKS: &str = "select ticket || ' ' || hc_id from dump.dump_link";
const SIDECARS: &str = "select concat_ws(' ', state, reason, '-', reason_text) from ingest.object
     where key ilike '%.json' order by object_id";

/// Lands a sidecar and then its archive, and plans it; gives the object's id.
async fn plan_with(stage: &TestStage, key: &str, metadata: &[(&str, &str)], sidecar: &str) -> i64 {
    stage.land(&format!("{key}.json"), &[], sidecar.to_owned()).await;
    stage.pass(1);
    let object = stage.land(key, metadata, example_two_nodes().bytes).await;
    plan(stage, lenient()).await;
    object
}

#[tokio::test]
async fn a_sidecar_alone_can_say_all_and_is_stored_with_the_plan() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        let sidecar = r#"{"customer": "Acme", "network": "Core", "ticket": "chg-7", "hc_id": "hc07",
            "country": "fi", "origin": "Night", "capture_ts": "2025-01-18T03:00:00Z", "overwrite": false, "note": 1}"#;
        let object = plan_with(&stage, KEY, &[], sidecar).await;
        assert_eq!(stage.state(object).await, "dispatched plan-archive");
        assert_eq!(stage.texts(LINKS).await, ["CHG-7 HC-7"]);
        let dumps = "select concat_ws(' ', customer_key, network_key, d.country, origin, capture_ts_source)
            from dump.capture_dump d join dump.customer using (customer_id) join dump.network using (network_id)";
        assert_eq!(stage.texts(dumps).await, ["acme core FI night meta"]);
        let stored =
            "select concat_ws(' ', plan #>> '{sidecar,key}', plan #>> '{sidecar,values}') from dump.load";
        let stored = stage.texts(stored).await.join("\n");
        insta::allow_duplicates! {
            insta::assert_snapshot!(stored, @r#"dumps/night.tgz.json {"hc_id": "hc07", "origin": "Night", "ticket": "chg-7", "country": "fi", "network": "Core", "customer": "Acme", "overwrite": "false", "capture_ts": "2025-01-18T03:00:00Z"}"#);
        }
        let pinned = "select count(*) from dump.load l join ingest.object s on s.version = l.plan #>> '{sidecar,version}'
            join dump.sidecar_use u on u.object_id = l.object_id and u.version = s.version
            where s.key = 'dumps/night.tgz.json'";
        assert_eq!(stage.count(pinned).await, 1, "the plan names the version that was read");
        assert_eq!(stage.texts(SIDECARS).await, ["ignored sidecar - metadata of the archive beside it"]);
    }
}

#[tokio::test]
async fn a_header_wins_over_the_sidecar_and_the_sidecar_over_the_key() {
    let stage = TestStage::start().await;
    let key = format!("{FOLDER}/night.tgz");
    let headers = [("hc-id", "HC-1"), ("origin", "Hyvink%C3%A4%C3%A4")];
    let sidecar = r#"{"hc_id": "HC-2", "ticket": "CHG-2", "country": "SE", "network": "CORE"}"#;
    plan_with(&stage, &key, &headers, sidecar).await;
    assert_eq!(stage.texts(LINKS).await, ["CHG-2 HC-1"]);
    let dump = "select country || ' ' || origin from dump.capture_dump";
    assert_eq!(stage.texts(dump).await, ["SE hyvinkää"], "header values are percent-encoded UTF-8");
    let conflicts = "select text from dump.parse_warning where code = 'W_META_CONFLICT' order by text";
    insta::assert_snapshot!(stage.texts(conflicts).await.join("\n"), @"
    hc_id of the object metadata is used; the sidecar has another
    ticket of the sidecar is used; the key has another
    ");
}

#[tokio::test]
async fn a_sidecar_that_does_not_let_its_upload_in_is_named_and_the_body_is_not_read() {
    let stage = TestStage::start().await;
    let large = format!(r#"{{"note": "{}"}}"#, "x".repeat(64 << 10));
    let sidecars = [
        "[1]",
        r#"{"ticket": "CHG-1""#,
        "",
        r#"{"note": {"of": "what"}}"#,
        r#"{"ticket": "CHG-1", "Ticket": "CHG-2"}"#,
        r#"{"ticket": 7}"#,
        &large,
        r#"{"ticket": "a b"}"#,
        r#"{"customer": "globex"}"#,
        r#"{"network": "edge"}"#,
    ];
    for (number, sidecar) in sidecars.into_iter().enumerate() {
        let key = format!("{FOLDER}/{number}.tgz");
        stage.land(&format!("{key}.json"), &[], sidecar.to_owned()).await;
        stage.land(&key, &[], format!("no archive, but that is found out later {number}")).await;
        plan(&stage, lenient()).await;
    }
    let ends = "select concat_ws(' ', o.state, o.reason, '-', replace(o.reason_text, s.version, 'VERSION'))
         from ingest.object o join ingest.object s on s.key = o.key || '.json' order by o.object_id";
    insta::assert_snapshot!(stage.texts(ends).await.join("\n"), @r#"
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/0.tgz.json version VERSION: the sidecar is not valid: no JSON object (line 1, column 0)
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/1.tgz.json version VERSION: the sidecar is not valid: no JSON object (line 1, column 18)
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/2.tgz.json version VERSION: the sidecar is not valid: no JSON object (line 1, column 0)
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/3.tgz.json version VERSION: the sidecar is not valid: not flat: "note" holds further values
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/4.tgz.json version VERSION: the sidecar is not valid: ticket stands twice
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/5.tgz.json version VERSION: the sidecar is not valid: ticket is no text
    rejected meta_invalid:sidecar - dumps/acme/core/CHG-1001/6.tgz.json version VERSION: the sidecar is not valid: 65548 bytes, more than the 65536 that a sidecar may have
    rejected meta_invalid:ticket - ticket in the sidecar is not valid: "a b" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit
    rejected meta_conflict:customer - customer in the sidecar differs from the one in the key
    rejected meta_conflict:network - network in the sidecar differs from the one in the key
    "#);
    assert_eq!(stage.count("select count(content_sha256) from ingest.object").await, 0);
    assert_eq!(stage.count("select coalesce(sum(bytes_read), 0)::bigint from ingest.attempt").await, 0);
    assert_eq!(stage.count("select count(*) from dump.audit_event where kind = 'rejected'").await, 10);
    let late = "select count(*) from ingest.object where reason = 'late_sidecar'";
    assert_eq!(stage.count(late).await, 0, "they counted, badly");
}

#[tokio::test]
async fn a_sidecar_of_exactly_the_limit_is_read_and_its_byte_order_mark_is_no_fault() {
    let stage = TestStage::start().await;
    let head = "\u{feff}{\"hc_id\": \"HC-9\", \"note\": \"";
    let sidecar = format!("{head}{}\"}}", "x".repeat((64 << 10) - head.len() - 2));
    assert_eq!(sidecar.len(), 64 << 10);
    plan_with(&stage, &format!("{FOLDER}/night.tgz"), &[], &sidecar).await;
    assert_eq!(stage.texts(LINKS).await, ["CHG-1001 HC-9"]);
}

#[tokio::test]
async fn a_sidecar_s_suffix_may_be_written_in_any_case() {
    let stage = TestStage::start().await;
    stage.land("dumps/acme/core/CHG-1/NIGHT.TGZ.Json", &[], r#"{"hc_id": "HC-3"}"#).await;
    stage.land("dumps/acme/core/CHG-1/NIGHT.TGZ", &[], example_two_nodes().bytes).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.texts(LINKS).await, ["CHG-1 HC-3"]);
    assert_eq!(
        stage.texts("select key from dump.sidecar_use").await,
        ["dumps/acme/core/CHG-1/NIGHT.TGZ.Json"]
    );
}

#[tokio::test]
async fn a_late_sidecar_is_told_and_a_replay_takes_it() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    plan(&stage, lenient()).await;
    stage.execute("update ingest.object set state = 'failed', reason = 'unlucky'").await;
    stage.pass(1);
    let key = stage.texts("select key from ingest.object").await.remove(0);
    stage.land(&format!("{key}.json"), &[], r#"{"hc_id": "HC-5"}"#).await;
    assert_eq!(stage.texts(SIDECARS).await, ["ignored sidecar - metadata of the archive beside it"]);

    stage
        .execute("update ingest.object set state = 'done', reason = 'complete' where reason = 'unlucky'")
        .await;
    stage.pass(1);
    stage.land(&format!("{key}.json"), &[], r#"{"hc_id": "HC-6"}"#).await;
    let late = format!(
        "ignored late_sidecar - came after object {object} was judged; a replay of it takes the sidecar"
    );
    assert_eq!(stage.texts(SIDECARS).await, [late.clone(), late.clone()]);
    assert_eq!(stage.texts(LINKS).await, ["CHG-1001 "]);

    replay(&stage, object).await;
    assert_eq!(stage.texts(LINKS).await, ["CHG-1001 HC-6"]);
    let used = format!("ignored sidecar - object {object} was judged with it");
    assert_eq!(stage.texts(SIDECARS).await, [late, used]);
    let life = "select concat_ws(' ', from_state, to_state, reason) from ingest.event_log
         where object_id = (select max(object_id) from ingest.object) order by event_id";
    let expected = ["ignored sidecar", "ignored ignored late_sidecar", "ignored ignored sidecar"];
    assert_eq!(stage.texts(life).await, expected);
}

#[tokio::test]
async fn a_sidecar_that_was_replaced_in_time_did_not_come_late() {
    for stage in [TestStage::start().await, TestStage::unversioned().await] {
        let key = format!("{FOLDER}/night.tgz");
        let first = stage.put(&format!("{key}.json"), &[], r#"{"hc_id": "HC-1"}"#).await;
        let told = stage.notification(&format!("{key}.json"), &first);
        stage.pass(1);
        plan_with(&stage, &key, &[], r#"{"hc_id": "HC-2"}"#).await;
        assert_eq!(stage.texts(LINKS).await, ["CHG-1001 HC-2"]);
        stage.tell(told).await;
        let late = "select count(*) from ingest.object where reason = 'late_sidecar'";
        assert_eq!(stage.count(late).await, 0);
    }
}

#[tokio::test]
async fn a_sidecar_for_the_next_version_of_a_key_is_taken_by_that_one() {
    let stage = TestStage::start().await;
    let key = format!("{FOLDER}/night.tgz");
    stage.land(&key, &[], "no archive").await;
    plan(&stage, lenient()).await;
    stage.pass(1);
    stage.land(&format!("{key}.json"), &[], r#"{"hc_id": "HC-8"}"#).await;
    let reason = "select reason from ingest.object where key like '%.json'";
    assert_eq!(stage.texts(reason).await, ["late_sidecar"], "as far as is known");
    stage.pass(1);
    stage.land(&key, &[], example_two_nodes().bytes).await;
    plan(&stage, lenient()).await;
    assert_eq!(stage.texts(LINKS).await, ["CHG-1001 HC-8"]);
    assert_eq!(stage.texts(reason).await, ["sidecar"]);
}
