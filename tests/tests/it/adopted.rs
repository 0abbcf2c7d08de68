//! A dump that was taken over from another system is filled with records by an upload that may replace it
//! (specs: dumps 10).

use landfall_domain::{Clock, Sha256Digest, SystemClock};
use landfall_dumps::adopt::{Header, RawRow, Table};
use landfall_local::sample::fixtures::example_two_nodes;
use landfall_store::dump::Adoption;
use landfall_testkit::TestPlatform;
use serde_json::json;

/// A row of a table with some of its columns.
fn row(table: Table, columns: &[(&str, &str)]) -> RawRow {
    let header = Header::read(table, columns.iter().map(|(name, _)| *name)).unwrap();
    header.row(2, &columns.iter().map(|(_, value)| value.as_bytes()).collect::<Vec<_>>())
}

/// Takes the dump of two nodes over, for ticket CHG-1.
async fn adopt(platform: &TestPlatform) {
    let sha256 = Sha256Digest::of(&example_two_nodes().bytes).to_string();
    let store = &platform.platform().clients().store;
    let mut adoption = Adoption::begin(store, SystemClock.now()).await.unwrap();
    let network = [("customer_key", "acme"), ("network_key", "core")];
    let archive = [("sha256", sha256.as_str()), ("capture_ts", "2024-11-05 03:00:00"), ("origin", "night")];
    for (table, columns) in [
        (Table::Customers, [("customer_key", "acme"), ("name", "Acme")].to_vec()),
        (Table::Networks, network.to_vec()),
        (Table::Archives, [&network[..], &archive].concat()),
        (Table::Links, [("sha256", sha256.as_str()), ("ticket", "CHG-1")].to_vec()),
    ] {
        adoption.take(table, &[row(table, &columns)]).await.unwrap();
    }
    let report = adoption.finish(false, &json!({})).await.unwrap();
    assert!(report.written, "{report:?}");
}

#[tokio::test]
async fn an_adopted_dump_is_filled_by_an_upload_that_may_replace_it() {
    let platform = TestPlatform::start().await;
    adopt(&platform).await;
    let dump = "select dump_id from dump.capture_dump";
    let adopted = platform.count(dump).await;
    let fixture = example_two_nodes();
    let key = format!("dumps/acme/core/CHG-1/{}", fixture.file_name);
    platform.put(&key, &[], fixture.bytes.clone()).await;
    platform.settle().await;
    platform.put(&key, &[("overwrite", "true")], fixture.bytes).await;
    platform.settle().await;
    let ends: Vec<String> =
        platform.states().await.into_iter().map(|(_, state, reason)| format!("{state} {reason}")).collect();
    assert_eq!(ends, ["duplicate duplicate", "done complete"]);
    assert_eq!(platform.count(dump).await, adopted, "the same dump");
    assert_eq!(platform.count("select count(*) from dump.load where not adopted").await, 1);
    assert_eq!(platform.count("select count(*) from dump.load").await, 1, "the empty load is gone");
    assert_eq!(
        platform.count("select count(*) from dump.archive_sha256 join dump.load using (load_id)").await,
        1
    );
    assert!(platform.count("select count(*) from dump.lsp_entry_current").await > 0);
    assert_eq!(platform.count("select count(*) from dump.dump_link").await, 1);
    assert!(platform.verify().await.closed);
    platform.stop().await;
}
