//! Tags, network elements and addresses taken from names (specs: dumps 2.3, 3.5).

use landfall_archive::{ChainPath, Step};
use landfall_dumps::names::{Place, PlanNe, Role, Tags, plan_ne};
use landfall_dumps::values::{leftmost_ipv4, nename};
use proptest::prelude::*;

fn chain(names: &[&str]) -> ChainPath {
    let step = |name: &&str| Step { path: (*name).to_owned(), offset: 512, size: 7 };
    ChainPath { steps: names.iter().map(step).collect() }
}

/// `role shelf-slot ne` of one component, `-` for none.
fn tags(component: &str) -> String {
    let tags = Tags::of(component);
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let role = text(tags.role.map(|role| role.to_string()));
    format!("{role} {} {}", text(tags.shelf.map(|shelf| shelf.to_string())), text(tags.ne))
}

#[test]
fn role_shelf_and_element_come_from_the_tokens_of_a_component() {
    let table = [
        ("HEL-CORE-01_ECS81-1_ACT_250118.tgz", "ACT ECS81-1 HEL-CORE-01"),
        ("HEL-CORE-01_ECS81_20250118-031407.TAR.GZ", "- ECS81 HEL-CORE-01"),
        ("hel core 01_ecs2_18_standby.tar", "STDBY ECS2-18 HEL_CORE_01"),
        ("EC1830-81-18-ACT", "ACT ECS81-18 -"),
        ("32EC2-3-1-STDBY", "STDBY ECS3-1 -"),
        ("NE7_EC1830-81-1", "- ECS81-1 NE7"),
        ("EC1830_20250118", "- - -"),
        ("EC1830-2025-01-18", "- - -"),
        ("GMRE_DUMP_NORTH_20250118-030000.tgz", "- - -"),
        ("gmre_dump_NORTH_ACT", "ACT - -"),
        ("TMP-AGG-02_20250118-030000.tgz", "- - TMP-AGG-02"),
        ("TMP-AGG-02.tgz", "- - -"),
        ("FACTORY-1", "- - -"),
        ("ACTIVE_SBY", "ACT - -"),
        ("Sby", "STDBY - -"),
        ("ECS081-001", "- ECS81 -"),
        ("ECS99999", "- - -"),
        ("NODE__--ECS5", "- ECS5 NODE"),
        ("_-_ACT", "ACT - -"),
        ("ÄÄNE-1_ACT", "ACT - ÄÄNE-1"),
        ("", "- - -"),
    ];
    for (component, expected) in table {
        assert_eq!(tags(component), expected, "{component}");
    }
}

#[test]
fn a_time_ends_the_element_name_and_a_slot_is_no_date() {
    assert_eq!(tags("ECS81_20250118"), "- ECS81 -");
    assert_eq!(tags("NE1_ECS81_5_20250118"), "- ECS81-5 NE1");
    assert_eq!(tags("NE1-240118_ACT"), "ACT - NE1");
    assert_eq!(tags("NE1-241318_ACT"), "ACT - NE1-241318", "month 13 is no time");
}

#[test]
fn the_outermost_component_below_the_outer_name_names_the_element() {
    let outer = "GMRE_DUMP_NORTH_20250118-030000.tgz";
    let table: [(&str, &[&str], &str); 7] = [
        (outer, &["HEL_20250118.tgz", "TMP_ECS81-1_ACT.tgz", "cli/x.out"], "HEL"),
        (outer, &["cli/x.out"], "UNKNOWN"),
        (outer, &["site/hel 1_ACT/x.out"], "HEL_1"),
        (outer, &["HEL_ACT/more.tgz", "x.out"], "HEL"),
        (outer, &["plain.tgz", "EC1830-81-1-ACT/cli/x.out"], "UNKNOWN"),
        ("HEL_20250118.tgz", &["cli/x.out"], "HEL"),
        (outer, &["NEA_ACT.out"], "UNKNOWN"),
    ];
    for (outer, names, expected) in table {
        assert_eq!(plan_ne(outer, &chain(names)).as_str(), expected, "{names:?}");
    }
}

#[test]
fn role_and_shelf_come_from_the_nearest_component_independently() {
    let names = ["HEL_ECS81-1_ACT.tgz", "gmre_dump.tgz", "EC_STDBY/cli/x.out"];
    let place = Place::of("GMRE_DUMP.tgz", &chain(&names));
    assert_eq!(place.role, Some(Role::Stdby));
    assert!(place.is_master_shelf());
    assert_eq!(place.path, "GMRE_DUMP.tgz!/HEL_ECS81-1_ACT.tgz!/gmre_dump.tgz!/EC_STDBY");
    assert_eq!(place.depth, 2);
}

#[test]
fn an_untagged_directory_is_no_container() {
    let place = Place::of("NE_ACT.tgz", &chain(&["a/b/x.out"]));
    assert_eq!((place.path.as_str(), place.depth, place.role), ("NE_ACT.tgz", 0, Some(Role::Act)));
    let place = Place::of("o.tgz", &chain(&["in.tgz", "HEL_20250118/x.out"]));
    assert_eq!(place.path, "o.tgz!/in.tgz", "a time tag alone makes no container");
}

#[test]
fn the_leftmost_valid_address_of_a_path_is_taken() {
    let table = [
        ("o.tgz!/NE_10.1.2.3.tgz!/cli/x.out", Some("10.1.2.3")),
        ("o_010.001.002.003_ACT/x.out", Some("10.1.2.3")),
        ("o_0.0.0.0!/255.255.255.255!/224.0.0.5!/10.0.0.9/x", Some("10.0.0.9")),
        ("R_14.1.2/x", None),
        ("a_1.2.3.4.5/x", None),
        ("a_1.2.3.400/x", None),
        ("a_0010.2.3.4/x", None),
        ("a_20250118/x", None),
    ];
    for (path, expected) in table {
        assert_eq!(leftmost_ipv4(path).map(|ip| ip.to_string()).as_deref(), expected, "{path}");
    }
}

#[test]
fn a_plan_name_reads_back_and_blank_is_none() {
    let ne: PlanNe = "  hel \t core  1 ".parse().unwrap();
    assert_eq!(ne.as_str(), "HEL_CORE_1");
    let ne: PlanNe = "hel core".parse().unwrap();
    assert_eq!(ne.to_string().parse(), Ok(ne));
    assert!(" \t".parse::<PlanNe>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_path_has_an_element_and_a_container(outer in "\\PC{0,20}", names in prop::collection::vec("\\PC{0,30}", 0..4)) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let chain = chain(&names);
        prop_assert!(!plan_ne(&outer, &chain).as_str().trim().is_empty());
        prop_assert!(Place::of(&outer, &chain).path.starts_with(&outer));
        leftmost_ipv4(&chain.display(&outer));
    }

    #[test]
    fn an_element_name_has_no_trailing_separator(component in "[A-Za-z0-9_. é-]{0,24}") {
        if let Some(ne) = Tags::of(&component).ne {
            prop_assert!(ne.chars().next_back().is_some_and(char::is_alphanumeric), "{ne:?}");
            prop_assert_eq!(nename(&ne), Some(ne.into()));
        }
    }
}
