//! Good dumps and one of each kind of trouble, through the whole platform.

use std::fmt::Write;

use landfall_local::sample::demo_objects;
use landfall_testkit::TestPlatform;

async fn put_demo(platform: &TestPlatform) {
    for object in demo_objects() {
        let metadata: Vec<_> = object.metadata.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        platform.put(&object.key, &metadata, object.body).await;
    }
}

#[tokio::test]
async fn every_object_ends_in_a_state_with_a_reason_and_the_books_close() {
    let platform = TestPlatform::start().await;
    put_demo(&platform).await;
    platform.settle().await;

    let mut lines = String::new();
    for (key, state, reason) in platform.states().await {
        writeln!(lines, "{state:<12} {reason:<16} {key}").unwrap();
    }
    insta::assert_snapshot!(lines, @"");
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    platform.stop().await;
}
