//! The suite on SQS queues of ministack, where that is installed.

use landfall_testkit::Ministack;

use super::rig::ENDPOINT;

/// Tests of the suite, this one left out.
const TESTS: usize = 35;

#[tokio::test]
async fn sqs_queues_of_ministack_hold_the_suite() {
    let Some(server) = Ministack::start("sqs").await else { return };
    let told = server.run_suite(("queue_conformance", "ministack"), ENDPOINT).await;
    server.stop().await;
    let ran = told.lines().filter(|line| line.starts_with("test queue_conformance::")).count();
    assert_eq!(ran, TESTS, "{told}");
    assert!(told.contains("test result: ok."), "{told}");
}
