//! Whether a parser and the reader in Python find the same records, value by value.

use std::path::Path;

use anyhow::Context;
use landfall_dumps::plugins::{ParseContext, Registry};
use serde_json::Value;

use super::parsers::READER;
use crate::archive::peers;

/// Compares all records of a file. The reader knows one plugin at a time, so the kind of a record is left out, and so is
/// what is null.
pub async fn check(plugin: &str, basename: &str, path: &Path) -> anyhow::Result<()> {
    let (parsed, read) = (parsed(plugin, basename, path)?, read_in_python(plugin, path).await?);
    for (number, (parsed, read)) in parsed.iter().zip(&read).enumerate() {
        anyhow::ensure!(
            parsed == read,
            "the run does not count: of record {number} of {plugin} the parser has {parsed}, Python {read}"
        );
    }
    let (ours, theirs) = (parsed.len(), read.len());
    anyhow::ensure!(
        ours == theirs,
        "the run does not count: of {plugin} the parser has {ours} records, Python {theirs}"
    );
    Ok(())
}

fn parsed(plugin: &str, basename: &str, path: &Path) -> anyhow::Result<Vec<Value>> {
    let registry = Registry::production()?;
    let plugin = registry.plugin(plugin).context("there is no such plugin")?;
    let context = ParseContext { basename: basename.to_owned(), ..ParseContext::default() };
    let parsed = plugin.parse(&std::fs::read(path)?, &context);
    parsed.records.iter().map(|record| Ok(told(serde_json::to_value(record)?))).collect()
}

async fn read_in_python(plugin: &str, path: &Path) -> anyhow::Result<Vec<Value>> {
    let printed =
        peers::printed(READER, peers::script(READER).arg(plugin).arg(path).arg("--records")).await?;
    let lines = printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Ok(told(serde_json::from_slice(line)?))).collect()
}

/// A record without its kind and without nulls.
fn told(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let is_told = |(name, value): &(String, Value)| name != "kind" && !value.is_null();
    Value::Object(fields.into_iter().filter(is_told).collect())
}
