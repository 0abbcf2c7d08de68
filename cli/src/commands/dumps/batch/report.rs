//! What a batch tells: a line for each archive, then a table, then the worst exit code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use landfall_store::dump::RunResult;
use serde::Serialize;

use super::each::{End, Shipped};
use super::{Item, Kind};
use crate::commands::dumps::outcome;
use crate::uploads::Request;
use crate::{Console, Exit, Failure, shown};

/// One archive, as shown in the JSON document.
#[derive(Debug, Default, Serialize)]
struct Line {
    file: PathBuf,
    /// Key and metadata, if it was to be sent.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    exit_code: u8,
    /// Why it was left out or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    result: Option<RunResult>,
}

/// How many archives ended alike.
#[derive(Debug, Default, Serialize)]
struct Tally {
    archives: u64,
    rows: i64,
}

/// The whole batch, as shown.
#[derive(Debug, Serialize)]
struct Document<'a> {
    archives: &'a [Line],
    summary: &'a BTreeMap<String, Tally>,
    exit_code: u8,
}

/// The report of a batch while it runs.
#[derive(Debug)]
pub(super) struct Report {
    expected: usize,
    as_json: bool,
    exit: Exit,
    lines: Vec<Line>,
    tallies: BTreeMap<String, Tally>,
}

impl Report {
    pub fn new(expected: usize, as_json: bool) -> Self {
        Self { expected, as_json, exit: Exit::Ok, lines: Vec::new(), tallies: BTreeMap::new() }
    }

    /// What would be done with an item.
    pub fn planned(&mut self, console: &mut Console, item: &Item, bucket: &str) -> Result<(), Failure> {
        let path = item.path.display();
        let mut line = Line { file: item.path.clone(), ..Line::default() };
        let (title, told, exit) = match &item.kind {
            Kind::Send { request, size } => {
                line.request = Some(request.clone());
                let told = format!("{path} to {bucket}/{} ({})", request.key, shown::bytes(*size));
                ("would put", told, Exit::Ok)
            }
            Kind::Skip(why) => {
                line.problem = Some(one_line(why));
                ("skipped", format!("{path}: {}", one_line(why)), why.exit())
            }
        };
        if !self.as_json {
            console.line(format_args!("{title} {told}"))?;
        }
        self.count((title.to_owned(), 0), exit);
        self.keep(Line { exit_code: exit.code(), ..line });
        Ok(())
    }

    /// What became of an item.
    pub fn shipped(&mut self, console: &mut Console, shipped: Shipped) -> Result<(), Failure> {
        let exit = shipped.exit();
        let Shipped { path, request, end } = shipped;
        let (title, told, rows) = match &end {
            End::Result(result) => (outcome::title(result), outcome::summary(result), result.rows()),
            End::Skipped(why) => ("skipped".to_owned(), one_line(why), 0),
            End::Failed(why) => ("failed".to_owned(), one_line(why), 0),
        };
        if !self.as_json {
            console.line(format_args!("{title} {}: {told}", path.display()))?;
            console.flush()?;
        }
        let (problem, result) = match end {
            End::Result(result) => (None, Some(*result)),
            End::Skipped(_) | End::Failed(_) => (Some(told), None),
        };
        self.count((title, rows), exit);
        self.keep(Line { file: path, request, exit_code: exit.code(), problem, result });
        Ok(())
    }

    fn count(&mut self, (title, rows): (String, i64), exit: Exit) {
        self.exit = self.exit.worst(exit);
        let tally = self.tallies.entry(title).or_default();
        tally.archives = tally.archives.saturating_add(1);
        tally.rows = tally.rows.saturating_add(rows);
    }

    /// Lines are kept for the JSON document only: a batch may be long.
    fn keep(&mut self, line: Line) {
        if self.as_json {
            self.lines.push(line);
        }
    }

    /// The table; gives the worst exit.
    pub fn close(self, console: &mut Console) -> Result<Exit, Failure> {
        if self.as_json {
            let (archives, summary) = (self.lines.as_slice(), &self.tallies);
            console.json(&Document { archives, summary, exit_code: self.exit.code() })?;
            return Ok(self.exit);
        }
        if self.expected == 0 {
            console.line("no archives: nothing below the folder ends in .tgz or .tar.gz")?;
            return Ok(self.exit);
        }
        console.line("")?;
        let mut table = console.table(["OUTCOME", "ARCHIVES", "ROWS"]);
        for (title, tally) in &self.tallies {
            table.add_row(vec![
                title.as_str().into(),
                shown::number(tally.archives),
                shown::number(tally.rows),
            ]);
        }
        console.show(&table)?;
        Ok(self.exit)
    }
}

/// A failure without its advice, which is for the whole batch.
fn one_line(failure: &Failure) -> String {
    failure.to_string().lines().next().unwrap_or_default().to_owned()
}
