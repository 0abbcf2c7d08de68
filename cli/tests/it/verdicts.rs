//! `landfall dumps dry-run` beside a database: the verdict that an upload would get, and nothing written.

use landfall_local::sample::fixtures::example_two_nodes;
use landfall_testkit::TestStage;
use serde_json::Value;

use super::command::landfall;

/// The exit code and the verdict of a dry run with these flags.
async fn verdict(stage: &TestStage, flags: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let fixture = example_two_nodes();
    std::fs::write(dir.path().join(&fixture.file_name), &fixture.bytes).unwrap();
    let mut command = landfall(dir.path());
    command.env("DATABASE_URL", stage.database_url());
    command.args(["dumps", "dry-run", &fixture.file_name, "--json"]).args(flags);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let summary: Value =
        serde_json::from_slice(output.stdout.split(|b| *b == b'\n').nth_back(1).unwrap()).unwrap();
    let text = |name: &str| {
        summary.pointer(&format!("/verdict/{name}")).and_then(Value::as_str).unwrap_or("-").to_owned()
    };
    format!("{} {} {} {}", output.status.code().unwrap(), text("verdict"), text("row"), text("reason"))
}

#[tokio::test]
async fn a_dry_run_tells_the_verdict_that_the_upload_would_get_and_writes_nothing() {
    let stage = TestStage::start().await;
    let fixture = example_two_nodes();
    stage.land(&format!("dumps/acme/core/CHG-1001/{}", fixture.file_name), &[], fixture.bytes).await;
    stage.plan().await;
    let before = stage.fingerprint().await;
    let acme = ["--customer", "acme", "--network"];
    let table: [(&[&str], &str); 6] = [
        (&["core", "--ticket", "CHG-1001"], "0 SKIP D1 duplicate"),
        (&["core", "--ticket", "CHG-1001", "--overwrite"], "0 OVERWRITE D1 overwrite"),
        (&["core", "--ticket", "CHG-2002", "--hc-id", "HC-9"], "0 LINK D6 linked"),
        (&["metro", "--ticket", "CHG-1001"], "3 REJECT D8 sha_network_conflict"),
        (&["core"], "3 REJECT - meta_missing:ticket"),
        (&["core", "--ticket", "x"], "3 REJECT - meta_invalid:ticket"),
    ];
    for (flags, expected) in table {
        assert_eq!(verdict(&stage, &[&acme, flags].concat()).await, expected, "{flags:?}");
    }
    let unknown = ["--customer", "globex", "--network", "core", "--ticket", "CHG-1"];
    assert_eq!(verdict(&stage, &unknown).await, "3 REJECT - customer_unknown");
    assert_eq!(verdict(&stage, &[]).await, "0 - - -", "nothing is known of the upload");
    assert_eq!(stage.fingerprint().await, before);
}

#[tokio::test]
async fn a_dry_run_that_would_create_says_so() {
    let stage = TestStage::start().await;
    stage.execute("insert into dump.customer (customer_key, name) values ('acme', 'Acme')").await;
    let flags = ["--customer", "acme", "--network", "core", "--ticket", "CHG-1001"];
    assert_eq!(verdict(&stage, &flags).await, "0 CREATE T0 create");
    assert_eq!(stage.count("select count(*) from dump.network").await, 0);
}
