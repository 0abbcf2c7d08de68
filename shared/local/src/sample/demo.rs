//! The objects of `landfall demo`: good dumps, and one of each kind of trouble.

use std::net::Ipv4Addr;

use super::compress::{offset_at, truncate};
use super::dump::{Damage, Dump, Ec, Node, Role};
use super::fixtures::{HEL, TMP, capture_on};
use super::texts::SampleText;
use super::{AlarmText, Layout, LspText, NodeText, filler, noise};

/// One object to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoObject {
    /// The key, `dumps/{customer}/{network}/{ticket}/{file}`, not encoded.
    pub key: String,
    /// User metadata: names without `x-amz-meta-`, such as `hc-id`, and values.
    pub metadata: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
    /// What it is there to show, in one line.
    pub what: &'static str,
}

impl DemoObject {
    pub(super) fn new(key: impl Into<String>, body: impl Into<Vec<u8>>, what: &'static str) -> Self {
        Self { key: key.into(), metadata: Vec::new(), body: body.into(), what }
    }

    fn meta(mut self, name: &str, value: &str) -> Self {
        self.metadata.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// All demo objects in the order of upload.
///
/// Dumps of one network have their own origin and their own capture day, so that no time guard strikes. The
/// customers are `acme` and `globex`; nothing but the keys names them.
pub fn demo_objects() -> Vec<DemoObject> {
    let nested = nested();
    let nested_key = format!("dumps/acme/core/CHG-1001/{}", nested.file_name());
    let bytes = nested.build();
    vec![
        // The sidecar comes before its dump: a later one would not count.
        DemoObject::new(
            format!("{nested_key}.json"),
            "{\"customer\": \"acme\", \"network\": \"core\", \"country\": \"FI\"}\n",
            "sidecar of the next dump: metadata beside it, never a run of its own",
        ),
        DemoObject::new(nested_key, bytes.clone(), "nested dump of two nodes, active and standby ECs")
            .meta("origin", "nightly"),
        DemoObject::new(
            "dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500_copy.tgz",
            bytes,
            "the same bytes under another key: a duplicate",
        )
        .meta("origin", "nightly"),
        corrupt_inner(),
        DemoObject::new(
            "dumps/globex/core/CHG-1004/GMRE_DUMP_CORE_20250119-031500.tgz",
            filler(40_000, 4),
            "named like an archive, but a log file: quarantined",
        ),
        strange_key(),
        DemoObject::new(
            "dumps/acme/core/CHG-1001/readme.txt",
            "Collected by the night shift.\n",
            "no archive and not named like one: ignored",
        ),
        truncated_outer(),
    ]
}

/// (a) Two nodes. The first has the sample texts and generated ones beside them; the second only generated
/// ones, with the sample texts of other plugins.
fn nested() -> Dump {
    let hel = Node::new(HEL)
        .ec(with_logs(
            Ec::new(81, 1, Role::Act)
                .samples(&SampleText::HEL_CORE_01, &["node", "dpr_db", "lsp", "alarm_state", "dpr_links"])
                .file("cli/all/CLI_Show_LSP.out", lsps(HEL, 1).count(400).render())
                .file("alarm/alarm_state_history.out", alarms(HEL, 0).count(300).render()),
            1,
        ))
        .ec(with_logs(Ec::new(81, 18, Role::Stdby).samples(&SampleText::HEL_CORE_01, &["node", "lsp"]), 2));
    let others = ["dpr_db", "nea_trace", "nea_bucket_counts", "ma_notif_bucket_counts", "dpr_router_map"];
    let tmp = Node::new(TMP)
        .ec(with_logs(
            generated(Ec::new(81, 18, Role::Act), TMP, 2, 0).samples(&SampleText::TMP_AGG_02, &others),
            3,
        ))
        .ec(with_logs(Ec::new(81, 1, Role::Stdby), 4));
    Dump::new("CORE", capture_on(0)).node(hel).node(tmp)
}

/// (c) The archive of one active EC breaks in its log; the standby EC and the other node are whole.
fn corrupt_inner() -> DemoObject {
    let broken = Ec::new(81, 1, Role::Act)
        .file("cli/CLI_Show_Node.out", NodeText::new(HEL, router(1)).render())
        .file("log/messages.1", filler(400_000, 31))
        .file("cli/CLI_Show_LSP.out", lsps(HEL, 1).count(120).render())
        .damage(Damage::BreakIn(1));
    let hel = Node::new(HEL).ec(broken).ec(generated(Ec::new(81, 18, Role::Stdby), HEL, 1, 2));
    let tmp = Node::new(TMP).ec(generated(Ec::new(81, 1, Role::Act), TMP, 2, 2));
    let dump = Dump::new("CORE", capture_on(2)).node(hel).node(tmp);
    let key = format!("dumps/acme/core/CHG-1002/{}", dump.file_name());
    DemoObject::new(key, dump.build(), "one inner archive is damaged: the rest is read all the same")
        .meta("origin", "weekly")
}

/// (e) Blanks and a plus sign in the file name.
fn strange_key() -> DemoObject {
    let dump = Dump::new("METRO", capture_on(4)).node(
        Node::new("VAA-OLA-09").ec(with_logs(generated(Ec::new(81, 1, Role::Act), "VAA-OLA-09", 9, 4), 5)),
    );
    DemoObject::new(
        "dumps/acme/metro/CHG-1003/GMRE DUMP METRO+EDGE 20250122-031500.tgz",
        dump.build(),
        "a key with blanks and a plus sign",
    )
    .meta("hc-id", "HC-0042")
}

/// (g) The outer archive ends inside the second node, before that one's targets.
fn truncated_outer() -> DemoObject {
    let node = |ne: &str, router_id: u8| {
        let logs = with_logs(Ec::new(81, 1, Role::Act), router_id.into());
        Node::new(ne).ec(generated(logs, ne, router_id, 6))
    };
    let dump = Dump::new("METRO", capture_on(6)).node(node("OUL-CORE-03", 3)).node(node("TUR-AGG-04", 4));
    let bytes = dump.build();
    let len = offset_at(&bytes, 750);
    let key = format!("dumps/globex/metro/CHG-1005/{}", dump.file_name());
    DemoObject::new(
        key,
        truncate(bytes, len),
        "the upload of the collector ended early: one of two nodes is read",
    )
}

/// Adds `node`, `lsp` and `alarm_state` with some hundred records.
fn generated(ec: Ec, ne: &str, router_id: u8, day: i32) -> Ec {
    let node = NodeText::new(ne, router(router_id)).layout(Layout::Table).render();
    ec.file("cli/CLI_Show_Node.out", node)
        .file("cli/CLI_Show_LSP.out", lsps(ne, router_id).count(300).layout(Layout::Table).render())
        .file("alarm/alarm_state.out", alarms(ne, day).count(200).layout(Layout::KeyValue).render())
}

/// Adds what makes most of a real archive: logs and a core image.
fn with_logs(ec: Ec, seed: u64) -> Ec {
    (0..3).fold(ec.file("core/image.0", noise(100_000, seed)), |ec, number| {
        ec.file(format!("log/messages.{number}"), filler(400_000, seed * 100 + number))
    })
}

fn router(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 20, 0, last)
}

fn lsps(ne: &str, router_id: u8) -> LspText {
    LspText::new(ne, router(router_id)).seed(router_id.into())
}

fn alarms(ne: &str, day: i32) -> AlarmText {
    AlarmText::new(ne, capture_on(day)).seed(u64::from(day.unsigned_abs()) + 1)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use flate2::read::MultiGzDecoder;

    use super::{DemoObject, demo_objects};

    /// Names of the whole entries of an archive, and whether it breaks.
    fn whole(bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, bool) {
        let mut found = Vec::new();
        let mut read = || -> io::Result<()> {
            for entry in tar::Archive::new(MultiGzDecoder::new(bytes)).entries()? {
                let mut entry = entry?;
                let mut body = Vec::new();
                entry.read_to_end(&mut body)?;
                found.push((entry.path()?.display().to_string(), body));
            }
            Ok(())
        };
        let broken = read().is_err();
        (found, broken)
    }

    fn object<'a>(objects: &'a [DemoObject], end: &str) -> &'a DemoObject {
        objects.iter().find(|object| object.key.ends_with(end)).unwrap()
    }

    #[test]
    fn keys_follow_the_layout() {
        let objects = demo_objects();
        let lines: Vec<String> =
            objects.iter().map(|object| format!("{} {:?}", object.key, object.metadata)).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz.json []
        dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz [("origin", "nightly")]
        dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500_copy.tgz [("origin", "nightly")]
        dumps/acme/core/CHG-1002/GMRE_DUMP_CORE_20250120-031500.tgz [("origin", "weekly")]
        dumps/globex/core/CHG-1004/GMRE_DUMP_CORE_20250119-031500.tgz []
        dumps/acme/metro/CHG-1003/GMRE DUMP METRO+EDGE 20250122-031500.tgz [("hc-id", "HC-0042")]
        dumps/acme/core/CHG-1001/readme.txt []
        dumps/globex/metro/CHG-1005/GMRE_DUMP_METRO_20250124-031500.tgz []
        "#);
    }

    #[test]
    fn the_copy_has_the_bytes_and_the_place_of_the_nested_dump() {
        let objects = demo_objects();
        let first = object(&objects, "CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz");
        let copy = object(&objects, "_copy.tgz");
        assert_eq!(first.body, copy.body);
        assert_eq!(first.metadata, copy.metadata);
        assert_ne!(first.key, copy.key);
        let (nodes, broken) = whole(&first.body);
        assert!(!broken);
        assert_eq!(nodes.len(), 2);
        for (_, node) in nodes {
            let (ecs, broken) = whole(&node);
            assert!(!broken);
            assert_eq!(ecs.iter().filter(|(name, _)| name.contains("_ACT_")).count(), 1);
            assert_eq!(ecs.iter().filter(|(name, _)| name.contains("_STDBY_")).count(), 1);
        }
    }

    #[test]
    fn one_inner_archive_breaks_after_its_first_target_and_before_its_last() {
        let objects = demo_objects();
        let (nodes, broken) = whole(&object(&objects, "20250120-031500.tgz").body);
        assert!(!broken);
        let ecs: Vec<_> = nodes.iter().flat_map(|(_, node)| whole(node).0).collect();
        let broken: Vec<&str> =
            ecs.iter().filter(|(_, ec)| whole(ec).1).map(|(name, _)| name.as_str()).collect();
        assert_eq!(broken, ["HEL-CORE-01_ECS81-1_ACT_250120.tgz"]);
        let kept: Vec<String> = whole(&ecs[0].1).0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(kept, ["EC1830-81-1-ACT/", "EC1830-81-1-ACT/cli/CLI_Show_Node.out"]);
    }

    #[test]
    fn the_truncated_dump_keeps_its_first_node() {
        let objects = demo_objects();
        let (nodes, broken) = whole(&object(&objects, "20250124-031500.tgz").body);
        assert!(broken);
        let names: Vec<&str> = nodes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["OUL-CORE-03_20250124-031500.tgz"]);
    }

    #[test]
    fn the_false_archive_is_neither_gzip_nor_tar() {
        let objects = demo_objects();
        let false_archive = object(&objects, "CHG-1004/GMRE_DUMP_CORE_20250119-031500.tgz");
        assert!(!false_archive.body.starts_with(&[0x1f, 0x8b]));
        assert!(tar::Archive::new(false_archive.body.as_slice()).entries().unwrap().next().unwrap().is_err());
    }

    #[test]
    fn equal_calls_give_equal_objects() {
        assert_eq!(demo_objects(), demo_objects());
    }
}
