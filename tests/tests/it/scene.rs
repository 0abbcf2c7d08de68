//! A small set of objects with one of each end, and what an undisturbed run makes of it.

use std::net::Ipv4Addr;

use landfall_local::sample::fixtures::{Fixture, capture_on, example_corrupt_inner, example_two_nodes};
use landfall_local::sample::{Dump, Ec, LspText, Node, NodeText, Role};
use landfall_testkit::{Fingerprint, TestPlatform};
use tokio::sync::OnceCell;

/// One object to put.
#[derive(Debug, Clone)]
pub struct SceneObject {
    pub key: String,
    pub body: Vec<u8>,
}

impl SceneObject {
    /// A fixture as an upload of a customer's ticket.
    pub fn of(fixture: &Fixture, place: &str) -> Self {
        Self { key: format!("dumps/{place}/{}", fixture.file_name), body: fixture.bytes.clone() }
    }
}

/// A dump of two nodes, the same again, a damaged one, and one that is no archive.
///
/// The duplicate has the key of the first: whichever is worked on first, the outcome is the same.
pub fn objects() -> Vec<SceneObject> {
    let nodes = SceneObject::of(&example_two_nodes(), "acme/core/CHG-1001");
    let damaged = SceneObject::of(&example_corrupt_inner(), "acme/core/CHG-1002");
    let key = "dumps/globex/core/CHG-1004/GMRE_DUMP_CORE_20250119-031500.tgz".to_owned();
    vec![nodes.clone(), nodes, damaged, SceneObject { key, body: b"just a log\n".repeat(100) }]
}

/// Puts the objects one after the other.
pub async fn put(platform: &TestPlatform) {
    for object in objects() {
        platform.put(&object.key, &[], object.body).await;
    }
}

/// The fingerprint of a run that nothing disturbs.
pub async fn undisturbed() -> &'static Fingerprint {
    static RUN: OnceCell<Fingerprint> = OnceCell::const_new();
    RUN.get_or_init(|| async {
        let platform = TestPlatform::start().await;
        put(&platform).await;
        platform.settle().await;
        let fingerprint = platform.fingerprint().await;
        platform.stop().await;
        fingerprint
    })
    .await
}

/// Asserts that a run came to the same as an undisturbed one, and that the books are closed.
pub async fn assert_undisturbed(platform: &TestPlatform, what: &str) {
    let differences = undisturbed().await.differences(&platform.fingerprint().await);
    assert_eq!(differences, "", "{what}: other than undisturbed");
    let books = platform.verify().await;
    assert!(books.closed, "{what}: {books:?}");
}

#[tokio::test]
async fn the_scene_has_one_of_each_end() {
    let platform = TestPlatform::start().await;
    put(&platform).await;
    platform.settle().await;
    let mut states: Vec<_> =
        platform.states().await.into_iter().map(|(_, state, reason)| format!("{state} {reason}")).collect();
    // Which of two equal archives is planned first is nobody's promise.
    states.sort();
    insta::assert_snapshot!(states.join("\n"), @"
    done complete
    done complete
    duplicate duplicate
    quarantined E_NOT_ARCHIVE
    ");
    let fingerprint = platform.fingerprint().await;
    let rows = [
        "dump.capture_dump",
        "dump.dump_node",
        "dump.lsp_entry",
        "dump.alarm_state_entry",
        "dump.parse_warning",
    ]
    .map(|table| format!("{} {table}", fingerprint.rows(table)));
    insta::assert_snapshot!(rows.join("\n"), @"
    2 dump.capture_dump
    4 dump.dump_node
    14 dump.lsp_entry
    7 dump.alarm_state_entry
    29 dump.parse_warning
    ");
    assert_undisturbed(&platform, "a second run").await;
    platform.stop().await;
}

/// A small dump of some nodes of one day. Its time is in the names inside, not in the key.
pub fn dump(day: i32, nodes: &[&str]) -> Vec<u8> {
    let dump = nodes.iter().zip(1_u8..).fold(Dump::new("CORE", capture_on(day)), |dump, (node, number)| {
        let router = Ipv4Addr::new(10, 20, 0, number);
        let ec = Ec::new(81, 1, Role::Act)
            .file("cli/CLI_Show_Node.out", NodeText::new(*node, router).lsps(3).render())
            .file("cli/CLI_Show_LSP.out", LspText::new(*node, router).count(3).render());
        dump.node(Node::new(*node).ec(ec))
    });
    dump.build()
}
