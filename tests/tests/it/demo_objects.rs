//! Good dumps and one of each kind of trouble, through the whole platform.

use std::fmt::Write;

use landfall_local::sample::demo_objects;
use landfall_testkit::TestPlatform;

async fn put_demo(platform: &TestPlatform) {
    for object in demo_objects() {
        if object.key.ends_with("_copy.tgz") {
            // Which of the two is the duplicate must not depend on who is faster.
            platform.settle().await;
        }
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
    insta::assert_snapshot!(lines, @"
    done         complete         dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz
    ignored      sidecar          dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz.json
    duplicate    duplicate        dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500_copy.tgz
    ignored      suffix           dumps/acme/core/CHG-1001/readme.txt
    done         complete         dumps/acme/core/CHG-1002/GMRE_DUMP_CORE_20250120-031500.tgz
    done         complete         dumps/acme/metro/CHG-1003/GMRE DUMP METRO+EDGE 20250122-031500.tgz
    quarantined  E_NOT_ARCHIVE    dumps/globex/core/CHG-1004/GMRE_DUMP_CORE_20250119-031500.tgz
    done         partial          dumps/globex/metro/CHG-1005/GMRE_DUMP_METRO_20250124-031500.tgz
    ");
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    platform.stop().await;
}
