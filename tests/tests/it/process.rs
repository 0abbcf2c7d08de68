//! A platform in a process of its own, so that it can be killed: the test binary runs itself once more.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use landfall_local::dispatcher::DispatcherSettings;
use landfall_local::listing::{self, Verification};
use landfall_local::platform::{Database, Platform, PlatformConfig};
use landfall_objects::{ObjectStore, Put, PutOptions, Settings, StaticCredentials};
use landfall_runtime::{RetryWaits, Secret};
use landfall_store::Store;
use landfall_testkit::database::TestDatabase;
use landfall_testkit::{Fingerprint, Queue};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// The data folder of a platform process; without it the entry below does nothing.
const FOLDER: &str = "LANDFALL_TEST_PROCESS";
/// Its database.
const DATABASE: &str = "LANDFALL_TEST_PROCESS_DATABASE";
/// The file in the folder that names the endpoint once the platform runs.
const READY: &str = "endpoint-url";
/// How long a process may take for what is asked of it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The process itself: runs a platform until its standard input ends, or until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn platform_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let mut config = PlatformConfig::embedded(&folder);
    config.database = Database::Url(Secret::new(std::env::var(DATABASE).unwrap()));
    config.rules.auto_create_customer = true;
    config.dispatcher.poll = Duration::from_millis(20);
    config.dispatcher = DispatcherSettings {
        retry: RetryWaits { first: Duration::from_millis(20), ..RetryWaits::default() },
        ..config.dispatcher
    };
    config.faults = std::env::var("LANDFALL_FAULTS").unwrap_or_default().parse().unwrap();
    let platform = Platform::start(config).await.unwrap();
    let url = platform.storage().endpoint.clone().unwrap();
    let draft = Path::new(&folder).join("endpoint-draft");
    std::fs::write(&draft, url).unwrap();
    std::fs::rename(&draft, Path::new(&folder).join(READY)).unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    platform.shutdown().await;
}

/// The folder and the database of a platform that lives several lives.
pub struct Site {
    pub queue: Queue,
    database: TestDatabase,
    folder: TempDir,
}

impl Site {
    pub async fn new() -> Self {
        let database = TestDatabase::create().await;
        let queue = Queue::of(database.pool()).await;
        Self { queue, database, folder: tempfile::tempdir().unwrap() }
    }

    /// Starts a life with scripted faults; returns once it serves.
    pub async fn start(&self, faults: &str) -> Life {
        let ready = self.folder.path().join(READY);
        let _ = std::fs::remove_file(&ready);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::platform_process", "--nocapture", "--test-threads=1"])
            .env(FOLDER, self.folder.path())
            .env(DATABASE, self.database.url())
            .env("LANDFALL_FAULTS", faults)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let url = loop {
            if let Ok(url) = std::fs::read_to_string(&ready) {
                break url;
            }
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the process ended before it served: {ended:?}");
            assert!(begun.elapsed() < PATIENCE, "the process does not serve");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let secret = std::fs::read_to_string(self.folder.path().join("secret-key")).unwrap();
        let settings = Settings {
            endpoint: Some(url),
            region: Some("us-east-1".into()),
            credentials: Some(StaticCredentials::new("landfall", secret.trim())),
            force_path_style: true,
        };
        Life { child, objects: ObjectStore::connect(&settings).await }
    }

    /// Waits until nothing is left to do; no wait is shortened.
    pub async fn settle(&self) {
        let begun = Instant::now();
        while !self.queue.is_settled().await {
            assert!(begun.elapsed() < PATIENCE, "not settled; left:\n{}", self.queue.left().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until no object is in flight, then ends the waits that nobody waits for any more.
    pub async fn settle_at_once(&self) {
        let begun = Instant::now();
        let in_flight = "select exists (select 1 from ingest.object where state in ('waiting', 'dispatched'))
            or not exists (select 1 from ingest.object where key like '%.json')";
        while sqlx::query_scalar::<_, bool>(in_flight).fetch_one(self.database.pool()).await.unwrap() {
            assert!(begun.elapsed() < PATIENCE, "not settled; left:\n{}", self.queue.left().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.queue.hurry().await;
        self.settle().await;
    }

    /// Waits until one more lost worker makes no unit fail for good.
    pub async fn until_no_unit_is_on_its_last_try(&self) {
        let begun = Instant::now();
        let last = "select exists (select 1 from dump.plugin_ledger where state <> 'DONE' and attempts >= 2)";
        while sqlx::query_scalar::<_, bool>(last).fetch_one(self.database.pool()).await.unwrap() {
            assert!(begun.elapsed() < PATIENCE, "units are stuck:\n{}", self.queue.left().await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The database, past all code of ours.
    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    pub async fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.database.pool()).await
    }

    /// Whether a version of a key is in some state.
    pub async fn accounts_for(&self, key: &str, version_id: &str) -> bool {
        sqlx::query_scalar("select exists (select 1 from ingest.object where key = $1 and version = $2)")
            .bind(key)
            .bind(version_id)
            .fetch_one(self.database.pool())
            .await
            .unwrap()
    }

    pub async fn verify(&self, life: &Life) -> Verification {
        let store = Store::connect(self.database.url(), 2).unwrap();
        listing::verify(&life.objects, &store, ("landing", "")).await.unwrap()
    }
}

/// One life of a platform.
pub struct Life {
    child: Child,
    objects: ObjectStore,
}

impl Life {
    /// Puts an object; none if the process died over it.
    pub async fn put(&self, key: &str, body: &[u8]) -> Option<Put> {
        let put = self.objects.put("landing", key, body.to_vec().into(), PutOptions::default());
        put.await.ok()
    }

    /// Waits until the process has killed itself.
    pub async fn died_of_its_script(mut self) {
        // Waiting would close it, and end the process in order.
        let _stdin = self.child.stdin.take();
        let ended =
            tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the process dies").unwrap();
        assert_eq!(ended.signal(), Some(6), "{ended:?}");
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Ends the process in order.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        let ended =
            tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the process ends").unwrap();
        assert!(ended.success(), "{ended:?}");
    }
}
