//! A whole platform for one test: a database of its own, the embedded endpoint in a folder of its own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use landfall_local::dispatcher::DispatcherSettings;
use landfall_local::listing::{self, Verification};
use landfall_local::platform::{Database, Platform, PlatformConfig};
use landfall_objects::{Put, PutOptions};
use landfall_runtime::{Faults, RetryWaits, Secret};
use sqlx::PgPool;
use tempfile::TempDir;

use crate::database::TestDatabase;
use crate::{Fingerprint, Queue};

/// How long a test waits for the platform to have nothing left to do.
const PATIENCE: Duration = Duration::from_mins(2);
/// After this long without any change the waits of retries are ended.
const STILL: Duration = Duration::from_millis(200);
/// After this long without any change leases are ended too: whoever held them is gone.
const DEAD: Duration = Duration::from_secs(1);

/// A running platform with a folder and a database of its own.
#[derive(Debug)]
pub struct TestPlatform {
    platform: Option<Platform>,
    config: PlatformConfig,
    database: TestDatabase,
    queue: Queue,
    _folder: TempDir,
}

impl TestPlatform {
    /// Starts a platform on a versioned bucket.
    pub async fn start() -> Self {
        Self::configured(|_| {}).await
    }

    /// Starts a platform whose configuration the test has changed.
    pub async fn configured(change: impl FnOnce(&mut PlatformConfig)) -> Self {
        let database = TestDatabase::create().await;
        let queue = Queue::of(database.pool()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = PlatformConfig::embedded(folder.path());
        config.database = Database::Url(Secret::new(database.url()));
        config.rules.auto_create_customer = true;
        config.dispatcher = DispatcherSettings {
            poll: Duration::from_millis(20),
            retry: RetryWaits { first: Duration::from_millis(20), most: Duration::from_millis(100) },
        };
        change(&mut config);
        let platform = Platform::start(config.clone()).await.expect("the platform starts");
        Self { platform: Some(platform), config, database, queue, _folder: folder }
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        self.platform.as_ref().expect("the platform runs")
    }

    /// The database, past all code of ours.
    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// How another process reaches the database.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Its message table, from below.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// What the run left behind.
    pub async fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.pool()).await
    }

    /// Stops the platform; objects, database and configuration stay.
    pub async fn halt(&mut self) -> PlatformConfig {
        if let Some(platform) = self.platform.take() {
            platform.shutdown().await;
        }
        self.config.clone()
    }

    /// Stops the platform and starts it again on the same folder and database, with other faults.
    pub async fn restart(&mut self, faults: Faults) {
        if let Some(platform) = self.platform.take() {
            platform.shutdown().await;
        }
        self.config.faults = faults;
        let platform = Platform::start(self.config.clone()).await;
        self.platform = Some(platform.expect("the platform starts again"));
    }

    /// Puts an object with user metadata.
    pub async fn put(&self, key: &str, metadata: &[(&str, &str)], body: impl Into<Bytes>) -> Put {
        let metadata = metadata.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let options = PutOptions { metadata, ..PutOptions::default() };
        let bucket = self.platform().bucket();
        self.platform()
            .clients()
            .objects
            .put(bucket, key, body.into(), options)
            .await
            .expect("the put succeeds")
    }

    /// Waits until no message waits or is worked on.
    pub async fn settle(&self) {
        let idle = async {
            while !self.platform().is_idle().await.expect("the database answers") {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, idle).await.is_err() {
            let left: Vec<(String, String, i32)> =
                sqlx::query_as("select stage, subject, attempts from ops.outbox order by id limit 20")
                    .fetch_all(self.pool())
                    .await
                    .expect("the database answers");
            panic!("not settled after {PATIENCE:?}; left: {left:?}");
        }
    }

    /// As [`TestPlatform::settle`], but waits for what is in flight without a message too, and does not wait out
    /// the minutes that retries and leases take.
    pub async fn settle_hurried(&self) {
        let begun = Instant::now();
        let (mut seen, mut since) = (String::new(), Instant::now());
        let mut hurried = false;
        while !self.queue.is_settled().await {
            let now = self.queue.progress().await;
            if now != seen {
                (seen, since, hurried) = (now, Instant::now(), false);
            } else if since.elapsed() > DEAD {
                self.queue.end_leases().await;
                since = Instant::now();
            } else if since.elapsed() > STILL && !hurried {
                self.queue.hurry().await;
                self.platform().wake();
                hurried = true;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "not settled after {PATIENCE:?}; left:\n{}",
                self.queue.left().await
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// State and reason of each object, by key and then by id.
    pub async fn states(&self) -> Vec<(String, String, String)> {
        sqlx::query_as("select key, state, reason from ingest.object order by key collate \"C\", object_id")
            .fetch_all(self.pool())
            .await
            .expect("the database answers")
    }

    /// A single number of the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect("the query counts")
    }

    /// The books beside the bucket.
    pub async fn verify(&self) -> Verification {
        let clients = self.platform().clients();
        let bucket = self.platform().bucket();
        listing::verify(&clients.objects, &clients.store, (bucket, "")).await.expect("the bucket is listed")
    }

    /// Stops the platform.
    pub async fn stop(mut self) {
        if let Some(platform) = self.platform.take() {
            platform.shutdown().await;
        }
    }
}
