//! Prints the records of one file as JSON lines, then its warnings:
//! `cargo run -p landfall-dumps --example parse -- lsp FILE`.

#![expect(clippy::print_stdout, reason = "printing is what the example does")]

use std::error::Error;
use std::path::Path;

use landfall_dumps::plugins::{ParseContext, Registry};
use landfall_dumps::values::leftmost_ipv4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: parse PLUGIN FILE".into());
    };
    let registry = Registry::production()?;
    let plugin = registry.plugin(&name).ok_or_else(|| format!("no plugin {name}; there are {registry:?}"))?;
    let input = std::fs::read(&path)?;
    let context = ParseContext {
        ne_dir: "UNKNOWN".to_owned(),
        path_ip: leftmost_ipv4(&path),
        basename: Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned(),
        ..ParseContext::default()
    };
    let parsed = plugin.parse(&input, &context);
    for record in &parsed.records {
        println!("{}", serde_json::to_string(record)?);
    }
    for warning in &parsed.warnings {
        println!("{warning}");
    }
    if let Some(error) = &parsed.error {
        println!("{error}");
    }
    println!("{}: {} records, {} warnings", parsed.outcome, parsed.records.len(), parsed.warning_total);
    Ok(())
}
