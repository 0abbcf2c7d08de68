//! A plugin is added by one type and one line: it is matched, planned, ordered and run without another change.

use landfall_dumps::plugins::{Dummy, FileEnd, LspPlugin, NodePlugin, Outcome, Plugin, Reading, Registry};
use landfall_dumps::runner::{NeRun, UnitState, merge};

/// Reads what `lsp` reads, from a file of its own.
#[derive(Default)]
struct Paths {
    lsp: LspPlugin,
}

impl Plugin for Paths {
    fn name(&self) -> &'static str {
        "paths"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        35
    }

    fn targets(&self) -> &[&'static str] {
        &["paths*.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        self.lsp.read(input, reading)
    }
}

#[test]
fn a_registered_plugin_is_matched_planned_and_run_in_its_place() {
    let registry = Registry::builder()
        .register(Dummy)
        .register(Paths::default())
        .register(NodePlugin::default())
        .build()
        .unwrap();
    let matched: Vec<_> = registry.match_plugins("PATHS_1.out").iter().map(|plugin| plugin.name()).collect();
    assert_eq!(matched, ["paths"]);
    let planned: Vec<_> = registry.descriptors().into_iter().map(|plugin| plugin.name.to_string()).collect();
    assert_eq!(planned, ["node", "paths", "dummy"]);

    let states = registry.plugins().map(|plugin| (plugin.name(), UnitState::Pending));
    let mut run = NeRun::new(&registry, "HEL", states);
    while let Some(name) = run.ready().first().copied() {
        run.start(name).unwrap();
        let plugin = registry.plugin(name).unwrap();
        let text = "Name  From  To  Label\na     b     c   9330\n";
        let parsed = match name {
            "paths" => plugin.parse(text.as_bytes(), &run.context("paths_1.out", None)),
            _ => plugin.parse(b"", &run.context("x", None)),
        };
        run.finish(name, &merge(plugin.key_scope(), vec![("p".into(), parsed)])).unwrap();
    }
    assert!(run.is_finished());
    assert_eq!(run.state("paths"), Some(UnitState::Done(Outcome::Ok)));
}
