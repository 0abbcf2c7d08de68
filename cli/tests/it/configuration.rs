//! docs/configuration.md lists every variable that the code reads, and no other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Read by libraries on our behalf.
const BY_LIBRARIES: [&str; 2] = ["AWS_ENDPOINT_URL_SQS", "RUST_LOG"];
/// Where programs are looked for: nothing to be configured.
const NOT_OURS: [&str; 1] = ["PATH"];

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The code of all crates, tests left out.
fn code() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for folder in ["functions", "shared"] {
        for package in std::fs::read_dir(root.join(folder)).unwrap() {
            let src = package.unwrap().path().join("src");
            if src.is_dir() {
                sources(&src, &mut files);
            }
        }
    }
    sources(&root.join("cli/src"), &mut files);
    let production = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned()
    };
    files.into_iter().map(production).collect()
}

fn names(pattern: &str, texts: &[String]) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    let found = texts.iter().flat_map(|text| pattern.captures_iter(text));
    found.map(|captures| captures[1].to_owned()).collect()
}

#[test]
fn the_page_lists_the_variables_of_the_code() {
    let code = code();
    let mut read =
        names(r#"\benv\s*\.\s*(?:get|required|parsed)\s*(?:::<[^>]*>)?\(\s*"([A-Z][A-Z0-9_]*)""#, &code);
    read.extend(names(r#"\bvar(?:_os)?\(\s*"([A-Z][A-Z0-9_]*)"\s*\)"#, &code));
    read.extend(names(r#"\bconst\s+[A-Z_]*VARIABLE:\s*&str\s*=\s*"([A-Z][A-Z0-9_]*)""#, &code));
    read.extend(BY_LIBRARIES.map(str::to_owned));
    read.retain(|name| !NOT_OURS.contains(&name.as_str()));
    let page = [include_str!("../../../docs/configuration.md").to_owned()];
    let listed = names(r"(?m)^\| `([A-Z][A-Z0-9_]*)` \|", &page);
    assert!(read.len() > 10, "the code is not found: {read:?}");
    let missing: Vec<_> = read.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&read).collect();
    assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
    assert!(stale.is_empty(), "in docs/configuration.md, but not in the code: {stale:?}");
}
