//! The files of the scenario, against the facts that an independent reading of the specification gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use landfall_domain::{TicketsKey, tickets_key};
use landfall_tickets::place::location_key;
use landfall_tickets::{ChangeFile, Reject, Row, RowSink};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tickets")
}

fn expected() -> Value {
    serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap()
}

#[derive(Default)]
struct Collected {
    tickets: BTreeMap<String, Value>,
    kept: u64,
    reasons: BTreeMap<&'static str, u64>,
}

impl RowSink for Collected {
    fn row(&mut self, row: Row<'_>) {
        self.kept += 1;
        self.tickets.insert(row.ticket_id.to_owned(), serde_json::from_str(row.raw_json).unwrap());
    }

    fn reject(&mut self, reject: Reject<'_>) {
        *self.reasons.entry(reject.reason.as_str()).or_default() += 1;
    }
}

/// What the scenario expects of a file, as far as the file alone tells it.
fn facts(path: &Path, key: &str) -> Value {
    let TicketsKey::Change(key) = tickets_key(key) else { panic!("{key} is no change file") };
    let (mut file, mut collected) = (ChangeFile::new(key.dataset()), Collected::default());
    file.push(&fs::read(path).unwrap(), &mut collected).unwrap();
    let counts = file.finish(&mut collected).unwrap();
    let upserted = collected.tickets.len() as u64;
    assert_eq!(counts.rows_read, counts.sentinel + counts.rejected + counts.alarm + counts.kept);
    json!({
        "rows_read": counts.rows_read, "dropped_alarm": counts.alarm, "dropped_sentinel": counts.sentinel,
        "rejected": counts.rejected, "reject_reasons": collected.reasons, "truncated": counts.truncated,
        "deduped": collected.kept - upserted, "upserted": upserted,
    })
}

#[test]
fn the_counts_of_every_applied_file_are_those_expected() {
    let mut files = 0;
    for run in expected()["runs"].as_array().unwrap() {
        let run_folder = folder().join(run["run"].as_str().unwrap());
        for (key, wanted) in run["files"].as_object().unwrap() {
            if wanted["status"] != "applied" {
                continue;
            }
            let mut wanted = wanted.as_object().unwrap().clone();
            wanted.retain(|name, _| !["status", "inserted", "updated"].contains(&name.as_str()));
            assert_eq!(facts(&run_folder.join(key), key), Value::Object(wanted), "{key}");
            files += 1;
        }
    }
    assert_eq!(files, 9);
}

#[test]
fn the_keys_that_the_scenario_ignores_are_not_ours() {
    for run in expected()["runs"].as_array().unwrap() {
        for key in run["ignored_keys"].as_array().unwrap() {
            assert!(matches!(tickets_key(key.as_str().unwrap()), TicketsKey::NotOurs(_)), "{key}");
        }
    }
}

#[test]
fn the_location_keys_of_the_scenario_are_those_expected() {
    let expected = expected();
    let examples = expected["location_key_examples"].as_object().unwrap();
    assert!(examples.len() > 10);
    for (name, key) in examples {
        assert_eq!(location_key(name).as_deref(), key.as_str(), "{name}");
    }
}
