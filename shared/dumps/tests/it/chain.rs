//! The choice of the chain (specs: dumps 2.4).
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use landfall_dumps::chain::ActiveFilter::{self, Off, Strict, WithFallback};
use landfall_dumps::plan::PlanWarningCode;

use crate::dump::Dump;

const OUTER: &str = "GMRE_DUMP_NORTH_20250118-030000.tgz";

/// What becomes of one network element with these candidates: chain, extra chains and warnings, shortly.
fn chosen(candidates: &[&str], active: ActiveFilter) -> String {
    let path = |candidate: &&str| {
        let (shelf, role) = candidate.split_at(candidate.len() - 1);
        let shelf = if shelf == "x" { "2" } else { shelf };
        let role = match role {
            "A" => "_ACT",
            "S" => "_STDBY",
            _ => "",
        };
        format!("NE1_ECS{shelf}-1{role}.tgz!/cli/node.out")
    };
    let paths: Vec<String> = candidates.iter().map(path).collect();
    let dump = paths.iter().fold(Dump::named(OUTER).active(active), |dump, path| dump.file(path, ""));
    // A second element keeps the plan alive when the first is dropped.
    let plan = dump.file("NE2_ECS81-1_ACT.tgz!/node.out", "").plan().unwrap();
    let Some(ne) = plan.nes.iter().find(|ne| ne.ne.as_str() == "NE1") else {
        assert_eq!(plan.warnings.count(&PlanWarningCode::WNoActive), 1);
        return "dropped".to_owned();
    };
    let name = |chain: &landfall_dumps::names::Place| {
        let role = chain.role.map_or('U', |role| role.to_string().remove(0));
        let shelf = if chain.is_master_shelf() { "81" } else { "x" };
        format!("{shelf}{role}")
    };
    let mut text = name(&ne.chain);
    for extra in &ne.extra_chains {
        text = format!("{text} +{}", name(extra));
    }
    if plan.warnings.count(&PlanWarningCode::WActiveFallback) > 0 {
        text.push_str(" fallback");
    }
    text
}

#[test]
fn the_decision_table_holds() {
    let table: [(&[&str], [&str; 3]); 7] = [
        (&["81A", "81S"], ["81A +81S", "81A", "81A"]),
        (&["81S", "xA"], ["81S +xA", "xA", "xA"]),
        (&["81A", "xA"], ["81A +xA", "81A +xA", "81A +xA"]),
        (&["81S"], ["81S", "81S fallback", "dropped"]),
        (&["xA", "xS"], ["xA +xS", "xA", "xA"]),
        (&["xU", "xS"], ["xU +xS", "xU +xS fallback", "dropped"]),
        (&["81U", "81A"], ["81A +81U", "81A", "81A"]),
    ];
    for (candidates, expected) in table {
        let reversed: Vec<&str> = candidates.iter().rev().copied().collect();
        for (filter, expected) in [Off, WithFallback, Strict].into_iter().zip(expected) {
            assert_eq!(chosen(candidates, filter), expected, "{candidates:?} {filter:?}");
            assert_eq!(chosen(&reversed, filter), expected, "{reversed:?} {filter:?}");
        }
    }
}

#[test]
fn the_two_options_name_a_filter() {
    let of = ActiveFilter::from_options;
    assert_eq!(
        [of(false, true), of(false, false), of(true, true), of(true, false)],
        [Off, Off, WithFallback, Strict]
    );
}

fn chain_of(paths: &[&str]) -> String {
    Dump::named(OUTER).files(paths).plan().unwrap().nes[0].chain.path.clone()
}

#[test]
fn more_plugins_then_smaller_depth_then_the_path_decide() {
    let more = chain_of(&[
        "NE1_ECS2-1_ACT.tgz!/node.out",
        "NE1_ECS3-1_ACT.tgz!/node.out",
        "NE1_ECS3-1_ACT.tgz!/lsp.out",
    ]);
    assert!(more.ends_with("NE1_ECS3-1_ACT.tgz"), "{more}");
    let shallow = chain_of(&["NE1_ACT.tgz!/a.tgz!/node.out", "NE1_ACT.tgz!/node.out"]);
    assert!(shallow.ends_with("!/NE1_ACT.tgz"), "{shallow}");
    let first = chain_of(&["NE1_ECS2-2_ACT.tgz!/node.out", "NE1_ECS2-1_ACT.tgz!/node.out"]);
    assert!(first.ends_with("ECS2-1_ACT.tgz"), "{first}");
}

#[test]
fn one_file_for_two_plugins_counts_as_two() {
    let path = chain_of(&["NE1_ECS2-1_ACT.tgz!/node.out", "NE1_ECS3-1_ACT.tgz!/dpr_db.out"]);
    assert!(path.ends_with("ECS3-1_ACT.tgz"), "{path}");
}

#[test]
fn a_tagged_directory_is_a_candidate_and_an_untagged_one_is_not() {
    let path =
        chain_of(&["NE1.tgz!/EC1830-81-1-ACT/cli/node.out", "NE1.tgz!/EC1830-81-18-STDBY/cli/node.out"]);
    assert_eq!(path, format!("{OUTER}!/NE1.tgz!/EC1830-81-1-ACT"));
    assert_eq!(chain_of(&["NE1.tgz!/cli/node.out"]), format!("{OUTER}!/NE1.tgz"));
}

#[test]
fn two_elements_in_directories_of_one_archive_are_two_groups() {
    let plan = Dump::named(OUTER).files(&["HEL_20250118/node.out", "TMP_20250118/node.out"]).plan().unwrap();
    let names: Vec<&str> = plan.nes.iter().map(|ne| ne.ne.as_str()).collect();
    assert_eq!(names, ["HEL", "TMP"]);
    assert_eq!(plan.nes[0].chain, plan.nes[1].chain, "the outer object holds both");
    assert_eq!(plan.nes[0].plugins[0].files.len(), 1);
}

#[test]
fn a_damaged_file_makes_no_candidate_and_one_over_the_limit_does() {
    let mut dump = Dump::named(OUTER)
        .broken_file("NE1_ECS81-1_ACT.tgz!/node.out")
        .file("NE1_ECS81-1_STDBY.tgz!/node.out", "");
    dump.options.spool_limit = 10;
    let plan = dump.sized_file("NE1_ECS2-1_ACT.tgz!/node.out", "", 11).plan().unwrap();
    assert!(plan.nes[0].chain.path.ends_with("ECS81-1_STDBY.tgz"));
    assert_eq!(plan.nes[0].extra_chains.len(), 1);
}
