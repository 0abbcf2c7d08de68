//! Files, ledger rows, capture time and errors of a plan (specs: dumps 2.4 to 2.7, 7.7).
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_archive::WarningCode;
use landfall_domain::Classify;
use landfall_dumps::capture_time::Source;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::{Birth, Plan, PlanWarningCode, PlannedNe, Totals};
use proptest::prelude::*;

use crate::dump::{Dump, at, plugins};

const OUTER: &str = "GMRE_DUMP_NORTH.tgz";
const ACT: &str = "NE1_ECS81-1_ACT.tgz";
const STDBY: &str = "NE1_ECS81-18_STDBY.tgz";

/// The rows of an element: plugin, birth and files.
fn rows(ne: &PlannedNe) -> String {
    let row = |plugin: &landfall_dumps::plan::PlannedPlugin| {
        let birth = match plugin.birth {
            Birth::Open => "open",
            Birth::Missing => "missing",
            Birth::SpoolLimit { .. } => "spool_limit",
        };
        let files: Vec<&str> = plugin.files.iter().map(|file| file.chain_path.as_str()).collect();
        format!("{} {birth} {}", plugin.plugin, files.join(" ")).trim_end().to_owned()
    };
    ne.plugins.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn plan_of(files: &[&str]) -> Plan {
    Dump::named(OUTER).files(files).plan().unwrap()
}

#[test]
fn a_missing_plugin_takes_all_its_files_from_the_first_extra_chain_that_has_one() {
    let plan = plan_of(&[
        &format!("{ACT}!/cli/node.out"),
        &format!("{STDBY}!/b/lsp.out"),
        &format!("{STDBY}!/a/lsp.out"),
        &format!("{STDBY}!/node.out"),
        "NE1_ECS2-1_STDBY.tgz!/lsp.out",
    ]);
    insta::assert_snapshot!(rows(&plan.nes[0]), @"
    node open GMRE_DUMP_NORTH.tgz!/NE1_ECS81-1_ACT.tgz!/cli/node.out
    dpr_db missing
    lsp open GMRE_DUMP_NORTH.tgz!/NE1_ECS81-18_STDBY.tgz!/a/lsp.out GMRE_DUMP_NORTH.tgz!/NE1_ECS81-18_STDBY.tgz!/b/lsp.out
    nea_trace missing
    alarm_state missing
    dpr_3r missing
    alarm_state_legacy missing
    ");
    let warning = &plan.warnings.kept()[0];
    insta::assert_json_snapshot!(warning, @r#"
    {
      "code": "W_EXTRA_CHAIN",
      "ne": "NE1",
      "plugin": "lsp",
      "chain_path": "GMRE_DUMP_NORTH.tgz!/NE1_ECS81-18_STDBY.tgz",
      "text": "lsp has no file in GMRE_DUMP_NORTH.tgz!/NE1_ECS81-1_ACT.tgz"
    }
    "#);
}

#[test]
fn active_only_limits_the_extra_chains() {
    let dump = Dump::named(OUTER).active(ActiveFilter::WithFallback);
    let files = [format!("{ACT}!/node.out"), format!("{STDBY}!/lsp.out")];
    let plan = dump.file(&files[0], "").file(&files[1], "").plan().unwrap();
    assert_eq!(plan.nes[0].plugins[2].birth, Birth::Missing);
    assert_eq!(plan.warnings.count(&PlanWarningCode::WExtraChain), 0);
}

#[test]
fn one_file_over_the_spool_limit_fails_its_plugin_without_a_fall_back() {
    let mut dump = Dump::named(OUTER).file(&format!("{ACT}!/node.out"), "");
    dump.options.spool_limit = 100;
    let plan = dump
        .sized_file(&format!("{ACT}!/a/lsp.out"), "", 100)
        .sized_file(&format!("{ACT}!/b/lsp.out"), "", 101)
        .file(&format!("{STDBY}!/lsp.out"), "")
        .sized_file(&format!("{ACT}!/dpr_db.out"), "", 100)
        .plan()
        .unwrap();
    let lsp = &plan.nes[0].plugins[2];
    insta::assert_debug_snapshot!(lsp.birth, @r#"
    SpoolLimit {
        text: "GMRE_DUMP_NORTH.tgz!/NE1_ECS81-1_ACT.tgz!/b/lsp.out has 101 bytes, more than the 100 bytes of spool_limit",
    }
    "#);
    assert_eq!(plan.nes[0].plugins[1].birth, Birth::Open, "exactly at the limit is allowed");
    let totals = plan.totals;
    assert_eq!((totals.open_units, totals.spool_limit_units, totals.missing_units), (3, 1, 3));
    assert_eq!(
        (totals.planned_files, totals.planned_bytes),
        (2, 100),
        "dpr_db.out serves two plugins, read once"
    );
    assert_eq!(plan.nes[0].open_plugins().count(), 3);
}

#[test]
fn a_legacy_alarm_file_is_missing_where_an_alarm_state_file_exists() {
    let birth = |files: &[&str]| plan_of(files).nes[0].plugins[6].birth.clone();
    assert_eq!(birth(&["NE1_ACT.tgz!/alarm_state"]), Birth::Open);
    assert_eq!(birth(&["NE1_ACT.tgz!/alarm_state", "NE1_ACT.tgz!/cli/alarm_state.out"]), Birth::Missing);
    assert_eq!(birth(&["NE1_ACT.tgz!/alarm_state", "NE1_STDBY.tgz!/alarm_state.out"]), Birth::Missing);
    assert_eq!(birth(&["NE1_ACT.tgz!/alarm_state", "NE2_ACT.tgz!/alarm_state.out"]), Birth::Open);
}

#[test]
fn a_plugin_is_missing_where_any_plugin_that_it_yields_to_has_a_file() {
    let birth = |file: &str| {
        let mut dump = Dump::named(OUTER).files(&["NE1_ACT.tgz!/alarm_state", file]);
        dump.plugins[6].yields_to = vec!["dpr_db".into(), "alarm_state".into()];
        dump.plan().unwrap().nes[0].plugins[6].birth.clone()
    };
    assert_eq!(birth("NE1_ACT.tgz!/lsp.out"), Birth::Open);
    assert_eq!(birth("NE1_ACT.tgz!/dpr_db.out"), Birth::Missing);
    assert_eq!(birth("NE1_ACT.tgz!/alarm_state.out"), Birth::Missing);
}

#[test]
fn a_damaged_target_is_replaced_from_an_extra_chain() {
    let plan = Dump::named(OUTER)
        .files(&[&format!("{ACT}!/node.out"), &format!("{STDBY}!/lsp.out")])
        .broken_file(&format!("{ACT}!/lsp.out"))
        .warning(WarningCode::WCorruptMember, ACT, "truncated")
        .plan()
        .unwrap();
    assert_eq!(plan.nes[0].plugins[2].files.len(), 1);
    assert_eq!(plan.warnings.count(&PlanWarningCode::WExtraChain), 1);
    assert_eq!(plan.totals.broken_targets, 1);
    let first = &plan.warnings.kept()[0];
    assert_eq!(
        (first.chain_path.as_str(), first.offset),
        ("GMRE_DUMP_NORTH.tgz!/NE1_ECS81-1_ACT.tgz", Some(7))
    );
}

#[test]
fn without_targets_there_is_no_plan() {
    let text = |dump: Dump| {
        let error = dump.plan().unwrap_err();
        format!("{}: {error}", error.code())
    };
    insta::assert_snapshot!(
        text(Dump::named(OUTER).file("readme", "")),
        @"E_NO_TARGETS: GMRE_DUMP_NORTH.tgz: no whole target file among 1 files"
    );
    insta::assert_snapshot!(
        text(Dump::named(OUTER).broken_file("node.out").broken("gzip: bad block at byte 77")),
        @"E_NO_TARGETS: GMRE_DUMP_NORTH.tgz: no whole target file among 1 files; 1 target files were lost to damage; the object is broken: gzip: bad block at byte 77"
    );
    insta::assert_snapshot!(
        text(Dump::named(OUTER).active(ActiveFilter::Strict).file("NE1_STDBY.tgz!/node.out", "")),
        @"E_NO_TARGETS: GMRE_DUMP_NORTH.tgz: all 1 network elements are dropped: none has an active container"
    );
    insta::assert_snapshot!(
        text(Dump::named(OUTER).file("dummy_plugin.target", "")),
        @"E_NO_TARGETS: GMRE_DUMP_NORTH.tgz: no whole target file among 1 files"
    );
}

const LOG: &str = "2025-01-15 01:00:00 [NEA]\n";

fn captured(dump: Dump) -> (String, Source) {
    let capture = dump.plan().unwrap().capture;
    (capture.time.to_rfc3339(), capture.source)
}

#[test]
fn test_ts_hint_priority_names_of_the_chosen_chains_go_from_outside_in_and_by_element() {
    let (time, source) = captured(Dump::named(OUTER).files(&[
        "NE2_ACT_250119.tgz!/node.out",
        "dir_250101/NE1_ACT.tgz!/x_250117.tgz!/y_250116.tgz!/node.out",
        "dir_250101/NE1_STDBY_250110.tgz!/node.out",
    ]));
    // The directory names the element DIR, which goes before NE2; its active container is the chain.
    assert_eq!((time.as_str(), source), ("2025-01-17T00:00:00+00:00", Source::Name));
}

#[test]
fn names_of_extra_chains_and_of_directories_tell_no_time() {
    let files = ["NE1_ACT/EC_240101/node.out", "NE1_STDBY_250110.tgz!/node.out"];
    let (time, source) = captured(Dump::named("D.tgz").files(&files));
    assert_eq!((time.as_str(), source), ("2025-01-20T12:00:00+00:00", Source::Upload));
}

#[test]
fn the_logs_of_the_chain_go_trace_alarm_rest() {
    let log = |day: u32| LOG.replace("-15 ", &format!("-{day} "));
    let all = || {
        Dump::named("D.tgz")
            .file("NE1_ACT.tgz!/dpr_db.out", &log(10))
            .file("NE1_ACT.tgz!/node.out", &log(11))
            .file("NE1_STDBY.tgz!/nea_trace.log", &log(9))
    };
    assert!(captured(all()).0.starts_with("2025-01-10"), "by chain path, and not from an extra chain");
    let all = || all().file("NE1_ACT.tgz!/alarm_state.out", &log(12));
    assert!(captured(all()).0.starts_with("2025-01-12"));
    let (time, source) = captured(all().file("NE1_ACT.tgz!/nea_trace.log", &log(13)));
    assert_eq!((time.as_str(), source), ("2025-01-13T01:00:00+00:00", Source::Log));
    let ne0 = all().file("NE0_ACT.tgz!/node.out", &log(14));
    assert!(captured(ne0).0.starts_with("2025-01-14"), "chains go by element first");
}

#[test]
fn metadata_wins_and_only_the_upload_time_is_warned_about() {
    let mut dump = Dump::named("D_20250118.tgz").file("node.out", LOG);
    dump.meta_capture_ts = Some(at("2025-01-01T00:00:00Z"));
    let plan = dump.plan().unwrap();
    assert_eq!(plan.capture.source, Source::Meta);
    assert_eq!(plan.warnings.count(&PlanWarningCode::WTsFallback), 0);
    let plan = Dump::named("D.tgz").file("node.out", "").plan().unwrap();
    assert_eq!(plan.warnings.count(&PlanWarningCode::WTsFallback), 1);
}

#[test]
fn test_ts_hint_priority_metadata_over_name_over_log_over_upload() {
    let dump = |outer: &'static str, inner: &str, log: &str| {
        Dump::named(outer).file(&format!("{inner}!/node.out"), log)
    };
    let all = || dump("D_20250118.tgz", "NE1_ACT_250117.tgz", LOG);
    let mut stated = all();
    stated.meta_capture_ts = Some(at("2025-01-01T00:00:00Z"));
    let table = [
        (stated, "2025-01-01", Source::Meta),
        (all(), "2025-01-18", Source::Name),
        (dump("D.tgz", "NE1_ACT_250117.tgz", LOG), "2025-01-17", Source::Name),
        (dump("D.tgz", "NE1_ACT.tgz", LOG), "2025-01-15", Source::Log),
        (dump("D.tgz", "NE1_ACT.tgz", "no time\n"), "2025-01-20", Source::Upload),
    ];
    for (dump, day, from) in table {
        let (time, source) = captured(dump);
        assert!(time.starts_with(day), "{time} is not of {day}");
        assert_eq!(source, from);
    }
}

#[test]
fn the_address_is_that_of_the_first_plugins_file() {
    let plan = plan_of(&[
        "NE1_ACT.tgz!/10.0.0.2/lsp.out",
        "NE1_ACT.tgz!/10.0.0.1/dpr_db.out",
        "NE1_ACT.tgz!/node.out",
    ]);
    assert_eq!(plan.nes[0].path_ip, Some("10.0.0.1".parse().unwrap()));
}

fn stored() -> Plan {
    let mut dump = Dump::named("NE1_ECS81-1_ACT_20250118-030000.tgz").file("cli/node.out", "text");
    dump.plugins.truncate(2);
    dump.broken("gzip: crc differs").plan().unwrap()
}

#[test]
fn a_plan_is_stored_and_read_back() {
    let plan = stored();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    let head = Plan { nes: Vec::new(), totals: Totals::default(), ..plan };
    insta::assert_json_snapshot!(head, @r#"
    {
      "plan_id": "00000000-0000-0000-0000-000000000000",
      "outer": "NE1_ECS81-1_ACT_20250118-030000.tgz",
      "options": {
        "active": "off",
        "spool_limit": 67108864
      },
      "capture_ts": "2025-01-18T03:00:00Z",
      "capture_precision": "second",
      "capture_ts_source": "name",
      "outer_end": {
        "broken": {
          "text": "gzip: crc differs"
        }
      },
      "nes": [],
      "warnings": {
        "counts": {},
        "kept": []
      },
      "totals": {
        "files": 0,
        "target_files": 0,
        "broken_targets": 0,
        "planned_files": 0,
        "planned_bytes": 0,
        "open_units": 0,
        "missing_units": 0,
        "spool_limit_units": 0
      }
    }
    "#);
}

#[test]
fn a_stored_element_tells_chain_rows_and_steps() {
    insta::assert_json_snapshot!(stored().nes[0], @r#"
    {
      "ne": "NE1",
      "chain": {
        "path": "NE1_ECS81-1_ACT_20250118-030000.tgz",
        "depth": 0,
        "role": "ACT",
        "shelf": {
          "shelf": 81,
          "slot": 1
        }
      },
      "extra_chains": [],
      "plugins": [
        {
          "plugin": "node",
          "version": 1,
          "priority": 10,
          "birth": "open",
          "files": [
            {
              "chain_path": "NE1_ECS81-1_ACT_20250118-030000.tgz!/cli/node.out",
              "chain": {
                "steps": [
                  {
                    "path": "cli/node.out",
                    "offset": 512,
                    "size": 4
                  }
                ]
              },
              "size": 4,
              "crc32": 4
            }
          ]
        },
        {
          "plugin": "dpr_db",
          "version": 1,
          "priority": 20,
          "birth": "missing",
          "files": []
        }
      ]
    }
    "#);
}

#[test]
fn a_backfill_follows_the_chains_of_the_plan() {
    let files = [format!("{ACT}!/node.out"), format!("{STDBY}!/node.out")];
    let mut dump = Dump::named(OUTER).file(&files[0], "").file(&files[1], "");
    dump.plugins.truncate(1);
    let plan = dump.plan().unwrap();
    let more = Dump::named(OUTER).files(&[
        &format!("{STDBY}!/lsp.out"),
        "NE1_ECS2-1_ACT.tgz!/lsp.out",
        "NE9_ACT.tgz!/lsp.out",
    ]);
    let rows = plan.backfill(&more.contents(), &plugins()[2]);
    assert_eq!(rows.len(), 1, "one row per element of the plan");
    assert_eq!(rows[0].1.birth, Birth::Open);
    assert_eq!(
        rows[0].1.files[0].chain_path,
        format!("{OUTER}!/{STDBY}!/lsp.out"),
        "not from an unplanned container"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_the_archive_does_not_change_the_plan(
        files in prop::collection::btree_set(
            "(NE[12]_(ECS(81|2)-1_)?(ACT|STDBY)?[.]tgz!/){0,2}(EC_ACT/|cli/)?(node[.]out|lsp[.]out|alarm_state)", 1..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut files: Vec<&str> = files.iter().map(String::as_str).collect();
        let plan = plan_of(&files);
        let middle = seed.index(files.len());
        files.rotate_left(middle);
        files.reverse();
        prop_assert_eq!(serde_json::to_string(&plan_of(&files)).unwrap(), serde_json::to_string(&plan).unwrap());
        for ne in &plan.nes {
            prop_assert_eq!(ne.plugins.len(), plugins().len());
        }
        let units = plan.totals.open_units + plan.totals.missing_units + plan.totals.spool_limit_units;
        prop_assert_eq!(units, u64::try_from(plan.nes.len() * plugins().len()).unwrap());
    }
}
