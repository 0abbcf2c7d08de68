//! From the first put to the last state, through everything that `landfall up` runs.

use std::path::Path;
use std::time::Duration;

use landfall_local::platform::{Database, Platform, PlatformConfig};
use landfall_objects::Versioning;
use landfall_runtime::Secret;
use sqlx::{Connection, PgConnection};

use crate::cluster::{Cluster, Counts};
use crate::machine::{Meter, Usage};
use crate::site::{Address, BUCKET};
use crate::worker::{Body, Job, Keys, PutJob, Sender, Worker};

/// How often is looked whether all is done; more often would cost the database what is to be measured.
const LOOK: Duration = Duration::from_millis(25);

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Who puts.
    pub sender: Sender,
    /// Over how many connections.
    pub connections: u32,
    /// How many objects.
    pub objects: u32,
    /// What.
    pub body: Body,
    /// Named how.
    pub keys: Keys,
    /// Whether the bucket keeps versions.
    pub versioning: Versioning,
    /// At this rate; none for as fast as it goes.
    pub per_second: Option<u32>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Flowed {
    /// The database, which stays.
    pub url: String,
    /// How many objects there were.
    pub objects: f64,
    /// Objects per second from the first put to the last state.
    pub per_second: f64,
    /// From the first put to the last answer.
    pub puts_per_second: f64,
    /// Time from landing to state, median and 99th percentile; none where landings have no exact time.
    pub latency_ms: Option<(f64, f64)>,
    /// Who used the processor.
    pub usage: Usage,
    /// Statements and transactions.
    pub counts: Counts,
    /// The statements that took most time.
    pub costliest: Vec<String>,
}

/// What `landfall up` runs, on this folder and database.
pub async fn platform(folder: &Path, url: &str, versioning: Versioning) -> anyhow::Result<Platform> {
    let mut config = PlatformConfig::embedded(folder);
    config.database = Database::Url(Secret::new(url));
    config.bucket = BUCKET.into();
    config.versioning = versioning;
    config.rules.auto_create_customer = true;
    Ok(Platform::start(config).await?)
}

impl Flow {
    /// Runs it on a new database and a new folder.
    pub async fn run(self, cluster: &Cluster) -> anyhow::Result<Flowed> {
        let (name, url) = cluster.database().await?;
        let folder = tempfile::Builder::new().prefix("landfall-bench-").tempdir()?;
        let platform = platform(folder.path(), &url, self.versioning).await?;
        let mut worker = Worker::prepare(&Job::Put(self.job(&platform))).await?;
        cluster.checkpoint().await?;
        let before = cluster.counts(&name).await?;
        let meter = Meter::start(cluster.processes())?;
        let begun = worker.begin().await?;
        let put = worker.done().await?;
        while !platform.is_idle().await? {
            tokio::time::sleep(LOOK).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let usage = meter.stop()?.with_client(put.cpu_seconds);
        let latency = self.latency(&url).await?;
        platform.shutdown().await;
        let counts = cluster.counts(&name).await?.since(&before);
        let costliest = cluster.costliest(&name, 8).await?;
        let objects = f64::from(self.objects);
        Ok(Flowed {
            url,
            objects,
            per_second: objects / seconds,
            puts_per_second: objects / put.seconds,
            latency_ms: Some(latency).filter(|_| self.versioning == Versioning::Enabled),
            usage,
            counts,
            costliest,
        })
    }

    fn job(self, platform: &Platform) -> PutJob {
        PutJob {
            address: Address {
                endpoint: platform.storage().endpoint.clone().unwrap_or_default(),
                secret: platform.secret_key().reveal().to_owned(),
            },
            sender: self.sender,
            connections: self.connections,
            objects: self.objects,
            body: self.body,
            keys: self.keys,
            per_second: self.per_second,
        }
    }

    /// From the time the store gave the object to the time of its state, median and 99th percentile; an error
    /// unless every object has the state it should have.
    async fn latency(self, url: &str) -> anyhow::Result<(f64, f64)> {
        let expected = if self.body == Body::Small { "ignored" } else { "done" };
        let mut conn = PgConnection::connect(url).await?;
        let states: Vec<(String, String, i64)> =
            sqlx::query_as("select state, reason, count(*) from ingest.object group by 1, 2")
                .fetch_all(&mut conn)
                .await?;
        let all = [i64::from(self.objects)];
        anyhow::ensure!(
            states.iter().all(|(state, ..)| state == expected) && states.iter().map(|s| s.2).eq(all),
            "the run does not count: states are {states:?}"
        );
        let percentiles = sqlx::query_as(
            "select percentile_cont(0.5) within group (order by ms), percentile_cont(0.99) within group (order by ms)
             from (select extract(epoch from state_since - last_modified)::float8 * 1000 as ms from ingest.object) t",
        );
        let percentiles = percentiles.fetch_one(&mut conn).await?;
        conn.close().await?;
        Ok(percentiles)
    }
}
