//! The pool, the migrations, and the one way to run a transaction again.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use crate::{StoreError, Transaction};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// Times a transaction is run before a conflict with another one is reported.
const TRANSACTION_TRIES: u32 = 3;

/// The database of Landfall.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Connects lazily with at most `connections` connections.
    ///
    /// # Errors
    /// The URL does not read.
    pub fn connect(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(StoreError::Unavailable)?;
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECT)
            .connect_lazy_with(options.application_name("landfall"));
        Ok(Self { pool })
    }

    /// A store over a pool that is already there.
    pub fn over(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The pool.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Opens one connection and closes it again. Says at once why a database cannot be reached, where the pool
    /// would only say that it has waited.
    pub async fn reach(&self) -> Result<(), StoreError> {
        Ok(self.open().await?.close().await?)
    }

    /// A connection beside the pool.
    async fn open(&self) -> Result<PgConnection, StoreError> {
        let connect = self.pool.connect_options();
        let connection = tokio::time::timeout(CONNECT, connect.connect()).await;
        Ok(connection.map_err(|_| sqlx::Error::PoolTimedOut)??)
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// Begins a transaction that cannot write.
    pub async fn begin_read_only(&self) -> Result<Transaction, StoreError> {
        Ok(self.pool.begin_with("begin read only").await?)
    }

    /// Applies what is missing of the migrations; gives the number of the newest.
    ///
    /// # Errors
    /// A migration does not apply, or what was applied is not what this release knows.
    pub async fn migrate(&self) -> Result<i64, StoreError> {
        let mut connection = self.open().await?;
        let applied = MIGRATIONS.run(&mut connection).await;
        // The migrator's lock is one of the session, and stays where it fails: in the pool it would keep everybody
        // else from migrating.
        let closed = connection.close().await;
        applied.map_err(StoreError::Migrate)?;
        closed?;
        Ok(MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0))
    }

    /// The migrations that are not applied yet, oldest first.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let applied = applied_migrations(&self.pool).await?;
        let is_applied = |version| applied.iter().any(|(known, _, _, whole)| *whole && *known == version);
        let pending = MIGRATIONS.iter().filter(|m| !is_applied(m.version));
        Ok(pending.map(|m| format!("{:04} {}", m.version, m.description)).collect())
    }
}

/// The migrations of this release: number, name, checksum.
pub(crate) fn known_migrations() -> Vec<(i64, String, Vec<u8>)> {
    MIGRATIONS.iter().map(|m| (m.version, m.description.to_string(), m.checksum.to_vec())).collect()
}

/// The migrations of the database by number: number, name, checksum, whether it was applied to its end.
pub(crate) async fn applied_migrations(
    pool: &PgPool,
) -> Result<Vec<(i64, String, Vec<u8>, bool)>, StoreError> {
    let there: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(pool).await?;
    if !there {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "select version, description, checksum, success from _sqlx_migrations order by version",
    );
    Ok(rows.fetch_all(pool).await?)
}

/// Runs a whole transaction, and runs it again where it only got in another one's way.
///
/// `attempt` begins and commits its own transaction; nothing outside the database may happen in it.
pub async fn retrying<T, F, Fut>(name: &'static str, mut attempt: F) -> Result<T, StoreError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    let mut tries = 1;
    loop {
        match attempt().await {
            Err(StoreError::Conflict(_)) if tries < TRANSACTION_TRIES => {
                tracing::debug!(transaction = name, tries, "transaction {name} conflicted, run again");
                tries += 1;
            }
            result => return result,
        }
    }
}
