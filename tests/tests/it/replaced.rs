//! An object that is replaced or removed while it is worked on (specs: dumps 7.7, "pinned read lost").

use landfall_domain::Stage;
use landfall_objects::Versioning;
use landfall_testkit::TestPlatform;

use crate::scene::dump;

const KEY: &str = "dumps/acme/core/CHG-1001/latest.tgz";
const NODES: [&str; 2] = ["HEL-CORE-01", "TMP-AGG-02"];

/// A platform on which a dump was planned and waits to be parsed.
async fn planned(versioning: Versioning, nodes: &[&str]) -> TestPlatform {
    let platform = TestPlatform::configured(|config| config.versioning = versioning).await;
    platform.queue().hold(Stage::ParseMember).await;
    platform.put(KEY, &[], dump(0, nodes)).await;
    while platform.queue().waiting(Stage::ParseMember).await < i64::try_from(nodes.len()).unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    platform
}

/// Lets the parsing go on, and tells of each object and each unit what became of it.
async fn finish(platform: &TestPlatform) -> String {
    platform.queue().release(Stage::ParseMember).await;
    platform.platform().wake();
    platform.settle_hurried().await;
    let lines: Vec<String> = sqlx::query_scalar(
        "select line from (
            select object_id, 0 as load_id, '' as ne, concat_ws(' ', state, reason, case when present then 'present' end)
                as line from ingest.object
            union all select l.object_id, l.load_id, p.plan_ne, concat_ws(' ', '  ', p.plan_ne, p.plugin, p.state,
                p.error_code) from dump.plugin_ledger p join dump.load l using (load_id) where p.outcome <> 'missing'
        ) t order by object_id, load_id, ne, line",
    )
    .fetch_all(platform.pool())
    .await
    .unwrap();
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    lines.join("\n")
}

/// A dump of these nodes that is replaced by one of the first node.
async fn replaced(nodes: &[&str]) -> String {
    let platform = planned(Versioning::Unversioned, nodes).await;
    platform.put(KEY, &[], dump(1, &NODES[..1])).await;
    let report = finish(&platform).await;
    platform.stop().await;
    report
}

#[tokio::test]
async fn replaced_without_versions_it_is_superseded_and_the_new_one_is_worked_on() {
    insta::assert_snapshot!(replaced(&NODES).await, @"
    superseded E_SOURCE_CHANGED
       HEL-CORE-01 lsp FAILED E_SOURCE_CHANGED
       HEL-CORE-01 node FAILED E_SOURCE_CHANGED
       TMP-AGG-02 lsp FAILED E_SOURCE_CHANGED
       TMP-AGG-02 node FAILED E_SOURCE_CHANGED
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
    ");
    insta::assert_snapshot!(replaced(&NODES[..1]).await, @"
    superseded E_SOURCE_CHANGED
       HEL-CORE-01 lsp FAILED E_SOURCE_CHANGED
       HEL-CORE-01 node FAILED E_SOURCE_CHANGED
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
    ");
}

/// A dump of these nodes that is removed.
async fn removed(nodes: &[&str]) -> String {
    let platform = planned(Versioning::Unversioned, nodes).await;
    let objects = &platform.platform().clients().objects;
    objects.delete(platform.platform().bucket(), KEY, None).await.unwrap();
    let report = finish(&platform).await;
    platform.stop().await;
    report
}

#[tokio::test]
async fn removed_without_versions_it_is_gone() {
    insta::assert_snapshot!(removed(&NODES).await, @"
    gone E_SOURCE_MISSING
       HEL-CORE-01 lsp FAILED E_SOURCE_MISSING
       HEL-CORE-01 node FAILED E_SOURCE_MISSING
       TMP-AGG-02 lsp FAILED E_SOURCE_MISSING
       TMP-AGG-02 node FAILED E_SOURCE_MISSING
    ");
    insta::assert_snapshot!(removed(&NODES[..1]).await, @"
    gone E_SOURCE_MISSING
       HEL-CORE-01 lsp FAILED E_SOURCE_MISSING
       HEL-CORE-01 node FAILED E_SOURCE_MISSING
    ");
}

#[tokio::test]
async fn with_versions_the_pinned_one_is_read_on() {
    let platform = planned(Versioning::Enabled, &NODES[..1]).await;
    platform.put(KEY, &[], dump(1, &NODES[..1])).await;
    insta::assert_snapshot!(finish(&platform).await, @"
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
    ");
    platform.stop().await;
}

#[tokio::test]
async fn a_hidden_version_is_read_on_and_a_removed_one_is_gone() {
    let platform = planned(Versioning::Enabled, &NODES[..1]).await;
    let objects = &platform.platform().clients().objects;
    objects.delete(platform.platform().bucket(), KEY, None).await.unwrap();
    insta::assert_snapshot!(finish(&platform).await, @"
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
    ");
    platform.stop().await;

    let platform = planned(Versioning::Enabled, &NODES[..1]).await;
    let version: String =
        sqlx::query_scalar("select version_id from ingest.object").fetch_one(platform.pool()).await.unwrap();
    let objects = &platform.platform().clients().objects;
    objects.delete(platform.platform().bucket(), KEY, Some(&version)).await.unwrap();
    insta::assert_snapshot!(finish(&platform).await, @"
    gone E_SOURCE_MISSING
       HEL-CORE-01 lsp FAILED E_SOURCE_MISSING
       HEL-CORE-01 node FAILED E_SOURCE_MISSING
    ");
    platform.stop().await;
}

#[tokio::test]
async fn the_same_content_put_again_resumes_what_its_lost_source_left_open() {
    let platform = planned(Versioning::Unversioned, &NODES).await;
    let objects = &platform.platform().clients().objects;
    objects.delete(platform.platform().bucket(), KEY, None).await.unwrap();
    finish(&platform).await;
    platform.put("dumps/acme/core/CHG-1001/again.tgz", &[], dump(0, &NODES)).await;
    insta::assert_snapshot!(finish(&platform).await, @"
    gone E_SOURCE_MISSING
    done complete present
       HEL-CORE-01 lsp DONE
       HEL-CORE-01 node DONE
       TMP-AGG-02 lsp DONE
       TMP-AGG-02 node DONE
    ");
    platform.stop().await;
}
