//! Dumps with few files, and workers.

use landfall_archive::Limits;
use std::net::Ipv4Addr;
use std::sync::Arc;

use landfall_domain::Stage;
use landfall_dumps::plugins::{AlarmState, LspPlugin, NodePlugin};
use landfall_dumps::plugins::{FileEnd, ParsedFile, Plugin, Reading, Registry};
use landfall_local::sample::fixtures::capture_on;
use landfall_local::sample::{Dump, Ec, LspText, Node, NodeText, Role, SampleText};
use landfall_testkit::{TestStage, production};
use parse_member::ParseMember;

/// The element of most dumps.
pub const NE: &str = "HEL-CORE-01";
/// Where most dumps are put.
pub const KEY: &str = "dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz";
/// Plugin, state, outcome, tries and code of the ledger rows of those plugins that these dumps have files for.
pub const LEDGER: &str = "select concat_ws(' ', plan_ne, plugin, state, outcome, attempts, error_code)
     from dump.plugin_ledger where plugin in ('node', 'lsp', 'census', 'alarm_state') order by plan_ne, priority";

/// A text that no plugin knows a layout for.
pub const GARBAGE: &str = "nothing that a parser of ours would know\nand one line more of it\n";

/// The answer to `show node` of an element with a router id.
pub fn node_text(ne: &str, last: u8) -> String {
    NodeText::new(ne, Ipv4Addr::new(10, 20, 0, last)).render()
}

/// The LSPs of an element.
pub fn lsp_text(count: u32) -> String {
    LspText::new(NE, Ipv4Addr::new(10, 20, 0, 1)).count(count).render()
}

/// The alarms of the samples.
pub fn alarm_text() -> &'static [u8] {
    SampleText::HEL_CORE_01.iter().find(|sample| sample.plugin == "alarm_state").unwrap().bytes
}

/// A file name and its content.
pub type File<'a> = (&'a str, &'a [u8]);

/// A dump of some elements, each with the files of its controller.
pub fn dump(nodes: &[(&str, &[File<'_>])]) -> Vec<u8> {
    let dump = nodes.iter().fold(Dump::new("CORE", capture_on(0)), |dump, (ne, files)| {
        let empty = Ec::new(81, 1, Role::Act).file("log/messages", "x");
        let ec = files.iter().fold(empty, |ec, (name, content)| ec.file(format!("cli/{name}"), *content));
        dump.node(Node::new(*ne).ec(ec))
    });
    dump.build()
}

/// A dump of one element with all three files.
pub fn whole_dump() -> Vec<u8> {
    let (node, lsp) = (node_text(NE, 1), lsp_text(5));
    dump(&[(
        NE,
        &[
            ("CLI_Show_Node.out", node.as_bytes()),
            ("CLI_Show_LSP.out", lsp.as_bytes()),
            ("alarm_state.out", alarm_text()),
        ],
    )])
}

/// Lands and plans a dump; gives the object's id.
pub async fn planned(stage: &TestStage, body: Vec<u8>) -> i64 {
    let object = stage.land(KEY, &[], body).await;
    stage.plan().await;
    object
}

/// A worker with a name.
pub fn worker(stage: &TestStage, name: &str) -> ParseMember {
    ParseMember::new(stage.clients(), production(), name, Limits::default())
}

/// Parses what is due, and what becomes due by it.
pub async fn parse(stage: &TestStage, worker: &ParseMember) {
    loop {
        let event = stage.take(Stage::ParseMember).await;
        if event.records.is_empty() {
            return;
        }
        assert!(stage.handle(worker, event).await.is_empty());
    }
}

/// Called by [`Watched`] with what it has parsed.
type Hook = Arc<dyn Fn(&mut ParsedFile) + Send + Sync>;

/// The LSP plugin with somebody who looks over its shoulder.
pub struct Watched {
    inner: LspPlugin,
    hook: Hook,
}

impl Plugin for Watched {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> u32 {
        self.inner.version()
    }

    fn priority(&self) -> u32 {
        self.inner.priority()
    }

    fn targets(&self) -> &[&'static str] {
        self.inner.targets()
    }

    fn requires(&self) -> &[&'static str] {
        self.inner.requires()
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        let mut parsed = self.inner.parse(input, reading.context);
        (self.hook)(&mut parsed);
        hand_on(parsed, reading)
    }
}

/// Hands on the records of a file as they are, repeated ones too.
pub fn hand_on(parsed: ParsedFile, mut reading: Reading<'_>) -> FileEnd {
    let end = FileEnd::from(&parsed);
    parsed.records.into_iter().for_each(|record| reading.records.push_unique(record));
    assert_eq!(reading.records.finish(), end.record_count);
    end
}

/// A worker whose LSP plugin calls back before it gives its records.
pub fn watched(stage: &TestStage, hook: impl Fn(&mut ParsedFile) + Send + Sync + 'static) -> ParseMember {
    let registry = Registry::builder()
        .register(NodePlugin::default())
        .register(Watched { inner: LspPlugin::default(), hook: Arc::new(hook) })
        .register(AlarmState::default())
        .build();
    ParseMember::new(stage.clients(), Arc::new(registry.unwrap()), "watched", Limits::default())
}

/// Bytes that do not compress.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 2_463_534_242_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}
