//! The cluster as its users see it.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::home::Home;
use super::programs::Search;
use super::server::Server;
use super::{Durability, PostgresError};

/// What stands for itself in every part of a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The database that every cluster has.
const MAINTENANCE: &str = "postgres";

/// A running Postgres cluster of our own. Dropping it stops it, and blocks meanwhile; better [`PrivateCluster::stop`].
#[derive(Debug)]
pub struct PrivateCluster {
    server: Server,
    password: String,
    // Last: the lock is freed when the server has ended.
    home: Home,
}

impl PrivateCluster {
    /// Starts the cluster in `dir`, which is made if it is new; returns when it accepts connections.
    ///
    /// The server programs are those in `LANDFALL_PG_BIN`, else the first found on `PATH` and in the places where
    /// distributions put them, newest first, that fit an existing cluster. A server that a killed process left
    /// behind is stopped first.
    ///
    /// # Errors
    /// [`PostgresError::InUse`] if a live process runs the cluster; [`PostgresError::NoPrograms`] and
    /// [`PostgresError::NoAccount`] if there is no server to run, or nobody to run it; the others say what failed.
    pub async fn start(dir: &Path, durability: Durability) -> Result<Self, PostgresError> {
        let dir = dir.to_owned();
        let (home, server) = blocking(move || {
            let home = Home::claim(&dir)?;
            let programs = home.prepare(&Search::from_env(), durability)?;
            let server = Server::start(&home, &programs, durability)?;
            Ok((home, server))
        })
        .await?;
        let password = home.note("password").filter(|password| !password.is_empty());
        let mut cluster = Self { server, password: password.clone().unwrap_or_default(), home };
        if password.is_none() {
            cluster.set_password().await?;
        }
        cluster.home.write_note("url", &cluster.url(MAINTENANCE))?;
        Ok(cluster)
    }

    /// Gives the superuser a new password, which connections over loopback need.
    async fn set_password(&mut self) -> Result<(), PostgresError> {
        let password = uuid::Uuid::new_v4().simple().to_string();
        let mut connection = self.connect(MAINTENANCE).await?;
        let statement = format!("alter role postgres password '{password}'");
        let set = sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await;
        set.map_err(|source| PostgresError::Statement { action: "set its password".into(), source })?;
        self.home.write_note("password", &password)?;
        self.password = password;
        Ok(())
    }

    /// The URL of a database over the unix socket, which needs no password.
    ///
    /// It changes with every start. Only the user of the server, and root, can use it.
    pub fn url(&self, database: &str) -> String {
        let socket = self.server.socket().to_string_lossy();
        format!(
            "postgres://postgres@localhost:{}/{}?host={}",
            self.server.port(),
            utf8_percent_encode(database, PLAIN),
            utf8_percent_encode(&socket, PLAIN)
        )
    }

    /// The URL of a database over loopback, with the password. It stays the same as long as the port is free.
    pub fn loopback_url(&self, database: &str) -> String {
        let (password, port) = (&self.password, self.server.port());
        format!("postgres://postgres:{password}@127.0.0.1:{port}/{}", utf8_percent_encode(database, PLAIN))
    }

    /// Process id of the server.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Creates the database unless it is there.
    pub async fn create_database(&self, name: &str) -> Result<(), PostgresError> {
        let failed =
            |source| PostgresError::Statement { action: format!("create the database {name}"), source };
        let mut connection = self.connect(MAINTENANCE).await?;
        let there = sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
        let there: bool = there.bind(name).fetch_one(&mut connection).await.map_err(failed)?;
        if !there {
            let statement = format!("create database \"{}\"", name.replace('"', "\"\""));
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.map_err(failed)?;
        }
        connection.close().await.map_err(failed)
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, PostgresError> {
        let failed =
            |source| PostgresError::Statement { action: format!("open the database {database}"), source };
        let options: PgConnectOptions = self.url(database).parse().map_err(failed)?;
        options.connect().await.map_err(failed)
    }

    /// Stops the server by a fast shutdown: open transactions are rolled back, what was committed is on disk.
    pub async fn stop(self) -> Result<(), PostgresError> {
        blocking(move || {
            let Self { mut server, home, .. } = self;
            server.stop()?;
            home.remove_note("url")
        })
        .await
    }

    /// Removes the cluster in `dir`, wherever its data is; a server left behind there is stopped first.
    ///
    /// # Errors
    /// [`PostgresError::InUse`] if a live process runs it.
    pub async fn wipe(dir: &Path) -> Result<(), PostgresError> {
        let dir = dir.to_owned();
        blocking(move || Home::claim(&dir)?.wipe()).await
    }
}

/// Runs what waits for processes and files where it holds up no other task.
async fn blocking<T, F>(work: F) -> Result<T, PostgresError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, PostgresError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => Err(PostgresError::Io {
                action: "finish the work on",
                path: "the private postgres".into(),
                source: cancelled.into(),
            }),
        },
    }
}
