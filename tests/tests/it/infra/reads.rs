//! Which variables the code of each function reads, told from its sources.
//!
//! A function reads what its own sources name, and what the files of `runtime` name that it calls, or that those call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// A file of `runtime`: how its functions are called, and its code.
struct Part {
    calls: Vec<Regex>,
    code: String,
}

/// The variables of each function crate below `root`.
pub fn variables(root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let parts: Vec<Part> = sources(&root.join("shared/runtime/src")).iter().map(|path| part(path)).collect();
    let functions = fs::read_dir(root.join("functions")).unwrap();
    functions
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (name(&path), read_by(sources(&path.join("src")).iter().map(|p| code(p)).collect(), &parts))
        })
        .collect()
}

/// The variables that some code reads, and all that it calls.
fn read_by(mut codes: Vec<String>, parts: &[Part]) -> BTreeSet<String> {
    let mut left: Vec<&Part> = parts.iter().collect();
    // A function of one's own that is called like one of runtime's is no call.
    let own = Regex::new(r"\bfn \w+").unwrap();
    for code in &mut codes {
        *code = own.replace_all(code, "fn").into_owned();
    }
    loop {
        let (called, others): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|part| part.calls.iter().any(|call| codes.iter().any(|code| call.is_match(code))));
        if called.is_empty() {
            break;
        }
        codes.extend(called.iter().map(|part| part.code.clone()));
        left = others;
    }
    let read = Regex::new(r#"\benv\s*\.\s*(?:get|required|parsed)\s*(?:::<[^>]*>)?\(\s*"([A-Z][A-Z0-9_]*)""#)
        .unwrap();
    let var = Regex::new(r#"\bvar(?:_os)?\(\s*"([A-Z][A-Z0-9_]*)"\s*\)"#).unwrap();
    let found = codes.iter().flat_map(|code| read.captures_iter(code).chain(var.captures_iter(code)));
    found.map(|captures| captures[1].to_owned()).collect()
}

/// A file and its public functions: `Type::name(`, or `name(` and `file::name(` for those of no type.
fn part(path: &Path) -> Part {
    let code = code(path);
    let module = name(path);
    let head = Regex::new(r"^impl(?:<[^>]*>)?\s+(?:\w+\s+for\s+)?(\w+)").unwrap();
    let public = Regex::new(r"^\s*pub (?:async )?fn (\w+)").unwrap();
    let mut of_type = None;
    let mut calls = Vec::new();
    for line in code.lines() {
        if let Some(found) = head.captures(line) {
            of_type = Some(found[1].to_owned());
        } else if line == "}" {
            of_type = None;
        } else if let Some(found) = public.captures(line) {
            let call = match &of_type {
                Some(of_type) => format!(r"\b{of_type}::{}\(", &found[1]),
                None => format!(r"(?:(?:^|[^.:\w])|\b{module}::){}\(", &found[1]),
            };
            calls.push(Regex::new(&call).unwrap());
        }
    }
    Part { calls, code }
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The code of a file without its tests.
fn code(path: &Path) -> String {
    fs::read_to_string(path).unwrap().split("#[cfg(test)]\nmod ").next().unwrap().to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_function_reads_what_it_names_and_what_it_calls_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file("shared/runtime/src/door.rs", "pub async fn run() {\n    House::from_env(&env)\n}\n");
    file(
        "shared/runtime/src/house.rs",
        "impl House {\n    pub fn from_env(env: &Env) {\n        env.get(\"ROOF\");\n    }\n}\n\
         pub fn unused(env: &Env) {\n}\n#[cfg(test)]\nmod tests {\n    fn t() { env.get(\"TESTED\"); }\n}\n",
    );
    file("shared/runtime/src/garden.rs", "pub fn plant(env: &Env) {\n    env.parsed(\"TREES\", 3)\n}\n");
    file("functions/open-door/src/main.rs", "fn main() { door::run(); env.required(\"KEY\", \"x\") }");
    file("functions/dig-hole/src/main.rs", "use runtime::plant;\nfn main() { self.run(); plant(env) }");
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        variables(folder.path()),
        BTreeMap::from([
            ("open-door".to_owned(), set(&["KEY", "ROOF"])),
            ("dig-hole".to_owned(), set(&["TREES"])),
        ])
    );
}
