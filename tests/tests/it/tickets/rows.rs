//! Each situation of the specification of tickets is the number of a test (specs: tickets 11).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalogue::{in_source, sources};

/// Situations of SQL functions, of statements and of the clock alone, which are proven where those are: their path begins
/// there.
const BY_THEMSELVES: [u32; 5] = [43, 44, 45, 49, 60];

/// The numbers at the beginning of a test's name: `test_05_06_killed` has 5 and 6.
fn numbers(test: &str) -> Vec<u32> {
    let Some(rest) = test.strip_prefix("test_") else { return Vec::new() };
    let two_digits = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = rest.split('_').filter(|part| *part != "test");
    parts.take_while(two_digits).filter_map(|part| part.parse().ok()).collect()
}

/// The numbers of the table.
fn rows() -> BTreeSet<u32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/specs/tickets.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once("\n## 11.").unwrap();
    let table = after.split("\n## ").next().unwrap();
    table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect()
}

/// Where a test drives a function, a command, or the whole flow.
fn is_real_path(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let drives = ["/functions/", "/cli/", "/tests/tests/"].iter().any(|part| path.contains(part));
    drives && path.contains("/tests/it/")
}

/// The files of the tests of each number.
fn proven() -> BTreeMap<u32, Vec<PathBuf>> {
    let mut proven: BTreeMap<u32, Vec<PathBuf>> = BTreeMap::new();
    for (path, source) in sources() {
        for number in in_source(&source).iter().flat_map(|test| numbers(test)) {
            proven.entry(number).or_default().push(path.clone());
        }
    }
    proven
}

#[test]
fn each_situation_of_the_specification_is_the_number_of_a_test_through_the_real_path() {
    let (rows, proven) = (rows(), proven());
    assert_eq!(rows, (1..=60).collect());
    let is_proven = |row: &u32| {
        let paths = proven.get(row);
        paths.is_some_and(|paths| BY_THEMSELVES.contains(row) || paths.iter().any(|path| is_real_path(path)))
    };
    let missing: Vec<u32> = rows.into_iter().filter(|row| !is_proven(row)).collect();
    assert!(missing.is_empty(), "no test through the real path is about {missing:?}");
    let strange: Vec<&u32> = proven.keys().filter(|number| !(1..=60).contains(*number)).collect();
    assert!(strange.is_empty(), "no situation has the numbers {strange:?}");
}

#[test]
fn numbers_stand_at_the_beginning_of_a_name() {
    assert_eq!(numbers("test_05_06_killed_in_10_ways"), [5, 6]);
    assert_eq!(numbers("test_25_test_27_times"), [25, 27]);
    for other in ["test_reader_05", "a_test_05", "test_5_x", "test_123_x"] {
        assert_eq!(numbers(other), [0_u32; 0], "{other}");
    }
}
