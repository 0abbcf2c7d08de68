//! The demo's objects and large dumps under the walk and the plan.

use std::net::Ipv4Addr;

use landfall_archive::Limits;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::metadata::{Field, KeyKind, RawMetadata, classify_key};

use super::{plan, shown};
use crate::sample::fixtures::capture_on;
use crate::sample::{DemoObject, Dump, Ec, Node, NodeText, Role, demo_objects, write_large};

#[test]
fn the_demo_shows_what_it_says() {
    let texts: Vec<String> = demo_objects()
        .iter()
        // Its bytes are those of the dump before it.
        .filter(|object| !object.key.ends_with("_copy.tgz"))
        .map(|object| {
            let DemoObject { key, body, what, .. } = object;
            let end = match classify_key(key) {
                KeyKind::Archive => {
                    let file = key.rsplit('/').next().unwrap();
                    shown(plan(file, body, Limits::default(), ActiveFilter::Off))
                }
                other => format!("{other:?}\n"),
            };
            format!("## {what}\n{end}")
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    ## sidecar of the next dump: metadata beside it, never a run of its own
    Sidecar { archive: "dumps/acme/core/CHG-1001/GMRE_DUMP_CORE_20250118-031500.tgz" }

    ## nested dump of two nodes, active and standby ECs
    2025-01-18 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out + cli/all/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out + alarm/alarm_state_history.out
    TMP-AGG-02 from TMP-AGG-02_20250118-031500.tgz!/TMP-AGG-02_ECS81-18_ACT_250118.tgz!/EC1830-81-18-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out

    ## one inner archive is damaged: the rest is read all the same
    2025-01-20 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250120.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open GMRE_DUMP_CORE_20250120-031500.tgz!/HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250120.tgz!/EC1830-81-18-STDBY/cli/CLI_Show_LSP.out
      alarm_state Open GMRE_DUMP_CORE_20250120-031500.tgz!/HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250120.tgz!/EC1830-81-18-STDBY/alarm/alarm_state.out
    TMP-AGG-02 from TMP-AGG-02_20250120-031500.tgz!/TMP-AGG-02_ECS81-1_ACT_250120.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out
    W_CORRUPT_MEMBER HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250120.tgz
    W_EXTRA_CHAIN HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250120.tgz!/EC1830-81-18-STDBY
    W_EXTRA_CHAIN HEL-CORE-01_20250120-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250120.tgz!/EC1830-81-18-STDBY

    ## named like an archive, but a log file: quarantined
    no plan: not an archive: neither gzip nor tar: no known format

    ## a key with blanks and a plus sign
    2025-01-22 03:15:00 second name
    VAA-OLA-09 from VAA-OLA-09_20250122-031500.tgz!/VAA-OLA-09_ECS81-1_ACT_250122.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out

    ## no archive and not named like one: ignored
    OtherSuffix

    ## the upload of the collector ended early: one of two nodes is read
    2025-01-24 03:15:00 second name
    broken: outer_truncated
    OUL-CORE-03 from OUL-CORE-03_20250124-031500.tgz!/OUL-CORE-03_ECS81-1_ACT_250124.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out
    W_CORRUPT_MEMBER
    "#);
}

#[test]
fn the_keys_of_the_demo_give_all_needed_metadata() {
    let archives = demo_objects().into_iter().filter(|object| classify_key(&object.key) == KeyKind::Archive);
    for object in archives {
        let raw = RawMetadata::from_key(&object.key);
        for field in [Field::Customer, Field::Network, Field::Ticket] {
            assert!(raw.get(field).is_some(), "{} {field:?}", object.key);
        }
    }
}

#[test]
fn a_large_dump_is_planned_from_its_own_files() {
    let node = NodeText::new("HEL-CORE-01", Ipv4Addr::new(10, 20, 0, 1)).render();
    let ec = Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", node);
    let dump = Dump::new("core", capture_on(0)).node(Node::new("HEL-CORE-01").ec(ec));
    let mut bytes = Vec::new();
    write_large(&dump, 400_000, &mut bytes).unwrap();
    let plan = plan(&dump.file_name(), &bytes, Limits::default(), ActiveFilter::Off);
    insta::assert_snapshot!(shown(plan), @"
    2025-01-18 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Missing
    ");
}
