//! What an upload comes to in the rows that readers see: chains, keys, identities, repeats (specs: dumps 9.2).

use std::net::Ipv4Addr;

use landfall_local::sample::fixtures::{capture_on, example_extra_chain};
use landfall_local::sample::{Dump, Ec, Node, NodeText, Role};
use landfall_testkit::TestPlatform;

use crate::scene::dump;

const HEL: &str = "HEL-CORE-01";

async fn texts(platform: &TestPlatform, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(platform.pool()).await.unwrap()
}

/// Puts an object and waits until it has been worked on; gives its state and reason.
async fn upload(platform: &TestPlatform, key: &str, metadata: &[(&str, &str)], body: Vec<u8>) -> String {
    platform.put(key, metadata, body).await;
    platform.settle().await;
    let state = "select state || ' ' || reason from ingest.object order by object_id desc limit 1";
    texts(platform, state).await.concat()
}

#[tokio::test]
async fn test_pipeline_uses_chain_that_was_planned_and_an_extra_one_for_missing_plugins_only() {
    let platform = TestPlatform::start().await;
    let fixture = example_extra_chain();
    let key = format!("dumps/acme/core/CHG-1001/{}", fixture.file_name);
    assert_eq!(upload(&platform, &key, &[], fixture.bytes).await, "done complete");
    // Both containers hold a node file; lsp and alarm_state are in the standby one alone.
    let chains = "select distinct plugin || ' ' || (regexp_match(chain_path, '_(ACT|STDBY)_'))[1] from (
            select 'node' as plugin, chain_path from dump.dump_node_current
            union all select plugin, chain_path from dump.lsp_entry_current
            union all select plugin, chain_path from dump.alarm_state_entry_current) as t order by 1";
    assert_eq!(texts(&platform, chains).await, ["alarm_state STDBY", "lsp STDBY", "node ACT"]);
    platform.stop().await;
}

/// A dump of one element with these paths.
fn with_lsps(rows: &str) -> Vec<u8> {
    let text = format!("LSP Name  From      To        Label\n{rows}");
    let ec = Ec::new(81, 1, Role::Act)
        .file("cli/CLI_Show_Node.out", NodeText::new(HEL, Ipv4Addr::new(10, 20, 0, 1)).render())
        .file("cli/CLI_Show_LSP.out", text);
    Dump::new("CORE", capture_on(0)).node(Node::new(HEL).ec(ec)).build()
}

#[tokio::test]
async fn test_lsp_ingestion_tells_paths_apart_by_load_element_ends_and_label() {
    let platform = TestPlatform::start().await;
    let rows = "a         10.0.0.1  10.0.0.2  9330\n\
                b         10.0.0.1  10.0.0.2  9335\n\
                c         10.0.0.2  10.0.0.1  9330\n\
                d         10.0.0.1  10.0.0.2  9330\n";
    let key = "dumps/acme/core/CHG-1001/a_20250118-031500.tgz";
    assert_eq!(upload(&platform, key, &[], with_lsps(rows)).await, "done complete");
    let stored = "select concat_ws(' ', e.ne_key, from_node, to_node, label, lsp_name)
         from dump.lsp_entry_current join dump.network_element e using (ne_id) order by lsp_name";
    assert_eq!(
        texts(&platform, stored).await,
        [
            "name:HEL-CORE-01 10.0.0.1 10.0.0.2 9330 a",
            "name:HEL-CORE-01 10.0.0.1 10.0.0.2 9335 b",
            "name:HEL-CORE-01 10.0.0.2 10.0.0.1 9330 c",
        ]
    );
    let warned = "select code || '@' || line from dump.parse_warning_current where plugin = 'lsp'";
    assert_eq!(texts(&platform, warned).await, ["W_DUP_KEY@5"]);
    let key = "select array_to_string(array(select a.attname::text from unnest(i.indkey) with ordinality as k(n, at)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n order by k.at), ' ')
         from pg_index i where i.indrelid = 'dump.lsp_entry'::regclass and i.indisprimary";
    assert_eq!(texts(&platform, key).await, ["load_id ne_id from_node to_node label"]);
    platform.stop().await;
}

const IDENTITIES: &str = "select concat_ws(' ', c.customer_key, n.network_key, e.ne_key) from dump.customer c
     join dump.network n using (customer_id) join dump.network_element e using (network_id) order by 1";

#[tokio::test]
async fn test_network_identity_idempotent_two_ingests_give_one_customer_network_and_element() {
    let platform = TestPlatform::start().await;
    let folder = "dumps/acme/core/CHG-1001";
    assert_eq!(upload(&platform, &format!("{folder}/a.tgz"), &[], dump(0, &[HEL])).await, "done complete");
    assert_eq!(
        upload(&platform, &format!("{folder}/b.tgz"), &[], dump(0, &[HEL])).await,
        "duplicate duplicate"
    );
    assert_eq!(upload(&platform, &format!("{folder}/c.tgz"), &[], dump(1, &[HEL])).await, "done complete");
    assert_eq!(texts(&platform, IDENTITIES).await, ["acme core name:HEL-CORE-01"]);
    for table in ["select count(*) from dump.customer", "select count(*) from dump.network"] {
        assert_eq!(platform.count(table).await, 1, "{table}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn test_network_identity_uniqueness_is_per_customer_and_case_and_blanks_do_not_split() {
    let platform = TestPlatform::start().await;
    let named = [("acme", "core ring"), ("ACME", " Core  Ring "), ("globex", "CORE RING")];
    for (day, (customer, network)) in (0..).zip(named) {
        let metadata = [("customer", customer), ("network", network), ("ticket", "CHG-1001")];
        let key = format!("dumps/{day}.tgz");
        assert_eq!(upload(&platform, &key, &metadata, dump(day, &[HEL])).await, "done complete", "{network}");
    }
    let rows = texts(&platform, IDENTITIES).await;
    assert_eq!(rows, ["acme core-ring name:HEL-CORE-01", "globex core-ring name:HEL-CORE-01"]);
    assert_eq!(platform.count("select count(*) from dump.network").await, 2);
    platform.stop().await;
}

/// Ticket and health check of the first upload; customer, network, ticket and health check of the second.
type Repeat =
    (&'static str, (&'static str, &'static str), (&'static str, &'static str, &'static str, &'static str));

const REPEATS: [Repeat; 9] = [
    ("D1", ("CHG-1", ""), ("same", "core", "CHG-1", "")),
    ("D2", ("CHG-1", ""), ("same", "core", "CHG-1", "HC-1")),
    ("D3", ("CHG-1", "HC-1"), ("same", "core", "CHG-1", "")),
    ("D4", ("CHG-1", "HC-1"), ("same", "core", "CHG-1", "HC-2")),
    ("D5", ("CHG-1", ""), ("same", "core", "CHG-2", "")),
    ("D6", ("CHG-1", ""), ("same", "core", "CHG-2", "HC-1")),
    ("D7", ("CHG-1", "HC-1"), ("same", "core", "CHG-2", "HC-2")),
    ("D8", ("CHG-1", ""), ("same", "metro", "CHG-1", "")),
    ("D9", ("CHG-1", ""), ("other", "core", "CHG-1", "")),
];

/// Puts a content twice as a row of the matrix says; gives what became of the second, and the links of the dump.
async fn repeated(platform: &TestPlatform, case: (usize, bool), repeat: Repeat) -> String {
    let ((number, overwrite), (row, first, second)) = (case, repeat);
    let customer = format!("c{number}{overwrite}");
    let body = dump(i32::try_from(2 * number).unwrap() + i32::from(overwrite), &[HEL]);
    let hc_id = |hc: &'static str| if hc.is_empty() { vec![] } else { vec![("hc-id", hc)] };
    let key = format!("dumps/{customer}/core/{}/first.tgz", first.0);
    assert_eq!(upload(platform, &key, &hc_id(first.1), body.clone()).await, "done complete", "{row}");
    let whose = if second.0 == "same" { customer.clone() } else { format!("{customer}other") };
    let mut metadata = hc_id(second.3);
    metadata.push(("overwrite", if overwrite { "true" } else { "false" }));
    let key = format!("dumps/{whose}/{}/{}/second.tgz", second.1, second.2);
    let state = upload(platform, &key, &metadata, body).await;
    let verdict =
        "select outcome from ingest.step where stage = 'plan-archive' order by object_id desc limit 1";
    let verdict = texts(platform, verdict).await.concat();
    let links = sqlx::query_scalar::<_, String>(
        "select concat_ws('/', ticket, nullif(hc_id, '')) from dump.dump_link join dump.capture_dump using (dump_id)
         join dump.customer using (customer_id) where customer_key = $1 order by ticket",
    );
    let links = links.bind(customer.to_lowercase()).fetch_all(platform.pool()).await.unwrap();
    format!(
        "{row} {}: {verdict}, {state}, {}",
        if overwrite { "overwrite" } else { "plain" },
        links.join(" ")
    )
}

#[tokio::test]
async fn test_duplicate_sha_policy_integration_of_every_row_through_uploads() {
    let platform = TestPlatform::start().await;
    let mut found = Vec::new();
    for (number, repeat) in REPEATS.into_iter().enumerate() {
        for overwrite in [false, true] {
            found.push(repeated(&platform, (number, overwrite), repeat).await);
        }
    }
    insta::assert_snapshot!(found.join("\n"), @"
    D1 plain: SKIP, duplicate duplicate, CHG-1
    D1 overwrite: OVERWRITE, done complete, CHG-1
    D2 plain: LINK, done linked, CHG-1/HC-1
    D2 overwrite: LINK, done linked, CHG-1/HC-1
    D3 plain: SKIP, duplicate duplicate, CHG-1/HC-1
    D3 overwrite: SKIP, duplicate duplicate, CHG-1/HC-1
    D4 plain: REJECT, rejected hc_conflict, CHG-1/HC-1
    D4 overwrite: OVERWRITE, done complete, CHG-1/HC-2
    D5 plain: LINK, done linked, CHG-1 CHG-2
    D5 overwrite: LINK, done linked, CHG-1 CHG-2
    D6 plain: LINK, done linked, CHG-1 CHG-2/HC-1
    D6 overwrite: LINK, done linked, CHG-1 CHG-2/HC-1
    D7 plain: LINK, done linked, CHG-1/HC-1 CHG-2/HC-2
    D7 overwrite: LINK, done linked, CHG-1/HC-1 CHG-2/HC-2
    D8 plain: REJECT, rejected sha_network_conflict, CHG-1
    D8 overwrite: REJECT, rejected sha_network_conflict, CHG-1
    D9 plain: REJECT, rejected sha_customer_conflict, CHG-1
    D9 overwrite: REJECT, rejected sha_customer_conflict, CHG-1
    ");
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    platform.stop().await;
}
