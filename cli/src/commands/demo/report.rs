//! What landed where, how long it took, and whether the books are closed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use landfall_local::listing::{self, Verification};
use landfall_local::platform::Platform;
use landfall_store::object::{self, Accounting, Filter, ObjectDetail};
use landfall_store::{attempt, dump};
use serde::Serialize;

use super::drained::Drained;
use super::samples::Uploaded;
use super::settle::in_flight;
use crate::{Console, Failure, shown};

/// Objects that are listed.
const LISTED: i64 = 200;

/// All that the demo tells.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Objects per state and reason.
    objects: BTreeMap<String, BTreeMap<String, i64>>,
    accounting: Books,
    /// Rows per table that readers see.
    rows: BTreeMap<String, i64>,
    /// Stored warnings per code.
    warnings: BTreeMap<String, i64>,
    tickets: Drained,
    timings: BTreeMap<String, Timing>,
    upload: UploadReport,
    seconds: Seconds,
    details: Vec<Detail>,
}

/// The accounting, from three sides: what was put, what the bucket lists, what the states say.
#[derive(Debug, Serialize)]
struct Books {
    /// Versions that the demo has put, in this run and earlier ones.
    landed: usize,
    /// Change files among them that drains have moved: each landed once more, under its new name.
    moved: usize,
    /// Versions in the bucket that others have put.
    others: u64,
    by_state: BTreeMap<String, i64>,
    listed: u64,
    removed: u64,
    in_flight: i64,
    /// Whether all sides name the same versions.
    closed: bool,
    /// Put, but in no state.
    unaccounted: Vec<(String, String)>,
    unseen: Vec<(String, String)>,
    unknown: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct Timing {
    n: i64,
    p50_ms: f64,
    p99_ms: f64,
    bytes_read: i64,
    bytes_inflated: i64,
}

#[derive(Debug, Serialize)]
struct UploadReport {
    new: u64,
    already_there: u64,
    bytes: u64,
}

/// Seconds of this run.
#[derive(Debug, Default, Serialize)]
struct Seconds {
    start: f64,
    upload: f64,
    /// From the first upload until nothing was left to do.
    all: f64,
}

#[derive(Debug, Serialize)]
struct Detail {
    object_id: i64,
    key: String,
    state: String,
    reason: String,
    text: Option<String>,
}

impl Report {
    /// Asks the platform, once it has settled.
    pub async fn gather(platform: &Platform, uploaded: Uploaded, tickets: Drained) -> Result<Self, Failure> {
        let (clients, bucket) = (platform.clients(), platform.bucket());
        let pool = clients.store.pool();
        let states = object::accounting(pool, Some(bucket)).await?;
        let verified = listing::verify(&clients.objects, &clients.store, (bucket, "")).await?;
        let known = object::known_versions(pool, bucket, "").await?;
        let moved: BTreeSet<_> = uploaded.applied.iter().cloned().chain(tickets.moved()).collect();
        let is_nowhere = |version: &&(String, String)| !known.contains(*version) && !moved.contains(*version);
        let unaccounted = uploaded.versions.iter().filter(is_nowhere).cloned().collect();
        let filter = Filter { bucket: Some(bucket.to_owned()), ..Filter::default() };
        let mut found = object::search(pool, &filter, LISTED).await?;
        found.reverse();
        let timings = attempt::timings(pool).await?.into_iter();
        Ok(Self {
            objects: by_reason(&states),
            accounting: Books::of(&states, verified, (uploaded.versions.len(), moved.len()), unaccounted),
            rows: dump::record_counts(pool).await?,
            warnings: dump::warning_counts(pool).await?,
            tickets,
            timings: timings.map(|t| (t.stage.clone(), Timing::of(&t))).collect(),
            upload: UploadReport {
                new: uploaded.new,
                already_there: uploaded.already_there,
                bytes: uploaded.bytes,
            },
            seconds: Seconds::default(),
            details: found.into_iter().map(Detail::of).collect(),
        })
    }

    pub fn with_times(mut self, upload: Duration, all: Duration) -> Self {
        self.seconds.upload = upload.as_secs_f64();
        self.seconds.all = all.as_secs_f64();
        self
    }

    pub fn with_startup(mut self, startup: Duration) -> Self {
        self.seconds.start = startup.as_secs_f64();
        self
    }

    /// Whether the books are closed and nothing is in flight.
    pub fn is_good(&self) -> bool {
        self.accounting.closed && self.accounting.in_flight == 0 && self.tickets.is_good()
    }

    pub fn show(&self, console: &mut Console, data: &Path) -> Result<(), Failure> {
        self.show_objects(console)?;
        self.show_counts(console)?;
        self.tickets.show(console)?;
        self.show_timings(console)?;
        self.show_books(console)?;
        let Seconds { start, upload, all } = self.seconds;
        console.line(format_args!(
            "\nstarted in {start:.1} s, uploaded in {upload:.1} s, all done after {all:.1} s"
        ))?;
        let UploadReport { new, already_there, .. } = self.upload;
        if new == 0 {
            console.line(format_args!(
                "nothing was new: all {already_there} samples were there already; --fresh begins anew"
            ))?;
        }
        let dir = data.display();
        console.line(format_args!(
            "look around: landfall up --data {dir}, then landfall explain ID --data {dir}, \
             landfall tickets open inc --data {dir}"
        ))
    }

    fn show_objects(&self, console: &mut Console) -> Result<(), Failure> {
        let mut table = console.table(["ID", "STATE", "KEY AND REASON"]);
        for detail in &self.details {
            let reason = shown::reason(&detail.reason, detail.text.as_deref());
            table.add_row(vec![
                shown::number(detail.object_id),
                shown::state(&detail.state),
                format!("{}\n  {reason}", detail.key).into(),
            ]);
        }
        console.heading("Objects")?;
        console.show(&table)
    }

    fn show_counts(&self, console: &mut Console) -> Result<(), Failure> {
        let mut table = console.table(["TABLE", "ROWS"]);
        for (name, rows) in &self.rows {
            table.add_row(vec![name.into(), shown::number(rows)]);
        }
        console.heading("Rows")?;
        console.show(&table)?;
        if self.warnings.is_empty() {
            return Ok(());
        }
        let mut table = console.table(["WARNING", "COUNT"]);
        for (code, count) in &self.warnings {
            table.add_row(vec![code.into(), shown::number(count)]);
        }
        console.heading("Warnings")?;
        console.show(&table)
    }

    fn show_timings(&self, console: &mut Console) -> Result<(), Failure> {
        let mut table = console.table(["STAGE", "N", "P50 MS", "P99 MS", "READ", "INFLATED"]);
        for (stage, timing) in &self.timings {
            table.add_row(vec![
                stage.into(),
                shown::number(timing.n),
                shown::number(format!("{:.1}", timing.p50_ms)),
                shown::number(format!("{:.1}", timing.p99_ms)),
                shown::number(shown::stored_bytes(timing.bytes_read)),
                shown::number(shown::stored_bytes(timing.bytes_inflated)),
            ]);
        }
        console.heading("Timings, over all runs on this folder")?;
        console.show(&table)
    }

    fn show_books(&self, console: &mut Console) -> Result<(), Failure> {
        let books = &self.accounting;
        console.heading("Accounting")?;
        let states: Vec<String> = books.by_state.iter().map(|(state, n)| format!("{state} {n}")).collect();
        let total: i64 = books.by_state.values().sum();
        console.line(format_args!(
            "  landed     {} put by the demo, {} of them moved by drains, {} by others",
            books.landed, books.moved, books.others
        ))?;
        console
            .line(format_args!("  listed     {} in the bucket, {} removed", books.listed, books.removed))?;
        console.line(format_args!("  in states  {total}: {}", states.join(", ")))?;
        for (key, version) in books.unaccounted.iter().chain(&books.unseen) {
            console.line(format_args!("  in no state       {key} {version}"))?;
        }
        for (key, version) in &books.unknown {
            console.line(format_args!("  not in the bucket {key} {version}"))?;
        }
        let flight = match books.in_flight {
            0 => "nothing is in flight".to_owned(),
            n => format!("{n} objects are still in flight"),
        };
        let closed = if books.closed { "closed: all sides name the same versions" } else { "NOT closed" };
        console.line(format_args!("  {closed}; {flight}"))
    }
}

impl Books {
    fn of(
        states: &Accounting,
        verified: Verification,
        (landed, moved): (usize, usize),
        unaccounted: Vec<(String, String)>,
    ) -> Self {
        let mut by_state: BTreeMap<String, i64> = BTreeMap::new();
        for row in &states.rows {
            let count = by_state.entry(row.state.clone()).or_default();
            *count = count.saturating_add(row.objects);
        }
        let own = u64::try_from(landed.saturating_add(moved)).unwrap_or(u64::MAX);
        let others = verified.landed.saturating_sub(own);
        let in_states = u64::try_from(states.total()).unwrap_or(0);
        Self {
            landed,
            moved,
            others,
            by_state,
            listed: verified.listed,
            removed: verified.removed,
            in_flight: in_flight(states),
            closed: verified.closed && unaccounted.is_empty() && verified.landed == in_states,
            unaccounted,
            unseen: verified.unseen,
            unknown: verified.unknown,
        }
    }
}

impl Timing {
    fn of(timing: &attempt::StageTiming) -> Self {
        Self {
            n: timing.n,
            p50_ms: timing.p50_ms,
            p99_ms: timing.p99_ms,
            bytes_read: timing.bytes_read,
            bytes_inflated: timing.bytes_inflated,
        }
    }
}

impl Detail {
    fn of(object: ObjectDetail) -> Self {
        let ObjectDetail { object_id, key, state, reason, reason_text, .. } = object;
        Self { object_id, key, state, reason, text: reason_text }
    }
}

fn by_reason(states: &Accounting) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut objects: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in &states.rows {
        let count = objects.entry(row.state.clone()).or_default().entry(row.reason.clone()).or_default();
        *count = count.saturating_add(row.objects);
    }
    objects
}
