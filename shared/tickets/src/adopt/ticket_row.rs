//! A ticket, and a closure of one.

use landfall_domain::Dataset;
use serde_json::{Map, Value};

use super::header::Row;
use crate::cleaning::refuse_id;
use crate::columns::{COLUMNS, Column};
use crate::place::{cluster_key, location_key};

pub(super) fn judge(row: &mut Row) {
    let Some(dataset) = row.table.dataset_of_tickets() else { return };
    let id = judge_id(row, dataset);
    let raw = row.get("raw").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(Value::Object(raw)) = raw else {
        row.refuse("raw", "no JSON object");
        return;
    };
    judge_raw(row, &raw, &id);
    let text = |column: Column| raw.get(column.name()).and_then(Value::as_str).unwrap_or_default();
    row.compute(cluster_key(text(Column::Cluster)));
    row.compute(location_key(text(Column::LocationName)));
}

pub(super) fn judge_event(row: &mut Row) {
    if let Some(dataset) = row.get("dataset").and_then(|name| name.parse().ok()) {
        judge_id(row, dataset);
    }
}

/// Brings the id to its form: trimmed, in upper case.
fn judge_id(row: &mut Row, dataset: Dataset) -> String {
    let id = row.get("ticket_id").unwrap_or_default().trim().to_ascii_uppercase();
    if let Some(reason) = refuse_id(&id, dataset) {
        let text =
            format!("no id of {dataset}: {} and 6 to 15 digits ({})", dataset.id_prefix(), reason.as_str());
        row.refuse("ticket_id", text);
    }
    row.set("ticket_id", Some(id.clone()));
    id
}

fn judge_raw(row: &mut Row, raw: &Map<String, Value>, id: &str) {
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|name| !raw.contains_key(*name)).collect();
    if !missing.is_empty() {
        row.refuse("raw", format!("lacks {}", missing.join(", ")));
        return;
    }
    let is_value = |value: &Value| value.is_string() || value.is_null();
    if let Some((name, _)) = raw.iter().find(|(_, value)| !is_value(value)) {
        row.refuse("raw", format!("{name} is neither a string nor null"));
    }
    let named = raw.get(Column::TicketId.name()).and_then(Value::as_str).unwrap_or_default();
    if named.trim().to_ascii_uppercase() != id {
        row.refuse("raw", "is of another ticket");
    }
}
