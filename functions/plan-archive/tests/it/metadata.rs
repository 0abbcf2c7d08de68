//! Uploads that are refused for what they say of themselves (specs: dumps 6.1).

use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::TestStage;
use plan_archive::Rules;

use crate::scene::{FOLDER, land, lenient, plan};

#[tokio::test]
async fn metadata_that_does_not_let_an_upload_in_is_named_by_code_and_the_body_is_not_read() {
    let stage = TestStage::start().await;
    let uploads: [(&str, &[(&str, &str)]); 6] = [
        ("dumps", &[]),
        ("dumps", &[("customer", "acme"), ("network", "core")]),
        (FOLDER, &[("hc-id", "check-7")]),
        (FOLDER, &[("customer", "globex")]),
        (FOLDER, &[("overwrite", "perhaps")]),
        ("dumps/acme/core/no ticket", &[]),
    ];
    for (number, (folder, metadata)) in uploads.into_iter().enumerate() {
        let key = format!("{folder}/GMRE_DUMP_CORE_{number}.tgz");
        stage.land(&key, metadata, format!("no archive, but that is found out later {number}")).await;
        plan(&stage, lenient()).await;
        if number < 2 {
            // A field is missing: no sidecar brings it in time.
            stage.pass(60);
            plan(&stage, lenient()).await;
        }
    }
    let ends = "select concat_ws(' ', state, reason, '-', reason_text) from ingest.object order by object_id";
    insta::assert_snapshot!(stage.texts(ends).await.join("\n"), @r#"
    rejected meta_missing:customer - missing in object metadata, sidecar and key: customer, network, ticket
    rejected meta_missing:ticket - missing in object metadata, sidecar and key: ticket
    rejected meta_invalid:hc_id - hc_id in the object metadata is not valid: "check-7" is not a health-check id: HC, optional -, digits
    rejected meta_conflict:customer - customer in the object metadata differs from the one in the key
    rejected meta_invalid:overwrite - overwrite in the object metadata is not valid: "perhaps" is not true or false
    rejected meta_invalid:ticket - ticket in the key is not valid: "no ticket" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit
    "#);
    assert_eq!(stage.count("select count(content_sha256) from ingest.object").await, 0);
    assert_eq!(stage.count("select coalesce(sum(bytes_read), 0)::bigint from ingest.attempt").await, 0);
    assert_eq!(stage.count("select count(*) from dump.customer").await, 0);
    let audited = "select detail->>'code' from dump.audit_event where kind = 'rejected' order by audit_id";
    let codes = "select reason from ingest.object order by object_id";
    assert_eq!(stage.texts(audited).await, stage.texts(codes).await);
}

#[tokio::test]
async fn an_unknown_customer_is_refused_unless_uploads_may_make_customers() {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], &example_two_nodes()).await;
    plan(&stage, Rules::default()).await;
    assert_eq!(stage.state(object).await, "rejected customer_unknown");
    insta::assert_snapshot!(stage.reason_text(object).await, @"customer acme is not stored and may not be created by uploads");
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 0);
}

#[tokio::test]
async fn a_customer_is_known_by_key_or_by_alias_and_lends_its_country() {
    let stage = TestStage::start().await;
    stage
        .execute("insert into dump.customer (customer_key, name, country) values ('acme', 'Acme', 'FI')")
        .await;
    stage.execute("insert into dump.customer_alias select 'acme oy', customer_id from dump.customer").await;
    let metadata = [("customer", "Acme Oy"), ("network", "core"), ("ticket", "CHG-1")];
    land(&stage, "dumps", &metadata, &example_two_nodes()).await;
    plan(&stage, Rules::default()).await;
    let dumps = "select concat_ws(' ', customer_key, network_key, d.country) from dump.capture_dump d
         join dump.customer using (customer_id) join dump.network using (network_id)";
    assert_eq!(stage.texts(dumps).await, ["acme core FI"]);
}

#[tokio::test]
async fn lower_sources_that_differ_and_another_country_are_warnings() {
    let stage = TestStage::start().await;
    stage
        .execute("insert into dump.customer (customer_key, name, country) values ('acme', 'Acme', 'FI')")
        .await;
    land(&stage, FOLDER, &[("ticket", "CHG-9"), ("country", "se")], &example_two_nodes()).await;
    plan(&stage, Rules::default()).await;
    let codes = "select code from dump.parse_warning where plugin = 'plan' order by code";
    assert_eq!(stage.texts(codes).await, ["W_COUNTRY_MISMATCH", "W_META_CONFLICT"]);
    assert_eq!(stage.texts("select country from dump.capture_dump").await, ["SE"]);
    assert_eq!(stage.texts("select ticket from dump.dump_link").await, ["CHG-9"]);
    assert_eq!(stage.texts("select country from dump.customer").await, ["FI"]);
}
