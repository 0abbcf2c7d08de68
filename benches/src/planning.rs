//! The planning pass: memory that does not follow the archive's size, and its speed.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use landfall_domain::{
    Clock, Feed, Landing, ObjectVersion, Reason, Stage, State, SystemClock, metadata_digest,
};
use landfall_local::endpoint::NoEvents;
use landfall_local::sample::fixtures::capture_on;
use landfall_local::sample::{Dump, Ec, Node, Role, SampleText, write_large};
use landfall_objects::{FileUpload, Versioning};
use landfall_store::Store;
use landfall_store::object::{self, NewObject};
use sqlx::{Connection, PgConnection};

use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{self, Meter, Usage};
use crate::scale::Scale;
use crate::site::{BUCKET, Site};
use crate::worker::{Done, Job, PlanJob, Worker};

/// Sizes of the archives, bytes.
const SIZES: [u64; 2] = [100_000_000, 1_000_000_000];
/// The most that a pass may take, MiB.
const MOST_MEMORY: f64 = 96.0;
/// How much more the tenfold archive may take.
const MOST_GROWTH: f64 = 1.1;

/// One pass.
#[derive(Debug, Clone, Copy)]
struct Planned {
    done: Done,
    usage: Usage,
    read: f64,
    inflated: f64,
}

/// Plans two archives, one ten times as large as the other, each in a process of its own.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let site = Site::start(Versioning::Enabled, Arc::new(NoEvents)).await?;
    say(&format!("planning: load averages {}", machine::load()))?;
    let mut peaks = Vec::new();
    for full in SIZES {
        let size = scale.bytes(full);
        let name = format!("{} MB archive", size / 1_000_000);
        say(&format!("{name}: making it"))?;
        let key = format!("dumps/acme/core/CHG-{size}/GMRE_DUMP_CORE_20250118-031500.tgz");
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("archive");
        let path = file.clone();
        tokio::task::spawn_blocking(move || write_archive(&path, size)).await??;
        site.objects.put_file(BUCKET, &key, FileUpload::new(&file)).await?;
        drop(folder);
        say(&format!("{name}: planning it"))?;
        let mut runs = Vec::new();
        for _ in 0..scale.runs() {
            runs.push(plan(&cluster, &site, &key).await?);
        }
        peaks.push(figures(report, &name, &runs)?);
    }
    if let [small, large] = peaks.as_slice() {
        let growth = Figure::new("peak memory, ten times the archive", "times", large / small);
        report.add(growth.goal(Goal::AtMost(MOST_GROWTH)))?;
    }
    report.table("Planning pass, a process of its own")?;
    say(&format!("planning: load averages {}", machine::load()))?;
    site.stop().await;
    cluster.stop().await
}

/// Two elements with every sample text, the rest logs and core images.
fn write_archive(path: &Path, bytes: u64) -> anyhow::Result<()> {
    let with =
        |ec: Ec, texts: &[SampleText]| texts.iter().fold(ec, |ec, text| ec.file(text.path(), text.bytes));
    let hel = with(Ec::new(81, 1, Role::Act), &SampleText::HEL_CORE_01);
    let tmp = with(Ec::new(81, 1, Role::Act), &SampleText::TMP_AGG_02);
    let dump = Dump::new("CORE", capture_on(0))
        .node(Node::new("HEL-CORE-01").ec(hel))
        .node(Node::new("TMP-AGG-02").ec(tmp));
    let mut out = BufWriter::new(File::create(path)?);
    write_large(&dump, bytes, &mut out)?;
    Ok(())
}

/// Plans the object in a new database, so that each time is the first.
async fn plan(cluster: &Cluster, site: &Site, key: &str) -> anyhow::Result<Planned> {
    let (_, url) = cluster.database().await?;
    let object_id = register(site, &url, key).await?;
    let job = PlanJob { address: site.address.clone(), database_url: url.clone(), object_id };
    let mut worker = Worker::prepare(&Job::Plan(job)).await?;
    let meter = Meter::start(cluster.processes())?;
    worker.begin().await?;
    let done = worker.done().await?;
    let usage = meter.stop()?.with_client(done.cpu_seconds);
    let mut conn = PgConnection::connect(&url).await?;
    let (state, read, inflated): (String, f64, f64) = sqlx::query_as(
        "select o.state, a.bytes_read::float8, a.bytes_inflated::float8
         from ingest.object o join ingest.attempt a using (object_id) where a.stage = 'plan-archive'",
    )
    .fetch_one(&mut conn)
    .await?;
    anyhow::ensure!(state == "dispatched", "the run does not count: the object is {state}");
    conn.close().await?;
    Ok(Planned { done, usage, read, inflated })
}

/// The front door's part: enters an object that was put; gives its id.
pub async fn register(site: &Site, url: &str, key: &str) -> anyhow::Result<i64> {
    let head = site.objects.head(BUCKET, key, None).await?;
    let landing = Landing {
        bucket: BUCKET.into(),
        key: key.to_owned(),
        version: ObjectVersion::new(head.version_id.as_deref(), &head.etag, head.last_modified),
        pin: head.pin(),
        last_modified: Some(head.last_modified),
        size: Some(head.size),
        metadata_digest: Some(metadata_digest(&head.metadata)),
        sequencer: None,
    };
    let object = NewObject {
        landing,
        state: State::Dispatched,
        reason: Reason::new(Stage::PlanArchive.as_str()),
        feed: Some(Feed::Dumps),
    };
    let store = Store::connect(url, 1)?;
    let mut tx = store.begin().await?;
    let new = object::register(&mut tx, &[object], SystemClock.now()).await?;
    tx.commit().await?;
    store.pool().close().await;
    let first = new.first().ok_or_else(|| anyhow::anyhow!("the object is known already"))?;
    Ok(first.object_id.0)
}

/// Adds the figures of one size; gives its peak in MiB.
fn figures(report: &mut Report, name: &str, runs: &[Planned]) -> anyhow::Result<f64> {
    let usages: Vec<Usage> = runs.iter().map(|r| r.usage).collect();
    let of = |value: fn(&Planned) -> f64| runs.iter().map(value).collect::<Vec<f64>>();
    let peaks = of(|r| mib(r.done.memory_peak));
    let before = median(&of(|r| mib(r.done.memory_before)));
    let peak = median(&peaks);
    let figure = Figure::median(format!("{name}: peak memory"), "MiB", peaks);
    report.add(figure.goal(Goal::AtMost(MOST_MEMORY)).peer(format!("{before:.0} MiB before the pass")))?;
    let inflated = median(&of(|r| r.inflated)) / 1e6;
    let speed = of(|r| r.read / 1e6 / r.done.seconds);
    let figure = Figure::median(format!("{name}: pass"), "MB/s of the object", speed);
    report.add(figure.beside(&usages).peer(format!("{inflated:.0} MB inflated over all levels")))?;
    let speed = of(|r| r.inflated / 1e6 / r.done.seconds);
    report.add(Figure::median(format!("{name}: pass"), "MB/s inflated", speed).beside(&usages))?;
    let cpu = Figure::median(format!("{name}: processor time"), "s", of(|r| r.done.cpu_seconds));
    let clock = median(&of(|r| r.done.seconds));
    let store = median(&of(|r| r.usage.own));
    report.add(cpu.peer(format!("{clock:.1} s by the clock; the store used {store:.1} s more")))?;
    Ok(peak)
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
