//! Change files in a process that does nothing else: cleaned, staged, drained.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::TimeDelta;
use drain_changes::{CaptureHistory, DrainChanges, DrainReport, DrainSettings, DrainStatus, Order};
use landfall_domain::{Dataset, SystemClock};
use landfall_objects::{ObjectStore, Pin, ReadOptions};
use landfall_runtime::{Clients, Deadline, Faults, WORK_BUCKET};
use landfall_store::Store;
use landfall_store::tickets::StageRows;
use landfall_tickets::{ChangeFile, Reject, Row, RowSink};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Done, ready};
use crate::machine;
use crate::site::{Address, BUCKET};

/// Longer than any drain of a bench takes.
const DEADLINE: Duration = Duration::from_hours(2);
/// Rows are copied when so many bytes have gathered, as a drain does.
const CHUNK: usize = 4 << 20;
/// What is read of a local file at once.
const BLOCK: usize = 1 << 20;

/// Change files of incidents, and what to do with them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TicketsJob {
    /// Where the objects and the rows are.
    pub place: Place,
    /// What to do.
    pub task: TicketsTask,
}

/// Where a task works.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// Where the objects are.
    pub address: Address,
    /// Where the rows are.
    pub database_url: String,
}

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum TicketsTask {
    /// Read and clean local files; rows are made ready for COPY and dropped.
    Clean(Vec<PathBuf>),
    /// Read and clean objects, and copy their rows into the stage, under this run.
    Stage(Uuid, Vec<String>),
    /// Drain what is there, of this dataset.
    Drain(Dataset),
    /// The same with what comes after the files on Lambda.
    Tick(Dataset),
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct TicketsDone {
    /// Time and memory.
    pub done: Done,
    /// Files.
    pub files: usize,
    /// Rows that were kept.
    pub rows: u64,
    /// Tickets that were new.
    pub inserted: u64,
}

/// Rows on their way.
struct Sink {
    rows: StageRows,
    count: u64,
}

impl RowSink for Sink {
    fn row(&mut self, row: Row<'_>) {
        self.rows.push(row);
        self.count = self.count.saturating_add(1);
    }

    fn reject(&mut self, _: Reject<'_>) {}
}

impl Sink {
    fn of(run: Uuid) -> Self {
        Self { rows: StageRows::of(run), count: 0 }
    }
}

pub(super) async fn serve(job: &TicketsJob) -> anyhow::Result<TicketsDone> {
    let clients = clients(&job.place).await?;
    let memory_before = machine::peak_memory()?;
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let mut told = match &job.task {
        TicketsTask::Clean(files) => clean(files)?,
        TicketsTask::Stage(run, keys) => stage(&clients, *run, keys).await?,
        TicketsTask::Drain(dataset) => drain(clients, *dataset, false).await?,
        TicketsTask::Tick(dataset) => drain(clients, *dataset, true).await?,
    };
    told.done = Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received: 0,
        memory_before,
        memory_peak: machine::peak_memory()?,
    };
    Ok(told)
}

async fn clients(place: &Place) -> anyhow::Result<Clients> {
    let clients = Clients {
        store: Store::connect(&place.database_url, 2)?,
        objects: ObjectStore::connect(&place.address.settings()).await,
        work_bucket: WORK_BUCKET.into(),
        clock: Arc::new(SystemClock),
        faults: Faults::none(),
    };
    // TLS roots and credentials are there before the measurement.
    clients.objects.versioning(BUCKET).await?;
    Ok(clients)
}

async fn drain(clients: Clients, dataset: Dataset, with_hooks: bool) -> anyhow::Result<TicketsDone> {
    let history = Arc::new(CaptureHistory::new(clients.store.clone()));
    let settings = DrainSettings { settle: TimeDelta::zero(), time: DEADLINE, ..DrainSettings::of(BUCKET) };
    let mut drain = DrainChanges::new(clients, settings);
    if with_hooks {
        drain = drain.then(history);
    }
    let report = drain.run(&Order::of(dataset), Deadline::within(DEADLINE)).await?;
    anyhow::ensure!(report.status == DrainStatus::Success, "the drain ended {}", report.status.as_str());
    let sum = |of: fn(&drain_changes::FileReport) -> u64| report.files.iter().map(of).sum();
    Ok(TicketsDone {
        done: Done::default(),
        files: applied(&report)?,
        rows: sum(|file| file.counts.kept),
        inserted: sum(|file| file.inserted),
    })
}

/// How many files there were; all of them must be applied and moved.
fn applied(report: &DrainReport) -> anyhow::Result<usize> {
    let files = report.files.len();
    let done = report.files.iter().filter(|file| file.moved && file.error.is_none()).count();
    anyhow::ensure!(files == done, "{done} of {files} files were applied and moved");
    Ok(files)
}

fn clean(files: &[PathBuf]) -> anyhow::Result<TicketsDone> {
    use std::io::Read as _;

    let (mut rows, run) = (0, Uuid::now_v7());
    let mut block = vec![0; BLOCK];
    for path in files {
        let (mut input, mut sink) = (std::fs::File::open(path)?, Sink::of(run));
        let (mut file, mut hash) = (ChangeFile::new(Dataset::Inc), Sha256::new());
        loop {
            let read = input.read(&mut block)?;
            let bytes = block.get(..read).context("more was read than there is room for")?;
            if bytes.is_empty() {
                break;
            }
            hash.update(bytes);
            file.push(bytes, &mut sink)?;
            if sink.rows.bytes() >= CHUNK {
                sink.rows = StageRows::of(run);
            }
        }
        file.finish(&mut sink)?;
        std::hint::black_box((hash.finalize(), &sink.rows));
        rows += sink.count;
    }
    Ok(TicketsDone { files: files.len(), rows, ..TicketsDone::default() })
}

/// What a drain does before it applies a file.
async fn stage(clients: &Clients, run: Uuid, keys: &[String]) -> anyhow::Result<TicketsDone> {
    let (pool, mut rows) = (clients.store.pool(), 0);
    for key in keys {
        let mut read = clients.objects.read(BUCKET, key, &Pin::default(), ReadOptions::default()).await?;
        let (mut sink, mut hash) = (Sink::of(run), Sha256::new());
        let mut file = ChangeFile::new(Dataset::Inc);
        while let Some(bytes) = read.next().await? {
            hash.update(&bytes);
            file.push(&bytes, &mut sink)?;
            if sink.rows.bytes() >= CHUNK {
                sink.rows.copy(pool).await?;
            }
        }
        file.finish(&mut sink)?;
        sink.rows.copy(pool).await?;
        std::hint::black_box(hash.finalize());
        rows += sink.count;
    }
    Ok(TicketsDone { files: keys.len(), rows, ..TicketsDone::default() })
}
