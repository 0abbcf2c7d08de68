//! `landfall dumps sync-customers` (specs: dumps 6.2).

use std::path::{Path, PathBuf};

use clap::Args;
use landfall_domain::Sha256Digest;
use landfall_dumps::customers::{NoHeader, RowProblem, SyncCounts, SyncPlan, read_sheet};
use landfall_store::dump;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::Context;
use super::source::unreadable;
use super::workbook::{self, WorkbookError};
use crate::{Console, Exit, Failure, shown};

/// The sheet that is read if there is one of this name.
const SHEET: &str = "Customers";

/// Bring the stored customers to what an Excel workbook says.
///
/// Reads the sheet `Customers`, else the first one. Its header is the first row with a cell `Customer Name`; the other
/// columns are `Customer Key`, `Country`, `Region`, `Networks`, `Aliases` (both split at `;`) and `Active`. Nothing is
/// removed: a blank cell keeps what is stored, and customers that are not in the sheet stay.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall dumps sync-customers customers.xlsx --dry-run\n\n\
Exit codes: 0 done, also where rows were skipped; 2 no workbook, or no header in it.")]
pub(crate) struct SyncCustomers {
    /// The workbook.
    #[arg(value_name = "FILE.xlsx")]
    file: PathBuf,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl SyncCustomers {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let bytes = read_file(&self.file).await?;
        let bad = |error: WorkbookError| {
            let is_large = matches!(error, WorkbookError::TooLarge(_));
            let failure = Failure::of(Exit::Arguments, error)
                .while_doing(format!("cannot read {}", self.file.display()));
            if is_large {
                failure
            } else {
                failure.advise("save it as an Excel workbook (.xlsx) without a password")
            }
        };
        let sheet = workbook::read_sheet(&bytes, SHEET).map_err(bad)?;
        let (name, sheets) = (sheet.name.clone(), sheet.sheets.clone());
        let read = read_sheet(sheet.rows).map_err(|error| self.no_header(error, &name, &sheets))?;
        let store = context.place()?.store().await?;
        let origin = json!({
            "file": self.file.file_name().map(|name| name.to_string_lossy()),
            "sha256": Sha256Digest::of(&bytes),
            "sheet": name,
        });
        let plan = dump::sync_customers(&store, &read, self.dry_run, &origin, context.now()).await?;
        if self.json {
            console.json(&document(&plan, &origin, self.dry_run))?;
        } else {
            show(console, &plan, self.dry_run)?;
        }
        Ok(Exit::Ok)
    }

    fn no_header(&self, error: NoHeader, sheet: &str, sheets: &[String]) -> Failure {
        Failure::of(Exit::Arguments, error)
            .while_doing(format!("{}: sheet {sheet:?} has no header", self.file.display()))
            .advise(format!(
                "the sheet {SHEET} is read, else the first one; the sheets are {}",
                sheets.join(", ")
            ))
    }
}

/// The whole file, if it is not too large.
async fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(path, error))?;
    let mut bytes = Vec::new();
    let most = workbook::FILE_BYTES.saturating_add(1);
    file.take(most).read_to_end(&mut bytes).await.map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > workbook::FILE_BYTES {
        let most = workbook::FILE_BYTES >> 20;
        return Err(Failure::new(Exit::Arguments, format!("{} has more than {most} MiB", path.display())));
    }
    Ok(bytes)
}

fn document(plan: &SyncPlan, source: &Value, dry_run: bool) -> Value {
    let changes = plan.changes.iter();
    let rows = changes.map(|c| json!({ "row": c.row, "customer": c.key, "change": c.kind }));
    json!({
        "source": source,
        "dry_run": dry_run,
        "counts": plan.counts(),
        "rows": rows.collect::<Vec<_>>(),
        "problems": plan.problems,
    })
}

fn show(console: &mut Console, plan: &SyncPlan, dry_run: bool) -> Result<(), Failure> {
    let SyncCounts { insert, update, same, skip } = plan.counts();
    let end = if dry_run { " (dry run: nothing is written)" } else { "" };
    console.line(format_args!("insert {insert}, update {update}, same {same}, skip {skip}{end}"))?;
    if plan.problems.is_empty() {
        return Ok(());
    }
    console.heading("Skipped rows")?;
    let mut table = console.table(["ROW", "COLUMN", "PROBLEM"]);
    for RowProblem { row, column, text } in &plan.problems {
        table.add_row(vec![shown::number(row), (*column).into(), text.into()]);
    }
    console.show(&table)
}
