//! Dependencies point one way (design: the house).

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate and its level: a crate may use those of lower levels. Functions share one: they never use each other.
fn level(package: &Package) -> Option<u8> {
    let folder = package.manifest_path.parent()?.parent()?.file_name()?;
    Some(match (folder, package.name.as_str()) {
        (_, "landfall-domain") => 0,
        (_, "landfall-inflate") => 1,
        (_, "landfall-archive") => 2,
        (_, "landfall-dumps" | "landfall-tickets") => 3,
        (_, "landfall-objects") => 4,
        (_, "landfall-store") => 5,
        (_, "landfall-runtime") => 6,
        ("functions", _) => 7,
        (_, "landfall-local") => 8,
        (_, "landfall-testkit" | "landfall" | "landfall-tests" | "landfall-benches") => 9,
        _ => return None,
    })
}

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap()
}

#[test]
fn dependency_direction_is_one_way() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let mut levels = BTreeMap::new();
    for package in &packages {
        let level = level(package);
        assert!(
            level.is_some(),
            "{} has no place in the order: give it one here and in the design",
            package.name
        );
        levels.insert(package.name.to_string(), level);
    }
    let mut wrong = Vec::new();
    for package in &packages {
        for dependency in package.dependencies.iter().filter(|d| levels.contains_key(&d.name)) {
            let testing = dependency.kind == DependencyKind::Development;
            let allowed = if dependency.name == "landfall-testkit" {
                // Benches measure on the platforms of the testkit; nothing of them is ever shipped.
                testing || package.name == "landfall-benches"
            } else {
                testing || levels[&dependency.name] < levels[package.name.as_str()]
            };
            if !allowed {
                wrong.push(format!("{} uses {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "against the direction: {wrong:?}");
}

#[test]
fn dependency_direction_keeps_the_pure_crates_free_of_stores_and_runtimes() {
    let metadata = metadata();
    let mut wrong = BTreeSet::new();
    for package in metadata.workspace_packages() {
        if level(package).is_none_or(|level| level > 3) {
            continue;
        }
        let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        for name in normal.map(|d| d.name.as_str()) {
            let barred = ["aws", "sqlx", "tokio", "hyper", "lambda", "reqwest"];
            if barred.iter().any(|start| name.starts_with(start)) {
                wrong.insert(format!("{} uses {name}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "not pure: {wrong:?}");
}
