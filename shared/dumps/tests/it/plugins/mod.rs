//! The rules of single plugins that no sample shows (specs: dumps 4.2 to 4.12).

mod alarm_state_legacy;
mod dpr_3r;
mod dpr_db;
mod dpr_links;
mod dpr_router_map;
mod dummy;
mod ma_notif_bucket_counts;
mod nea_bucket_counts;
mod nea_trace;

use landfall_dumps::plugins::{ParseContext, ParsedFile, Registry};
use serde_json::Value;

fn parse_in(plugin: &str, text: &str, context: &ParseContext) -> ParsedFile {
    Registry::with_test_plugins().unwrap().plugin(plugin).unwrap().parse(text.as_bytes(), context)
}

/// One line per record with the chosen fields, then outcome, failure and warnings.
fn shown(parsed: &ParsedFile, fields: &[&str]) -> String {
    let mut out = String::new();
    for record in &parsed.records {
        let record: Value = serde_json::to_value(record).unwrap();
        let values: Vec<String> = fields.iter().map(|field| record[field].to_string()).collect();
        out.push_str(&values.join(" | "));
        out.push('\n');
    }
    let error = parsed.error.as_ref().map(|error| format!(" {}", error.code)).unwrap_or_default();
    let warnings: Vec<String> = parsed.warnings.iter().map(|warning| format!(" {warning}")).collect();
    let warnings = warnings.concat();
    format!("{out}{}{error}{warnings}", parsed.outcome)
}

fn parse(plugin: &str, text: &str, fields: &[&str]) -> String {
    shown(&parse_in(plugin, text, &ParseContext::default()), fields)
}
