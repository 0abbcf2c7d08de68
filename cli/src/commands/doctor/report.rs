//! All findings, for people and for programs.

use comfy_table::{Cell, Color};
use landfall_domain::{Finding, Level};
use serde::Serialize;

use crate::shown::counted;
use crate::{Console, Failure};

/// The areas in the order in which they are told.
const AREAS: [&str; 5] = ["store", "queue", "database", "clock", "schedules"];

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    problems: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

impl Report {
    /// The findings by area, else in the order in which they came.
    pub fn of(mut findings: Vec<Finding>) -> Self {
        let area = |finding: &Finding| {
            let name = finding.name.split('.').next().unwrap_or_default();
            AREAS.iter().position(|area| *area == name).unwrap_or(AREAS.len())
        };
        findings.sort_by_key(area);
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        Self { problems: count(Level::Problem), warnings: count(Level::Warning), findings }
    }

    /// The worst level.
    pub fn worst(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
    }

    pub fn show(&self, console: &mut Console) -> Result<(), Failure> {
        let mut table = console.table(["CHECK", "LEVEL", "SEEN"]);
        for finding in &self.findings {
            table.add_row(vec![Cell::new(&finding.name), level(finding.level), Cell::new(&finding.seen)]);
        }
        console.show(&table)?;
        if self.findings.iter().any(|finding| finding.next.is_some()) {
            console.heading("What to do")?;
        }
        for finding in &self.findings {
            if let Some(next) = &finding.next {
                console.line(format_args!("{}: {next}", finding.name))?;
            }
        }
        let (problems, warnings) = (self.problems, self.warnings);
        let (problems, warnings) = (counted(problems, "problem"), counted(warnings, "warning"));
        console.line(format_args!("\n{problems}, {warnings}"))
    }
}

fn level(level: Level) -> Cell {
    let cell = Cell::new(level.as_str());
    match level {
        Level::Ok => cell.fg(Color::Green),
        Level::Skipped => cell,
        Level::Warning => cell.fg(Color::Yellow),
        Level::Problem => cell.fg(Color::Red),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_counted_as_one() {
        let told = [0, 1, 2].map(|count| counted(count, "problem"));
        assert_eq!(told, ["0 problems", "1 problem", "2 problems"]);
    }

    #[test]
    fn findings_are_told_by_area_and_counted() {
        let report = Report::of(vec![
            Finding::problem("clock.store", "", ""),
            Finding::ok("database.version", ""),
            Finding::warning("store.ranges", "", ""),
            Finding::skipped("queue.outbox", ""),
            Finding::ok("store.clean-up", ""),
        ]);
        let names: Vec<&str> = report.findings.iter().map(|finding| finding.name.as_str()).collect();
        assert_eq!(
            names,
            ["store.ranges", "store.clean-up", "queue.outbox", "database.version", "clock.store"]
        );
        assert_eq!((report.problems, report.warnings, report.worst()), (1, 1, Level::Problem));
        assert_eq!(Report::of(Vec::new()).worst(), Level::Ok);
    }
}
