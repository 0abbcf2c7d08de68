//! One plugin over dumps that are there already: by the stored indexes, then the same without them.

use std::fs::OpenOptions;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_archive::{Limits, index_key};
use landfall_dumps::plugins::Registry;
use landfall_local::platform::Platform;
use landfall_local::sample::write_large;
use landfall_objects::{FileUpload, Versioning};
use landfall_runtime::WORK_BUCKET;
use landfall_store::dump::{BackfillFilter, backfill_candidates};
use plan_archive::Backfill;
use sqlx::PgPool;
use tempfile::TempDir;

use super::archive::{ROWS, dump};
use super::flow::ARCHIVES;
use crate::cluster::Cluster;
use crate::disk::free_bytes;
use crate::figure::{Figure, Goal, Report, say};
use crate::front_door::flow::platform;
use crate::machine::{Meter, Usage, shares};
use crate::scale::Scale;
use crate::site::{Address, BUCKET};
use crate::worker::{Body, Job, Keys, PutJob, Sender, Worker};

/// The plugin that comes later.
const PLUGIN: &str = "lsp";
/// Bytes of a large archive.
const LARGE: u64 = 200_000_000;
/// Large archives, and how many where the disk has no room for them twice.
const MANY: u32 = 20;
const FEW: u32 = 4;
/// How often is looked whether all is done.
const LOOK: Duration = Duration::from_millis(25);
/// Where gzip has a time that nobody reads (RFC 1952, 2.3.1): archives with another one are others, byte by byte.
const MTIME: u64 = 4;

/// A platform with dumps that are done.
struct Ingested {
    platform: Platform,
    pool: PgPool,
    archives: u32,
    bytes: u64,
    _folder: TempDir,
}

/// One backfill.
struct Filled {
    seconds: f64,
    usage: Usage,
    /// To find the files, and to read them.
    fetched: u64,
}

/// Large archives, for the bytes and the processor time; small ones, for the rate.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    large(cluster, scale, report).await?;
    small(cluster, scale, report).await
}

async fn large(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let (size, there) = (scale.bytes(LARGE), free_bytes(&std::env::temp_dir())?);
    let archives = if there / 2 > size.saturating_mul(MANY.into()) { MANY } else { FEW };
    say(&format!(
        "backfill: {archives} archives of {} MB; {} MB of disk are free",
        size / 1_000_000,
        there / 1_000_000
    ))?;
    let ingested = Ingested::start(cluster, archives).await?.large(size).await?;
    say("backfill: by the stored indexes")?;
    let rows = ingested.forget().await?;
    let indexed = ingested.backfill(cluster, rows).await?;
    say("backfill: without indexes, every archive streamed again")?;
    ingested.forget().await?;
    ingested.drop_indexes().await?;
    let streamed = ingested.backfill(cluster, rows).await?;
    let (bytes, count) = (float(ingested.bytes), f64::from(archives));
    ingested.platform.shutdown().await;
    let figure = Figure::new("bytes fetched", "% of the archives", 100.0 * float(indexed.fetched) / bytes);
    let told = format!("{:.1} MB of {:.0} MB", float(indexed.fetched) / 1e6, bytes / 1e6);
    report.add(figure.goal(Goal::AtMost(2.0)).peer(told))?;
    for (name, run) in [("by the indexes", &indexed), ("every archive streamed again", &streamed)] {
        let usages = [run.usage];
        let cpu = Figure::new(format!("{name}: processor time, ours"), "s", run.usage.own).beside(&usages);
        let told = format!("{:.1} s by the clock, {:.0} MB fetched", run.seconds, float(run.fetched) / 1e6);
        report.add(cpu.peer(told).limit(shares(&usages)))?;
    }
    let less = Figure::new(
        "by the indexes, less than streaming again",
        "times",
        streamed.usage.own / indexed.usage.own,
    );
    let told = format!("{:.0} ms an archive", 1e3 * indexed.usage.own / count);
    report.add(less.beside(&[indexed.usage, streamed.usage]).goal(Goal::AtLeast(20.0)).peer(told))?;
    report.table(&format!("Backfill of {PLUGIN} over {archives} archives of {} MB, once", size / 1_000_000))
}

async fn small(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let archives = scale.of(ARCHIVES);
    say(&format!("backfill: {archives} small archives"))?;
    let ingested = Ingested::start(cluster, archives).await?.small().await?;
    let mut runs = Vec::new();
    for _ in 0..scale.runs() {
        let rows = ingested.forget().await?;
        runs.push(ingested.backfill(cluster, rows).await?);
    }
    let bytes = float(ingested.bytes);
    ingested.platform.shutdown().await;
    let usages: Vec<Usage> = runs.iter().map(|run| run.usage).collect();
    let of = |value: &dyn Fn(&Filled) -> f64| runs.iter().map(value).collect::<Vec<f64>>();
    let count = f64::from(archives);
    let figure = Figure::median("small archives", "archives/s", of(&|run| count / run.seconds));
    report.add(figure.beside(&usages).limit(shares(&usages)))?;
    let cpu = of(&|run| 1e3 * (run.usage.own + run.usage.postgres) / count);
    report.add(Figure::median("processor time, ours and Postgres", "ms an archive", cpu).beside(&usages))?;
    let fetched = of(&|run| 100.0 * float(run.fetched) / bytes);
    let told = format!("{:.1} MB in all", bytes / 1e6);
    report.add(Figure::median("bytes fetched", "% of the archives", fetched).peer(told))?;
    report.table(&format!("Backfill of {PLUGIN} over {archives} small archives of two network elements"))
}

impl Ingested {
    async fn start(cluster: &Cluster, archives: u32) -> anyhow::Result<Self> {
        let (_, url) = cluster.database().await?;
        let folder = tempfile::Builder::new().prefix("landfall-bench-").tempdir()?;
        let platform = platform(folder.path(), &url, Versioning::Enabled).await?;
        let pool = PgPool::connect(&url).await?;
        Ok(Self { platform, pool, archives, bytes: 0, _folder: folder })
    }

    /// One archive under many names, each time with another byte.
    async fn large(self, size: u64) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("landfall-bench-").tempdir()?;
        let path = folder.path().join("archive");
        let file = path.clone();
        tokio::task::spawn_blocking(move || made(&file, size)).await??;
        for number in 0..self.archives {
            stamped(&path, number)?;
            let objects = &self.platform.clients().objects;
            objects.put_file(BUCKET, &Keys::Dumps.of(number), FileUpload::new(&path)).await?;
        }
        drop(folder);
        self.ingested().await
    }

    async fn small(self) -> anyhow::Result<Self> {
        let platform = &self.platform;
        let address = Address {
            endpoint: platform.storage().endpoint.clone().unwrap_or_default(),
            secret: platform.secret_key().reveal().to_owned(),
        };
        let job = PutJob {
            address,
            sender: Sender::Bare,
            connections: 4,
            objects: self.archives,
            body: Body::Dump,
            keys: Keys::Dumps,
            per_second: None,
        };
        Worker::run(&Job::Put(job)).await?;
        self.ingested().await
    }

    async fn ingested(mut self) -> anyhow::Result<Self> {
        self.idle().await?;
        self.complete().await?;
        let bytes: i64 = sqlx::query_scalar("select sum(source_size)::bigint from dump.load")
            .fetch_one(&self.pool)
            .await?;
        self.bytes = u64::try_from(bytes)?;
        Ok(self)
    }

    async fn idle(&self) -> anyhow::Result<()> {
        while !self.platform.is_idle().await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn complete(&self) -> anyhow::Result<()> {
        let select = "select count(*) from dump.capture_dump d join dump.load l using (load_id)
             join ingest.object o on o.object_id = l.object_id
             where d.status = 'COMPLETE' and o.state = 'done'";
        let complete: i64 = sqlx::query_scalar(select).fetch_one(&self.pool).await?;
        let archives = self.archives;
        anyhow::ensure!(
            complete == i64::from(archives),
            "the run does not count: {complete} of {archives} are complete"
        );
        Ok(())
    }

    async fn rows(&self) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from dump.lsp_entry").fetch_one(&self.pool).await?)
    }

    /// As if the plugin had not been there: neither its rows nor those of the ledger; gives how many rows there were.
    async fn forget(&self) -> anyhow::Result<i64> {
        let rows = self.rows().await?;
        let expected = i64::from(self.archives) * 2 * i64::from(ROWS);
        anyhow::ensure!(rows == expected, "the run does not count: {rows} rows, not {expected}");
        sqlx::query("delete from dump.lsp_entry").execute(&self.pool).await?;
        for table in ["dump.plugin_ledger", "dump.parse_warning"] {
            let delete = sqlx::AssertSqlSafe(format!("delete from {table} where plugin = $1"));
            sqlx::query(delete).bind(PLUGIN).execute(&self.pool).await?;
        }
        Ok(rows)
    }

    async fn drop_indexes(&self) -> anyhow::Result<()> {
        let digests: Vec<Vec<u8>> =
            sqlx::query_scalar("select sha256 from dump.load").fetch_all(&self.pool).await?;
        for digest in digests {
            let Ok(digest) = <[u8; 32]>::try_from(digest) else { anyhow::bail!("a digest has 32 bytes") };
            self.platform.clients().objects.delete(WORK_BUCKET, &index_key(&digest), None).await?;
        }
        Ok(())
    }

    /// What `landfall dumps backfill` does, until the rows are there again.
    async fn backfill(&self, cluster: &Cluster, rows: i64) -> anyhow::Result<Filled> {
        let parts = (Arc::new(Registry::production()?), Limits::default());
        let backfill = Backfill::new(self.platform.clients().clone(), parts, PLUGIN, false)?;
        cluster.checkpoint().await?;
        let before = self.parsed_bytes().await?;
        let (meter, begun) = (Meter::start(cluster.processes())?, Instant::now());
        let mut fetched = 0_u64;
        for candidate in backfill_candidates(&self.pool, &BackfillFilter::default()).await? {
            fetched = fetched.saturating_add(backfill.run(&candidate, false).await?.bytes_fetched);
            self.platform.wake();
        }
        self.idle().await?;
        let (seconds, usage) = (begun.elapsed().as_secs_f64(), meter.stop()?);
        self.complete().await?;
        let there = self.rows().await?;
        anyhow::ensure!(there == rows, "the run does not count: {there} of {rows} rows are there again");
        let parsed = self.parsed_bytes().await?.saturating_sub(before);
        Ok(Filled { seconds, usage, fetched: fetched.saturating_add(u64::try_from(parsed)?) })
    }

    /// Bytes that parsing fetched so far.
    async fn parsed_bytes(&self) -> anyhow::Result<i64> {
        let select =
            "select coalesce(sum(bytes_read), 0)::bigint from ingest.attempt where stage = 'parse-member'";
        Ok(sqlx::query_scalar(select).fetch_one(&self.pool).await?)
    }
}

fn made(path: &Path, size: u64) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    write_large(&dump(0)?, size, &mut out)?;
    Ok(out.flush()?)
}

fn stamped(path: &Path, number: u32) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start(MTIME))?;
    file.write_all(&number.to_le_bytes())
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}
