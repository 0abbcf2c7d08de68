//! `landfall dumps backfill` (specs: dumps 7.8).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use clap::Args;
use landfall_domain::{LoadId, SystemClock, chain_text};
use landfall_runtime::{Clients, Faults};
use landfall_store::Store;
use landfall_store::dump::{self, BackfillCandidate, BackfillFilter, BackfilledRow};
use plan_archive::{Backfill, Backfilled, Rules};
use serde_json::json;

use super::{Context, archive};
use crate::{Console, Exit, Failure, shown};

/// How often the rows are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Failures that are listed.
const LISTED: usize = 20;

/// Run one plugin over dumps that are stored already, from small ranges of their archives.
///
/// Looks at every dump that is COMPLETE or PARTIAL and runs the plugin for the network elements that have no DONE row
/// of it. Nothing else of a dump is read or changed. A second run finds nothing to do.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps backfill --plugin dpr_links --dry-run\n  \
landfall dumps backfill --plugin lsp --customer acme --from 2025-01-01 --force\n\n\
Exit codes: 0 all DONE, 2 bad arguments, 5 database or object store, 6 something failed.")]
pub(crate) struct BackfillDumps {
    /// The plugin. `node` is refused: all that is stored hangs on what it found.
    #[arg(long)]
    plugin: String,
    /// Only dumps of this customer.
    #[arg(long)]
    customer: Option<String>,
    /// Only dumps of the network with this key.
    #[arg(long)]
    network: Option<String>,
    /// Only dumps captured then or later: `2025-01-18`, or with a time.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    from: Option<DateTime<Utc>>,
    /// Only dumps captured before.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    to: Option<DateTime<Utc>>,
    /// Also redo what an older version of the plugin has DONE.
    #[arg(long)]
    force: bool,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Seconds to wait for the workers; with 0 the command ends when all is queued.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    timeout: u64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What was found and done.
#[derive(Debug, Default, serde::Serialize)]
struct Report {
    /// Dumps looked at.
    dumps: usize,
    /// Dumps without a plan, taken over from another system.
    adopted: usize,
    /// Dumps with something to do.
    due: usize,
    /// Network elements that are parsed.
    queued: usize,
    /// Network elements without a file for the plugin.
    missing: usize,
    /// Bytes fetched to find the files.
    bytes_fetched: u64,
    /// Dumps that could not be looked at, with why.
    errors: BTreeMap<i64, String>,
    /// The rows as they ended.
    rows: Vec<BackfilledRow>,
}

impl BackfillDumps {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let registry = archive::registry()?;
        let place = context.place()?;
        let clients = Clients {
            store: place.store().await?,
            objects: place.objects().await?,
            work_bucket: place.work_bucket.as_str().into(),
            clock: Arc::new(SystemClock),
            faults: Faults::none(),
        };
        let store = clients.store.clone();
        let limits = Rules::from_env(&context.env)?.limits;
        let backfill = Backfill::new(clients, (registry, limits), &self.plugin, self.force)
            .map_err(|error| Failure::of(Exit::Arguments, error))?;
        let filter = BackfillFilter {
            customer: self.customer.clone(),
            network: self.network.clone(),
            from: self.from,
            to: self.to,
        };
        let candidates = dump::backfill_candidates(store.pool(), &filter).await?;
        let mut report = Report { dumps: candidates.len(), ..Report::default() };
        let loads = self.queue(&backfill, &candidates, &mut report, console).await;
        if !self.dry_run {
            self.follow(&store, (&backfill, &loads), &mut report, console).await?;
        }
        self.tell(&report, console)?;
        Ok(exit(&report))
    }

    /// Opens the rows of every dump; gives the loads that were touched.
    async fn queue(
        &self,
        backfill: &Backfill,
        candidates: &[BackfillCandidate],
        report: &mut Report,
        console: &Console,
    ) -> Vec<LoadId> {
        let total = u64::try_from(candidates.len()).unwrap_or(0);
        let bar = console.count_bar(total).with_message("dumps looked at");
        let mut loads = Vec::new();
        for candidate in candidates {
            report.adopted = report.adopted.saturating_add(usize::from(candidate.adopted));
            match backfill.run(candidate, self.dry_run).await {
                Ok(done) if done.is_empty() => {}
                Ok(done) => {
                    report.count(&done);
                    loads.push(candidate.load_id);
                }
                Err(error) => {
                    let text = format!("{}: {}", candidate.network, chain_text(&error));
                    report.errors.insert(candidate.dump_id, text);
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        loads
    }

    /// Waits until the rows have ended.
    async fn follow(
        &self,
        store: &Store,
        (backfill, loads): (&Backfill, &[LoadId]),
        report: &mut Report,
        console: &Console,
    ) -> Result<(), Failure> {
        let until = Instant::now().checked_add(Duration::from_secs(self.timeout));
        let bar =
            console.count_bar(u64::try_from(report.queued).unwrap_or(0)).with_message("elements parsed");
        loop {
            report.rows = dump::backfilled_rows(store.pool(), loads, backfill.plan_id()).await?;
            let open = report.rows.iter().filter(|row| !row.is_final).count();
            bar.set_position(u64::try_from(report.queued.saturating_sub(open)).unwrap_or(0));
            if open == 0 || self.timeout == 0 {
                break;
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                bar.finish_and_clear();
                let text = format!("{open} network elements are still open after {} s", self.timeout);
                return Err(Failure::new(Exit::Unexpected, text)
                    .advise("is a platform running? The work stays queued; `landfall status` shows it"));
            }
            tokio::time::sleep(LOOK).await;
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn tell(&self, report: &Report, console: &mut Console) -> Result<(), Failure> {
        if self.json {
            return console
                .json(&json!({ "plugin": self.plugin, "dry_run": self.dry_run, "report": report }));
        }
        let Report { dumps, adopted, due, queued, missing, .. } = report;
        let verb = if self.dry_run { "would be" } else { "were" };
        console.line(format_args!(
            "{dumps} dumps looked at, {due} with something to do: {queued} network elements {verb} parsed, \
             {missing} have no file for {}",
            self.plugin
        ))?;
        if *adopted > 0 {
            console.line(format_args!("{adopted} adopted dumps were skipped: they have no plan"))?;
        }
        console.line(format_args!("{} fetched to find the files", shown::bytes(report.bytes_fetched)))?;
        let records: i64 = report.rows.iter().map(|row| row.records).sum();
        if !self.dry_run {
            let done = report.rows.iter().filter(|row| row.state == "DONE").count();
            console.line(format_args!("{done} DONE with {records} records"))?;
        }
        let mut table = console.table(["DUMP", "NE", "CODE", "TEXT"]);
        for row in report.rows.iter().filter(|row| row.state == "FAILED").take(LISTED) {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            table.add_row([
                row.dump_id.to_string(),
                row.ne.clone(),
                text(&row.error_code),
                text(&row.error_text),
            ]);
        }
        for (dump, error) in report.errors.iter().take(LISTED) {
            table.add_row([dump.to_string(), String::new(), String::new(), error.clone()]);
        }
        console.show(&table)
    }
}

impl Report {
    fn count(&mut self, done: &Backfilled) {
        self.due = self.due.saturating_add(1);
        self.queued = self.queued.saturating_add(done.queued.len());
        self.missing = self.missing.saturating_add(done.missing.len());
        self.bytes_fetched = self.bytes_fetched.saturating_add(done.bytes_fetched);
    }
}

fn exit(report: &Report) -> Exit {
    let failed = report.rows.iter().any(|row| row.state == "FAILED" && row.is_final);
    if !report.errors.is_empty() {
        return Exit::Storage;
    }
    if failed { Exit::Partial } else { Exit::Ok }
}
