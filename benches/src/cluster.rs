//! A Postgres of our own, set as the self-hosted one is, that counts its statements.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use landfall_local::postgres::{Durability, PrivateCluster};
use landfall_store::Store;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::machine::Processes;

/// The library that counts statements; a contrib package.
const COUNTING: &str = "pg_stat_statements";

/// A running server, removed when it is stopped.
#[derive(Debug)]
pub struct Cluster {
    server: PrivateCluster,
    counts: bool,
    databases: AtomicU32,
    dir: PathBuf,
    _folder: TempDir,
}

/// Statements and commits of one database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Statements, transaction control included; none where the server cannot count them.
    pub statements: Option<f64>,
    /// `commit` statements: transactions of more than one statement.
    pub commits: Option<f64>,
    /// Batches that were acknowledged.
    pub batches: Option<f64>,
    /// Transactions of all kinds, single statements included.
    pub transactions: f64,
}

impl Cluster {
    /// Makes and starts a server that loses nothing that was committed.
    pub async fn start() -> anyhow::Result<Self> {
        // The server runs as another user if we are root.
        let open = std::fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("landfall-bench-pg-").permissions(open).tempdir()?;
        let dir = folder.path().join("postgres");
        let mut server = PrivateCluster::start(&dir, Durability::Full).await?;
        let mut admin = PgConnection::connect(&server.url("postgres")).await?;
        let there = "select exists (select from pg_available_extensions where name = $1)";
        let counts: bool = sqlx::query_scalar(there).bind(COUNTING).fetch_one(&mut admin).await?;
        if counts {
            let load = format!("alter system set shared_preload_libraries = '{COUNTING}'");
            sqlx::query(AssertSqlSafe(load)).execute(&mut admin).await?;
            admin.close().await?;
            server.stop().await?;
            server = PrivateCluster::start(&dir, Durability::Full).await?;
            let mut admin = PgConnection::connect(&server.url("postgres")).await?;
            let create = format!("create extension if not exists {COUNTING}");
            sqlx::query(AssertSqlSafe(create)).execute(&mut admin).await?;
        }
        Ok(Self { server, counts, databases: AtomicU32::new(0), dir, _folder: folder })
    }

    /// Its processes.
    pub fn processes(&self) -> Processes {
        Processes { postgres: Some(self.server.pid()) }
    }

    /// The folder it lies in.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// A new database with all migrations: its name and URL.
    pub async fn database(&self) -> anyhow::Result<(String, String)> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench_{number}");
        self.server.create_database(&name).await?;
        let url = self.server.loopback_url(&name);
        let store = Store::connect(&url, 1)?;
        store.migrate().await?;
        store.pool().close().await;
        Ok((name, url))
    }

    /// Makes commits wait for the disk, or not.
    pub async fn set_synchronous(&self, wait: bool) -> anyhow::Result<()> {
        let mut admin = PgConnection::connect(&self.server.url("postgres")).await?;
        let value = if wait { "on" } else { "off" };
        let set = format!("alter system set synchronous_commit = {value}");
        sqlx::query(AssertSqlSafe(set)).execute(&mut admin).await?;
        sqlx::query("select pg_reload_conf()").execute(&mut admin).await?;
        Ok(admin.close().await?)
    }

    /// Writes what is dirty now, so that it does not fall into the next measurement.
    pub async fn checkpoint(&self) -> anyhow::Result<()> {
        let mut admin = PgConnection::connect(&self.server.url("postgres")).await?;
        sqlx::query("checkpoint").execute(&mut admin).await?;
        Ok(admin.close().await?)
    }

    /// What a database counted so far. Complete only when its connections are closed.
    pub async fn counts(&self, database: &str) -> anyhow::Result<Counts> {
        let mut admin = PgConnection::connect(&self.server.url("postgres")).await?;
        let transactions: i64 =
            sqlx::query_scalar("select xact_commit from pg_stat_database where datname = $1")
                .bind(database)
                .fetch_one(&mut admin)
                .await?;
        let mut counts = Counts { transactions: number(transactions), ..Counts::default() };
        if self.counts {
            // The look whether the queue is empty is the bench's, not the platform's.
            let (statements, commits, batches): (i64, i64, i64) = sqlx::query_as(
                "select coalesce(sum(calls), 0)::bigint,
                    coalesce(sum(calls) filter (where lower(query) = 'commit'), 0)::bigint,
                    coalesce(sum(calls) filter (where query like 'delete from ops.outbox where id = any%'), 0)::bigint
                 from pg_stat_statements s join pg_database d on d.oid = s.dbid
                 where d.datname = $1 and query not like 'select not exists (select % from ops.outbox)%'",
            )
            .bind(database)
            .fetch_one(&mut admin)
            .await?;
            counts.statements = Some(number(statements));
            counts.commits = Some(number(commits));
            counts.batches = Some(number(batches));
        }
        admin.close().await?;
        Ok(counts)
    }

    /// The statements of a database that took most time: share of the whole, calls and the start of the text.
    pub async fn costliest(&self, database: &str, limit: i64) -> anyhow::Result<Vec<String>> {
        if !self.counts {
            return Ok(Vec::new());
        }
        let mut admin = PgConnection::connect(&self.server.url("postgres")).await?;
        let rows: Vec<(f64, i64, String)> = sqlx::query_as(
            "select total_exec_time / sum(total_exec_time) over (), calls,
                left(regexp_replace(query, '\\s+', ' ', 'g'), 70)
             from pg_stat_statements s join pg_database d on d.oid = s.dbid
             where d.datname = $1 order by 1 desc limit $2",
        )
        .bind(database)
        .bind(limit)
        .fetch_all(&mut admin)
        .await?;
        admin.close().await?;
        let line = |(share, calls, query): (f64, i64, String)| {
            format!("{:.0} % in {calls} x {query}", share * 100.0)
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Stops and removes it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop().await?;
        PrivateCluster::wipe(&self.dir).await.context("the bench's server could not be removed")
    }
}

impl Counts {
    /// What was counted since.
    pub fn since(&self, before: &Self) -> Self {
        let less = |now: Option<f64>, then: Option<f64>| Some(now? - then?);
        Self {
            statements: less(self.statements, before.statements),
            commits: less(self.commits, before.commits),
            batches: less(self.batches, before.batches),
            transactions: self.transactions - before.transactions,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}
