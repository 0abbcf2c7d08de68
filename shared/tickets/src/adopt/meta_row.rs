//! A row of `import_meta`: the watermark.

use landfall_domain::ChangeKey;
use serde_json::Value;

use super::header::Row;
use super::value;

const KEY: &str = "source_max_key";
const CONTENT: &str = "content_max_ts";

pub(super) fn judge(row: &mut Row) {
    of_metadata(row);
    let Some(key) = row.get(KEY) else { return };
    let dataset = row.get("dataset").unwrap_or_default();
    match ChangeKey::parse(key) {
        Some(key) if key.dataset().name() == dataset => {}
        _ => row.refuse(
            KEY,
            format!("no key of a change file, as automations/{dataset}/changes/2026-06-25T08-20-00.csv"),
        ),
    }
}

/// Takes what is no column of its own out of `metadata`.
fn of_metadata(row: &mut Row) {
    let metadata = row.get("metadata").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let member = |name| metadata.as_ref().and_then(|object| object.get(name)).and_then(Value::as_str);
    if let (None, Some(key)) = (row.get(KEY), member(KEY)) {
        row.set(KEY, Some(key.to_owned()));
    }
    if let (None, Some(time)) = (row.get(CONTENT), member(CONTENT)) {
        match value::read(super::Kind::Time, time) {
            Ok(time) => row.set(CONTENT, Some(time)),
            Err(text) => row.refuse("metadata", format!("{CONTENT} is {text}")),
        }
    }
}
