//! The fixtures under the walk and the plan.

use landfall_archive::Limits;
use landfall_dumps::chain::ActiveFilter;

use super::{plan, shown};
use crate::sample::fixtures::listing::FIXTURES;

fn fixtures(names: &[&str], active: ActiveFilter) -> String {
    let plans = names.iter().map(|name| {
        let fixture = FIXTURES.iter().find(|fixture| fixture.name == *name).unwrap();
        let plan = plan(&fixture.file_name, &fixture.bytes, Limits::default(), active);
        format!("## {name}\n{}", shown(plan))
    });
    plans.collect::<Vec<_>>().join("\n")
}

#[test]
fn plain_fixtures() {
    let names = ["example_small", "example_small_v2", "example_small_v2_with_lsp", "origin_a", "origin_b"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_small
    2025-01-18 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Missing

    ## example_small_v2
    2025-01-19 12:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Missing

    ## example_small_v2_with_lsp
    2025-01-19 12:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## origin_a
    2025-01-31 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250131-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250131.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## origin_b
    2025-01-31 04:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250131-041500.tgz!/HEL-CORE-01_ECS81-1_ACT_250131.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing
    ");
}

#[test]
fn nested_fixtures() {
    let names = [
        "example_nested_chain",
        "example_nested_chain_act_240118",
        "example_deep_nested_depth8",
        "example_depth9",
    ];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_nested_chain
    2025-01-21 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250121-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250121.tgz!/gmre_dump.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_nested_chain_act_240118
    2024-01-18 00:00:00 day name
    HEL-CORE-01 from HEL-CORE-01_20240118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_240118.tgz!/gmre_dump.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_deep_nested_depth8
    2025-01-23 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT.tgz!/level2.tgz!/level3.tgz!/level4.tgz!/level5.tgz!/level6.tgz!/level7.tgz!/level8.tgz
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_depth9
    2025-02-03 04:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT.tgz!/level2.tgz!/level3.tgz!/level4.tgz!/level5.tgz!/level6.tgz!/level7.tgz!/level8.tgz
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Missing
    W_MAX_DEPTH HEL-CORE-01_ECS81-1_ACT.tgz!/level2.tgz!/level3.tgz!/level4.tgz!/level5.tgz!/level6.tgz!/level7.tgz!/level8.tgz!/level9.tgz
    ");
}

#[test]
fn fixtures_with_all_kinds_of_targets() {
    let names = ["example_two_nodes", "example_all_plugins", "example_no_targets"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_two_nodes
    2025-02-02 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250202-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250202.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out
    TMP-AGG-02 from TMP-AGG-02_20250202-031500.tgz!/TMP-AGG-02_ECS81-18_ACT_250202.tgz!/EC1830-81-18-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out

    ## example_all_plugins
    2025-02-10 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250210-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250210.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Open alarm/alarm_state.out
    TMP-AGG-02 from TMP-AGG-02_20250210-031500.tgz!/TMP-AGG-02_ECS81-18_ACT_250210.tgz!/EC1830-81-18-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_no_targets
    no plan: GMRE_DUMP_CORE_20250207-031500.tgz: no whole target file among 3 files
    ");
}

#[test]
fn fixtures_with_a_choice_of_chains() {
    let names = ["example_act_vs_stdby", "example_ecs81_preferred", "example_extra_chain"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_act_vs_stdby
    2025-01-26 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250126-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250126.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_ecs81_preferred
    2025-01-28 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250128-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250128.tgz!/EC1830-81-18-STDBY
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing

    ## example_extra_chain
    2025-02-08 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250208-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250208.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open GMRE_DUMP_CORE_20250208-031500.tgz!/HEL-CORE-01_20250208-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250208.tgz!/EC1830-81-18-STDBY/cli/CLI_Show_LSP.out
      alarm_state Open GMRE_DUMP_CORE_20250208-031500.tgz!/HEL-CORE-01_20250208-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250208.tgz!/EC1830-81-18-STDBY/alarm/alarm_state.out
    W_EXTRA_CHAIN HEL-CORE-01_20250208-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250208.tgz!/EC1830-81-18-STDBY
    W_EXTRA_CHAIN HEL-CORE-01_20250208-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250208.tgz!/EC1830-81-18-STDBY
    ");
}

#[test]
fn fixtures_without_an_active_chain() {
    let names = ["example_active_only_fallback", "example_stdby_only"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::WithFallback), @"
    ## example_active_only_fallback
    2025-01-25 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250125-031500.tgz!/HEL-CORE-01_ECS2-1_250125.tgz!/EC1830-2-1
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing
    W_ACTIVE_FALLBACK HEL-CORE-01_20250125-031500.tgz!/HEL-CORE-01_ECS2-1_250125.tgz!/EC1830-2-1

    ## example_stdby_only
    2025-01-27 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250127-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250127.tgz!/EC1830-81-18-STDBY
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing
    W_ACTIVE_FALLBACK HEL-CORE-01_20250127-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250127.tgz!/EC1830-81-18-STDBY
    ");
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Strict), @"
    ## example_active_only_fallback
    no plan: GMRE_DUMP_CORE_20250125-031500.tgz: all 1 network elements are dropped: none has an active container

    ## example_stdby_only
    no plan: GMRE_DUMP_CORE_20250127-031500.tgz: all 1 network elements are dropped: none has an active container
    ");
}

#[test]
fn fixtures_with_damage_or_a_large_member() {
    let names = ["example_corrupt_inner", "example_truncated_outer", "example_spool_limit"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_corrupt_inner
    2025-01-24 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_20250124-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250124.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open GMRE_DUMP_CORE_20250124-031500.tgz!/HEL-CORE-01_20250124-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250124.tgz!/EC1830-81-18-STDBY/cli/CLI_Show_LSP.out
      alarm_state Missing
    TMP-AGG-02 from TMP-AGG-02_20250124-031500.tgz!/TMP-AGG-02_ECS81-1_ACT_250124.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing
    W_CORRUPT_MEMBER HEL-CORE-01_20250124-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250124.tgz
    W_EXTRA_CHAIN HEL-CORE-01_20250124-031500.tgz!/HEL-CORE-01_ECS81-18_STDBY_250124.tgz!/EC1830-81-18-STDBY

    ## example_truncated_outer
    2025-02-04 03:15:00 second name
    broken: outer_truncated
    HEL-CORE-01 from HEL-CORE-01_20250204-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250204.tgz!/EC1830-81-1-ACT
      node Open cli/CLI_Show_Node.out
      lsp Open cli/CLI_Show_LSP.out
      alarm_state Missing
    W_CORRUPT_MEMBER

    ## example_spool_limit
    2025-02-06 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp SpoolLimit cli/CLI_Show_LSP.out
      alarm_state Missing
    ");
}

#[test]
fn test_reader_case_insensitive_names_are_targets() {
    insta::assert_snapshot!(fixtures(&["example_case"], ActiveFilter::Off), @"
    ## example_case
    2025-01-29 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ecs81-1_Act.TGZ!/EC1830-81-1-act
      node Open Cli/cli_show_NODE.OUT
      lsp Open Cli/Cli_Show_Lsp.Out
      alarm_state Open ALARM/Alarm_State.OUT
    ");
}

#[test]
fn test_reader_windows_backslash_paths_are_targets_and_those_that_go_up_are_skipped() {
    insta::assert_snapshot!(fixtures(&["example_backslash"], ActiveFilter::Off), @"
    ## example_backslash
    2025-02-01 03:15:00 second name
    UNKNOWN from
      node Open dump/cli/CLI_Show_Node.out
      lsp Open dump/cli/CLI_Show_LSP.out
      alarm_state Missing
    W_UNSAFE_PATH
    ");
}

#[test]
fn fixtures_with_unusual_entries() {
    let names = ["example_unsafe_paths", "example_links"];
    insta::assert_snapshot!(fixtures(&names, ActiveFilter::Off), @"
    ## example_unsafe_paths
    2025-02-09 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Open alarm/alarm_state.out
    W_UNSAFE_PATH
    W_UNSAFE_PATH

    ## example_links
    2025-02-05 03:15:00 second name
    HEL-CORE-01 from HEL-CORE-01_ECS81-1_ACT
      node Open cli/CLI_Show_Node.out
      lsp Missing
      alarm_state Missing
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_LSP.out
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/DPR_3R.out
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/nea_bucket.out
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/ma_notif.out
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/DPR_Links.out
    W_SPECIAL_MEMBER HEL-CORE-01_ECS81-1_ACT/cli/alarm_state.out
    ");
}

#[test]
fn test_reader_respects_max_depth_7_and_misses_the_targets_of_depth_8() {
    let fixture = FIXTURES.iter().find(|fixture| fixture.name == "example_deep_nested_depth8").unwrap();
    let limits = Limits { max_depth: 7, ..Limits::default() };
    let error = plan(&fixture.file_name, &fixture.bytes, limits, ActiveFilter::Off).unwrap_err();
    insta::assert_snapshot!(error, @"GMRE_DUMP_CORE_20250123-031500.tgz: no whole target file among 0 files");
}
