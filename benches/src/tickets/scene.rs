//! A database and a bucket with change files, and who works on them.

use std::sync::Arc;

use landfall_domain::{Clock, Dataset, SystemClock};
use landfall_local::endpoint::NoEvents;
use landfall_objects::{PutOptions, Versioning};
use landfall_store::{Store, partition};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::files::File;
use crate::cluster::Cluster;
use crate::machine::{Meter, Usage};
use crate::site::{BUCKET, Site};
use crate::worker::{Job, Place, TicketsDone, TicketsJob, TicketsTask, Worker};

/// What the geocoder's cache knows: 300 clusters, a tenth of them not found, and about 57,000 locations.
const PLACES: &str = include_str!("../../tickets/places.sql");

/// One database with its bucket.
pub struct Scene {
    /// The name of the database.
    pub database: String,
    /// How to reach it.
    pub url: String,
    /// The bucket.
    pub site: Site,
}

/// A task that was measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// What was done.
    pub told: TicketsDone,
    /// By whom: `client` is the measured process, `own` the endpoint in this one.
    pub usage: Usage,
}

impl Scene {
    /// Empty, but for what the geocoder knows.
    pub async fn new(cluster: &Cluster) -> anyhow::Result<Self> {
        let (database, url) = cluster.database().await?;
        let store = Store::connect(&url, 1)?;
        partition::ensure(store.pool(), SystemClock.now(), 2).await?;
        sqlx::raw_sql(AssertSqlSafe(PLACES)).execute(store.pool()).await?;
        store.pool().close().await;
        let site = Site::start(Versioning::Enabled, Arc::new(NoEvents)).await?;
        Ok(Self { database, url, site })
    }

    /// Uploads files.
    pub async fn put(&self, files: &[File]) -> anyhow::Result<()> {
        for file in files {
            let body = file.text().into_bytes().into();
            self.site.objects.put(BUCKET, &file.key(), body, PutOptions::default()).await?;
        }
        Ok(())
    }

    /// Lets a process of its own do something.
    pub async fn run(&self, cluster: &Cluster, task: TicketsTask) -> anyhow::Result<Measured> {
        let place = Place { address: self.site.address.clone(), database_url: self.url.clone() };
        let mut worker = Worker::prepare(&Job::Tickets(TicketsJob { place, task })).await?;
        cluster.checkpoint().await?;
        let meter = Meter::start(cluster.processes())?;
        worker.begin().await?;
        let told: TicketsDone = worker.answer().await?;
        let usage = meter.stop()?.with_client(told.done.cpu_seconds);
        Ok(Measured { told, usage })
    }

    /// Uploads files and drains them.
    pub async fn drain(&self, cluster: &Cluster, files: &[File]) -> anyhow::Result<Measured> {
        self.put(files).await?;
        let dataset = files.first().map_or(Dataset::Inc, |file| file.dataset);
        let measured = self.run(cluster, TicketsTask::Drain(dataset)).await?;
        let (drained, put) = (measured.told.files, files.len());
        anyhow::ensure!(drained == put, "the run does not count: {drained} of {put} files were drained");
        Ok(measured)
    }

    /// A connection.
    pub async fn connect(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }

    /// Runs statements one after the other, each by itself.
    pub async fn execute(&self, statements: &[&str]) -> anyhow::Result<()> {
        let mut conn = self.connect().await?;
        for statement in statements {
            sqlx::query(AssertSqlSafe(*statement)).execute(&mut conn).await?;
        }
        Ok(conn.close().await?)
    }
}

impl Measured {
    /// Processor time of the process and of Postgres, seconds.
    pub fn cpu(&self) -> f64 {
        self.told.done.cpu_seconds + self.usage.postgres
    }

    /// Who used the processor.
    pub fn shares(&self) -> String {
        let cores = |seconds: f64| seconds / self.usage.wall.max(0.001);
        format!(
            "cores: process {:.2}, postgres {:.2}, endpoint {:.2}",
            cores(self.usage.client),
            cores(self.usage.postgres),
            cores(self.usage.own)
        )
    }
}
