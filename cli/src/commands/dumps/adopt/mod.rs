//! `landfall dumps adopt` (specs: dumps 10).

mod files;
mod input;

use std::collections::BTreeMap;

use clap::Args;
use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{Conflict, Table};
use landfall_store::dump::{AdoptCounts, AdoptReport, Adoption};
use serde_json::{Value, json};

use super::Context;
use crate::{Console, Exit, Failure, shown};
use input::Input;

/// Take over what the system before knew of customers, networks, archives and tickets.
///
/// Reads the tables `customers`, `networks`, `network_elements`, `archives` and `links`: files of these names with
/// `.csv` in a folder, or tables or views in a Postgres database, which is only read. All is written in one
/// transaction or, with a single conflict, nothing. Stop the event sources first: until it ends nobody else can store
/// dumps.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps adopt --from ./export --dry-run\n  \
landfall dumps adopt --from postgres://reader@old-db/dumps\n\n\
docs/adopt-dumps.md has the columns, and how to go about it.\n\n\
Exit codes: 0 all is taken over or was there; 2 the input does not read; 3 conflicts, nothing is written.")]
pub(crate) struct Adopt {
    /// A folder with CSV files, or the URL of a Postgres database.
    #[arg(long, value_name = "DIR|DSN")]
    from: String,
    /// Only say what would be taken over.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Adopt {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let mut input = Input::open(&self.from).await?;
        let store = context.place()?.store().await?;
        let mut adoption = Adoption::begin(&store, context.now()).await?;
        let bar = console.count_bar(0);
        let mut digests = BTreeMap::new();
        for table in Table::ALL {
            bar.set_message(table.name());
            if let Some(digest) = input.hand_over(table, &mut adoption, &bar).await? {
                digests.insert(table, digest);
            }
        }
        bar.finish_and_clear();
        if digests.is_empty() {
            let names: Vec<String> = Table::ALL.iter().map(|table| input.file(*table)).collect();
            let text = format!("{} has none of {}", input.name(), names.join(", "));
            return Err(Failure::new(Exit::Arguments, text));
        }
        let source = json!({ "from": input.name(), "sha256": digests });
        let report = adoption.finish(self.dry_run, &source).await?;
        if self.json {
            console.json(&self.document(&report, &digests, &input))?;
        } else {
            self.show(console, &report, &input)?;
        }
        Ok(if report.conflicts.is_empty() { Exit::Ok } else { Exit::Rejected })
    }

    fn document(
        &self,
        report: &AdoptReport,
        digests: &BTreeMap<Table, Sha256Digest>,
        input: &Input,
    ) -> Value {
        json!({
            "from": input.name(),
            "sha256": digests,
            "dry_run": self.dry_run,
            "written": report.written,
            "tables": report.tables,
            "conflicts": report.conflicts,
        })
    }

    fn show(&self, console: &mut Console, report: &AdoptReport, input: &Input) -> Result<(), Failure> {
        let mut table = console.table(["TABLE", "INSERT", "SAME", "CONFLICT"]);
        for (name, AdoptCounts { insert, same, conflict }) in &report.tables {
            let numbers = [insert, same, conflict].map(shown::number);
            table.add_row([vec![name.name().into()], numbers.to_vec()].concat());
        }
        console.show(&table)?;
        show_conflicts(console, &report.conflicts, input)?;
        console.line(match (report.conflicts.len(), self.dry_run) {
            (0, false) => "\nall is taken over".to_owned(),
            (0, true) => "\ndry run: nothing is written".to_owned(),
            (conflicts, _) => format!("\nnothing is written: {conflicts} conflicts"),
        })
    }
}

fn show_conflicts(console: &mut Console, conflicts: &[Conflict], input: &Input) -> Result<(), Failure> {
    if conflicts.is_empty() {
        return Ok(());
    }
    console.heading("Conflicts")?;
    let mut table = console.table(["FILE", "ROW", "COLUMN", "GIVEN", "STORED", "PROBLEM"]);
    for Conflict { table: of, row, column, given, stored, text } in conflicts {
        table.add_row(vec![
            input.file(*of).into(),
            shown::number(row),
            (*column).into(),
            given.into(),
            stored.clone().unwrap_or_default().into(),
            text.into(),
        ]);
    }
    console.show(&table)
}
