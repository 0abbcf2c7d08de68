//! The database of one test.

use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use super::template;

/// The variable that holds the URL of a server on which databases may be made.
pub const SERVER_VARIABLE: &str = "LANDFALL_TEST_DATABASE_URL";

/// Connections that a test may have open at once.
const CONNECTIONS: u32 = 10;

/// Age at which a database that a failed or killed test left behind is removed.
const KEPT: Duration = Duration::from_hours(1);

/// How many of those one test removes at most.
const SWEPT_AT_ONCE: i64 = 4;

/// A database of its own for one test, with all migrations applied.
///
/// It is dropped with this value, unless the thread panics then: a failed test's database is kept for about an hour,
/// and its URL is printed.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    pool: PgPool,
    server: PgConnectOptions,
}

impl TestDatabase {
    /// Makes a database with all migrations applied.
    ///
    /// # Panics
    /// Without the variable `LANDFALL_TEST_DATABASE_URL`, and where that server refuses.
    pub async fn create() -> Self {
        Self::make_or_panic(Content::Migrated).await
    }

    /// Makes a database with nothing in it, for tests of the migrations themselves.
    ///
    /// # Panics
    /// As [`TestDatabase::create`].
    pub async fn empty() -> Self {
        Self::make_or_panic(Content::Nothing).await
    }

    #[expect(clippy::panic, reason = "a test without its database has failed")]
    async fn make_or_panic(content: Content) -> Self {
        match Self::make(content).await {
            Ok(database) => database,
            Err(error) => panic!("no database for this test: {error:#}"),
        }
    }

    async fn make(content: Content) -> anyhow::Result<Self> {
        let server_url = std::env::var(SERVER_VARIABLE).ok().filter(|url| !url.is_empty()).with_context(|| {
            format!("{SERVER_VARIABLE} is not set. `./dev test` starts a server and sets it; to run single tests by hand, set it to a server on which databases may be made")
        })?;
        let server: PgConnectOptions =
            server_url.parse().with_context(|| format!("{SERVER_VARIABLE} does not read"))?;
        let mut admin = connect(&server).await.with_context(|| format!("the server of {SERVER_VARIABLE}"))?;
        let name = new_name(&mut admin).await?;
        let statement = match content {
            Content::Nothing => format!("create database {name}"),
            Content::Migrated => {
                let template = template::ensure(&server, &mut admin).await?;
                format!("create database {name} template {template}")
            }
        };
        template::run(&mut admin, statement).await?;
        sweep(&mut admin).await?;
        admin.close().await?;

        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(20))
            .connect_lazy_with(server.clone().database(&name));
        Ok(Self { url: url_of(&server_url, &name), name, pool, server })
    }

    /// A pool of connections to it.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Its URL, for other processes and other pools.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What a new database holds.
#[derive(Debug, Clone, Copy)]
enum Content {
    /// All migrations.
    Migrated,
    /// Nothing.
    Nothing,
}

impl Drop for TestDatabase {
    #[expect(clippy::print_stderr, reason = "the output of a failed test")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the database of the failed test is kept for an hour: {}", self.url);
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's own runtime may be this thread, and it cannot wait for itself.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = connect(&server).await?;
                template::run(&mut admin, format!("drop database if exists {name} with (force)")).await
            })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("the database {} was not dropped: {error:#}", self.name);
        }
    }
}

async fn connect(server: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    // Statements that say that what they drop is absent are of no interest.
    let options = server.clone().options([("client_min_messages", "warning")]);
    options.connect().await.context("connect")
}

/// A name that says when the database was made, by the server's clock.
async fn new_name(admin: &mut PgConnection) -> anyhow::Result<String> {
    let now =
        sqlx::query_scalar::<_, i64>("select extract(epoch from now())::bigint").fetch_one(admin).await?;
    Ok(format!("landfall_test_{now}_{}", uuid::Uuid::new_v4().simple()))
}

/// Removes what tests left behind that failed or were killed long ago.
async fn sweep(admin: &mut PgConnection) -> anyhow::Result<()> {
    let old: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database
         where datname ~ '^landfall_test_[0-9]+_[0-9a-f]{32}$'
           and split_part(datname, '_', 3)::bigint < extract(epoch from now()) - $1
         order by datname limit $2",
    )
    .bind(KEPT.as_secs_f64())
    .bind(SWEPT_AT_ONCE)
    .fetch_all(&mut *admin)
    .await?;
    for name in old {
        // Another process may be removing it too.
        let _ = template::run(admin, format!("drop database if exists {name} with (force)")).await;
    }
    Ok(())
}

/// The server's URL with another database: both libpq and sqlx let the parameter win over the path.
fn url_of(server: &str, database: &str) -> String {
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}dbname={database}")
}
