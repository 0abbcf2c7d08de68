//! Every code of the planning stage, from the object to the stored row (specs: dumps 8).

use std::collections::BTreeSet;

use landfall_archive::Limits;
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::{PlanOptions, PlanWarningCode};
use landfall_local::sample::fixtures::{
    Fixture, capture_on, example_corrupt_inner, example_depth9, example_extra_chain, example_links,
    example_no_targets, example_stdby_only, example_two_nodes, example_unsafe_paths, origin_a, origin_b,
};
use landfall_local::sample::{Dump, Ec, Node, Role, Tar, gzip};
use landfall_testkit::TestStage;
use plan_archive::Rules;

use crate::scene::{FOLDER, land, lenient, plan};

/// A code, the archive that brings it, how chains are chosen, and the end of the place that is named.
type Case = (&'static str, Fixture, ActiveFilter, &'static str);

/// An archive of one file.
fn of_one_file(name: &str, member: &str) -> Fixture {
    let tar = Tar::new().file("HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_LSP.out", b"x").file(member, b"x");
    Fixture { name: "one_file", file_name: name.to_owned(), bytes: gzip(&tar.build()) }
}

/// One element with an active container, and one without.
fn half_active() -> Fixture {
    let ec = |role| Ec::new(81, 1, role).file("cli/CLI_Show_Node.out", "Node Name : X\n");
    let dump = Dump::new("CORE", capture_on(0))
        .node(Node::new("HEL-CORE-01").ec(ec(Role::Act)))
        .node(Node::new("TMP-AGG-02").ec(ec(Role::Stdby)));
    Fixture {
        name: "half_active",
        file_name: "GMRE_DUMP_CORE_20250118-031500.tgz".into(),
        bytes: dump.build(),
    }
}

fn cases() -> Vec<Case> {
    let all = ActiveFilter::Off;
    let packed = "HEL-CORE-01_ECS81-1_ACT/cli/CLI_Show_Node.out.gz";
    let standby = "HEL-CORE-01_ECS81-18_STDBY_250208.tgz!/EC1830-81-18-STDBY";
    vec![
        ("W_MAX_DEPTH", example_depth9(), all, "!/level9.tgz"),
        ("W_SPECIAL_MEMBER", example_links(), all, "/cli/CLI_Show_LSP.out"),
        ("W_UNSAFE_PATH", example_unsafe_paths(), all, ".tgz"),
        ("W_CORRUPT_MEMBER", example_corrupt_inner(), all, "HEL-CORE-01_ECS81-1_ACT_250124.tgz"),
        ("W_UNSUPPORTED_COMPRESSION", of_one_file("D_20250118-031500.tgz", packed), all, packed),
        ("W_ACTIVE_FALLBACK", example_stdby_only(), ActiveFilter::WithFallback, "EC1830-81-18-STDBY"),
        ("W_NO_ACTIVE", half_active(), ActiveFilter::Strict, ""),
        ("W_EXTRA_CHAIN", example_extra_chain(), all, standby),
        ("W_TS_FALLBACK", of_one_file("undated.tgz", "x/y"), all, ""),
    ]
}

/// Code, line, whether there is a text, and place.
const WARNINGS: &str =
    "select concat_ws(' ', code, line, text <> '', chain_path) from dump.parse_warning order by 1";

#[tokio::test]
async fn every_code_of_a_plan_is_stored_with_its_place_and_a_text() {
    let cases = cases();
    let covered: BTreeSet<_> = cases.iter().map(|case| case.0).collect();
    assert_eq!(covered, PlanWarningCode::ALL.iter().map(|code| code.as_str()).collect());
    for (code, fixture, active, place) in cases {
        let stage = TestStage::start().await;
        land(&stage, FOLDER, &[], &fixture).await;
        plan(&stage, Rules { options: PlanOptions { active, ..PlanOptions::default() }, ..lenient() }).await;
        let warnings = stage.texts(WARNINGS).await;
        let told = |row: &String| row.starts_with(&format!("{code} 0 t")) && row.ends_with(place);
        assert!(warnings.iter().any(told), "{code}: {warnings:#?}");
    }
}

#[tokio::test]
async fn the_codes_of_metadata_and_guards_are_stored_with_a_text() {
    let stage = TestStage::start().await;
    let customer = "insert into dump.customer (customer_key, name, country) values ('acme', 'Acme', 'FI')";
    stage.execute(customer).await;
    land(&stage, FOLDER, &[("ticket", "CHG-9"), ("country", "se")], &origin_a()).await;
    plan(&stage, Rules::default()).await;
    land(&stage, FOLDER, &[], &origin_b()).await;
    plan(&stage, Rules::default()).await;
    let texts = "select concat_ws(' ', code, plugin, line, '|', regexp_replace(text, '\\d+', 'n'))
         from dump.parse_warning order by code";
    insta::assert_snapshot!(stage.texts(texts).await.join("\n"), @"
    W_COUNTRY_MISMATCH plan 0 | the customer's row names another country
    W_META_CONFLICT plan 0 | ticket of the object metadata is used; the key has another
    W_SAME_DAY_OTHER_ORIGIN plan 0 | dump n is of the same day and another origin
    ");
}

/// State and code of one upload, and its text.
async fn refused(fixture: &Fixture, limits: Limits) -> String {
    let stage = TestStage::start().await;
    let object = land(&stage, FOLDER, &[], fixture).await;
    plan(&stage, Rules { limits, ..lenient() }).await;
    format!("{}: {}", stage.state(object).await, stage.reason_text(object).await)
}

#[tokio::test]
async fn every_code_of_a_whole_dump_is_stored_with_the_rule_that_it_breaks() {
    let all = Limits::default;
    let text = Fixture { name: "text", file_name: "x.tgz".into(), bytes: b"just a log\n".to_vec() };
    let found = [
        refused(&text, all()).await,
        refused(&example_no_targets(), all()).await,
        refused(&example_two_nodes(), Limits { entries: 3, ..all() }).await,
        refused(&example_two_nodes(), Limits { total_bytes: 4_096, ..all() }).await,
        refused(&example_two_nodes(), Limits { ratio: 1, ratio_floor_bytes: 1, ..all() }).await,
    ];
    insta::assert_snapshot!(found.join("\n"), @"
    quarantined E_NOT_ARCHIVE: not an archive: neither gzip nor tar: no known format
    quarantined E_NO_TARGETS: no whole target file among 3 files
    quarantined E_MEMBER_LIMIT: 4 entries, limit 3, reached at byte 1024 of the tar of HEL-CORE-01_20250202-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250202.tgz
    quarantined E_TOTAL_LIMIT: 4097 bytes inflated, limit 4096, reached at byte 382 of HEL-CORE-01_20250202-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250202.tgz
    quarantined E_BOMB: 513 bytes inflated from 512 object bytes, limit 1:1, reached at byte 188 of the object
    ");
}
