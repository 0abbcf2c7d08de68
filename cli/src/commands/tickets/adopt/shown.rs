//! What a run tells people.

use landfall_store::tickets::adopt::AdoptReport;
use landfall_tickets::adopt::{Note, Problem, SourceMap, Table};

use super::input::Input;
use super::late::Late;
use crate::{Console, Failure, shown};

/// Where the rows came from.
pub(super) struct Source<'a> {
    pub input: &'a Input,
    pub map: &'a SourceMap,
    pub late: &'a Late,
}

impl Source<'_> {
    fn place(&self, table: Table) -> String {
        self.input.place(table, self.map)
    }

    pub(super) fn show(
        &self,
        console: &mut Console,
        report: &AdoptReport,
        dry_run: bool,
    ) -> Result<(), Failure> {
        show_tables(console, report)?;
        self.show_beside(console, report)?;
        self.show_conflicts(console, report)?;
        let moved = report.resolved.unwrap_or(0);
        console.line(match (report.conflict(), dry_run) {
            (0, false) => format!("\nall is taken over; {moved} tickets have another place now"),
            (0, true) => "\ndry run: nothing is written".to_owned(),
            (conflicts, _) => format!("\nnothing is written: {conflicts} rows in conflict"),
        })
    }

    /// What is missing, late, or only told.
    fn show_beside(&self, console: &mut Console, report: &AdoptReport) -> Result<(), Failure> {
        if !report.missing.is_empty() {
            let names: Vec<String> = report.missing.iter().map(|table| self.place(*table)).collect();
            console.line(format_args!("\nnot in the source, left empty: {}", names.join(", ")))?;
        }
        if !report.watermarks.is_empty() {
            console.line("")?;
        }
        for (dataset, key) in &report.watermarks {
            console.line(format_args!("{dataset} goes on behind {key}"))?;
        }
        if self.late.count > 0 {
            console.heading(format_args!("{} files below the watermark will be late", self.late.count))?;
            for key in &self.late.keys {
                console.line(key)?;
            }
        }
        show_differences(console, report)?;
        self.show_notes(console, &report.notes)
    }

    fn show_notes(&self, console: &mut Console, notes: &[Note]) -> Result<(), Failure> {
        if notes.is_empty() {
            return Ok(());
        }
        console.heading("Notes")?;
        let mut table = console.table(["SOURCE", "ROW", "KEY", "NOTE"]);
        for Note { table: of, row, key, text } in notes {
            table.add_row(vec![self.place(*of).into(), shown::number(row), key.into(), text.into()]);
        }
        console.show(&table)
    }

    fn show_conflicts(&self, console: &mut Console, report: &AdoptReport) -> Result<(), Failure> {
        if report.conflicts.is_empty() {
            return Ok(());
        }
        console.heading("Conflicts")?;
        let mut table = console.table(["SOURCE", "ROW", "KEY", "COLUMN", "GIVEN", "STORED", "PROBLEM"]);
        for Problem { table: of, row, key, column, given, stored, text } in &report.conflicts {
            table.add_row(vec![
                self.place(*of).into(),
                row.map_or_else(|| "-".into(), shown::number),
                key.into(),
                column.into(),
                given.into(),
                stored.clone().unwrap_or_default().into(),
                text.into(),
            ]);
        }
        console.show(&table)
    }
}

fn show_tables(console: &mut Console, report: &AdoptReport) -> Result<(), Failure> {
    let mut table = console.table(["TABLE", "INSERT", "SAME", "CONFLICT", "NOTES"]);
    for (name, counts) in &report.tables {
        let numbers = [counts.insert, counts.same, counts.conflict, counts.notes].map(shown::number);
        table.add_row([vec![name.name().into()], numbers.to_vec()].concat());
    }
    console.show(&table)
}

fn show_differences(console: &mut Console, report: &AdoptReport) -> Result<(), Failure> {
    let mut table = console.table(["TABLE", "COLUMN", "TICKETS", "FOR EXAMPLE"]);
    for (name, counts) in &report.tables {
        for (column, difference) in &counts.differences {
            let row = vec![name.name().into(), column.into(), shown::number(difference.tickets)];
            table.add_row([row, vec![difference.example.as_str().into()]].concat());
        }
    }
    if !table.is_empty() {
        console.heading("Columns that are made of raw, and differ from the source's")?;
    }
    console.show(&table)
}
