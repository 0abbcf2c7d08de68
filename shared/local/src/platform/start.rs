//! Start, run, stop.

use std::sync::Arc;

use drain_changes::{DrainByMessage, DrainChanges, DrainSettings};
use landfall_domain::{Clock, SCHEDULES, Stage, SystemClock};
use landfall_dumps::plugins::{Registry, RegistryError};
use landfall_objects::{ObjectError, ObjectStore, Settings, StaticCredentials, Versioning};
use landfall_runtime::{Clients, PostgresQueue};
use landfall_store::{Store, StoreError, dump, outbox, partition};
use parse_member::ParseMember;
use plan_archive::PlanArchive;
use receive_object::ReceiveObject;
use sweep_state::SweepState;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::config::{Database, PlatformConfig, Storage};
use super::events::OutboxSink;
use super::geocoding::{GeocodeAfterDrain, drain_of};
use super::home::{Home, HomeError};
use super::scheduler::{self, Sweeper};
use crate::dispatcher::{BatchHandler, Dispatcher, InProcess};
use crate::endpoint::{Endpoint, EndpointConfig, EndpointError};
use crate::functions::{self, RemoteFunction};
use crate::postgres::{PostgresError, PrivateCluster};

/// Connections of one process to its database.
pub const CONNECTIONS: u32 = 16;
/// The access key of the embedded endpoint.
const ACCESS_KEY: &str = "landfall";
/// The database of a private cluster.
const DATABASE: &str = "landfall";

/// Why a platform does not start.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The data folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The private database server.
    #[error("the private database does not start")]
    Postgres(#[from] PostgresError),
    /// The plugins contradict each other: a fault of this release.
    #[error("the parser plugins contradict each other")]
    Registry(#[from] RegistryError),
    /// The database.
    #[error("the database does not answer as it should")]
    Store(#[from] StoreError),
    /// The embedded endpoint.
    #[error("the embedded S3 endpoint does not start")]
    Endpoint(#[from] EndpointError),
    /// The bucket.
    #[error("bucket {bucket} cannot be used")]
    Bucket {
        /// The bucket.
        bucket: String,
        /// Why.
        #[source]
        source: ObjectError,
    },
}

/// A running platform.
pub struct Platform {
    clients: Clients,
    config: PlatformConfig,
    settings: Settings,
    database_url: String,
    dispatcher: Dispatcher,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    endpoint: Option<Endpoint>,
    cluster: Option<PrivateCluster>,
    home: Home,
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Platform {
    /// Starts everything that the configuration names; returns when events are being handled.
    pub async fn start(config: PlatformConfig) -> Result<Self, PlatformError> {
        // Boxed, because what starts is large, and whoever waits for it would hold room for all of it.
        Box::pin(Self::start_all(config)).await
    }

    async fn start_all(config: PlatformConfig) -> Result<Self, PlatformError> {
        let home = Home::open(&config.data_dir)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (cluster, database_url) = start_database(&home, &config).await?;
        let store = Store::connect(&database_url, CONNECTIONS)?;
        store.migrate().await?;
        let owner = take_over(&home, &store, clock.as_ref()).await?;
        let queue = Arc::new(PostgresQueue::new(store.clone(), owner.clone()));
        let dispatcher = Dispatcher::new(queue, clock.clone(), config.faults.clone(), config.dispatcher);
        let sink = OutboxSink::start(store.clone(), config.bucket.clone(), clock.clone(), dispatcher.clone());
        let missed = sink.missed();
        let (endpoint, settings) = start_storage(&home, &config, sink, clock.clone()).await?;
        let objects = ObjectStore::connect(&settings).await;
        ensure_buckets(&objects, &config).await?;
        let work_bucket = config.work_bucket.as_str().into();
        let clients = Clients { store, objects, work_bucket, clock, faults: config.faults.clone() };
        let stop = CancellationToken::new();
        let registry = Arc::new(Registry::production()?);
        let mut tasks = start_tasks(&clients, (&config, &owner, &registry), &dispatcher, &stop);
        let place = (config.bucket.clone(), missed);
        let list = scheduler::list_missed(clients.clone(), place, dispatcher.clone(), stop.clone());
        tasks.push(tokio::spawn(list));
        scheduler::heal(&clients, &config.bucket, &dispatcher).await;
        Ok(Self { clients, config, settings, database_url, dispatcher, stop, tasks, endpoint, cluster, home })
    }

    /// What the handlers reach the world through.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The watched bucket.
    pub fn bucket(&self) -> &str {
        &self.config.bucket
    }

    /// How to reach the object store.
    pub fn storage(&self) -> &Settings {
        &self.settings
    }

    /// The secret key of the embedded endpoint; its access key is `landfall`.
    pub fn secret_key(&self) -> &landfall_runtime::Secret {
        self.home.secret_key()
    }

    /// The database's URL.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The data folder.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The variables of functions that run elsewhere and work on this platform's data. Some values are secrets.
    pub fn function_variables(&self) -> Vec<(&'static str, String)> {
        functions::variables(&self.config, (&self.database_url, &self.settings))
    }

    /// Announces messages that something else than the endpoint wrote.
    pub fn wake(&self) {
        self.dispatcher.wake();
    }

    /// Whether no message waits or is worked on.
    pub async fn is_idle(&self) -> Result<bool, StoreError> {
        outbox::is_empty(self.clients.store.pool()).await
    }

    /// Finishes what is being handled, then stops everything.
    pub async fn shutdown(self) {
        self.dispatcher.stop();
        self.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
        if let Some(endpoint) = self.endpoint {
            endpoint.shutdown().await;
        }
        self.clients.store.pool().close().await;
        if let Some(cluster) = self.cluster
            && let Err(error) = cluster.stop().await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "database did not stop cleanly");
        }
    }
}

async fn start_database(
    home: &Home,
    config: &PlatformConfig,
) -> Result<(Option<PrivateCluster>, String), PlatformError> {
    match &config.database {
        Database::Url(url) => Ok((None, url.reveal().to_owned())),
        Database::Private(durability) => {
            let cluster = PrivateCluster::start(&home.dir().join("postgres"), *durability).await?;
            cluster.create_database(DATABASE).await?;
            let url = cluster.loopback_url(DATABASE);
            Ok((Some(cluster), url))
        }
    }
}

/// Frees what earlier lives of this node held: nobody else works under its name. Gives the name of this life.
async fn take_over(home: &Home, store: &Store, clock: &dyn Clock) -> Result<String, StoreError> {
    let prefix = home.owner_prefix();
    let owner = format!("{prefix}{}", Uuid::new_v4());
    let now = clock.now();
    let messages = outbox::release_dead(store.pool(), &prefix, &owner, now).await?;
    let leases = dump::release_dead_leases(store.pool(), &prefix, &owner, now).await?;
    partition::ensure(store.pool(), now, 2).await?;
    if messages + leases > 0 {
        tracing::info!(messages, leases, "took over from an earlier life of this node");
    }
    Ok(owner)
}

async fn start_storage(
    home: &Home,
    config: &PlatformConfig,
    sink: OutboxSink,
    clock: Arc<dyn Clock>,
) -> Result<(Option<Endpoint>, Settings), PlatformError> {
    match &config.storage {
        Storage::External(settings) => Ok((None, settings.clone())),
        Storage::Embedded(listen) => {
            let secret = home.secret_key().reveal();
            let mut endpoint = EndpointConfig::new(home.dir().join("objects"), ACCESS_KEY, secret);
            endpoint.listen = *listen;
            let endpoint = Endpoint::start(endpoint, Arc::new(sink), clock).await?;
            let settings = Settings {
                endpoint: Some(endpoint.url()),
                region: Some("us-east-1".into()),
                credentials: Some(StaticCredentials::new(ACCESS_KEY, secret)),
                force_path_style: true,
            };
            Ok((Some(endpoint), settings))
        }
    }
}

fn start_tasks(
    clients: &Clients,
    (config, owner, registry): (&PlatformConfig, &str, &Arc<Registry>),
    dispatcher: &Dispatcher,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    let drain = drain_here(clients, config);
    // Change files are drained here, whether the clock says so or a message.
    let others = Stage::QUEUED.into_iter().filter(|stage| *stage != Stage::DrainChanges);
    let mut handlers = match &config.functions {
        None => handlers_here(clients, (config, owner, registry)),
        Some(_) => others.filter_map(|stage| elsewhere(config, stage)).map(as_handler).collect(),
    };
    let by_message = DrainByMessage::new(drain.clone());
    handlers.push(Arc::new(InProcess::new(by_message, clients.clock.clone())));
    let sweeper = match elsewhere(config, Stage::SweepState) {
        None => Sweeper::Here(SweepState::new(clients.clone(), registry.clone())),
        Some(function) => Sweeper::Elsewhere(function, clients.clock.clone()),
    };
    let feed = dispatcher.clone();
    let mut tasks = vec![
        tokio::spawn(async move { feed.run(handlers).await }),
        tokio::spawn(scheduler::sweep(sweeper, clients.faults.clone(), dispatcher.clone(), stop.clone())),
    ];
    for schedule in SCHEDULES.into_iter().filter(|schedule| schedule.stage == Stage::DrainChanges) {
        let run = scheduler::drain(drain.clone(), schedule, clients.clock.clone(), stop.clone());
        tasks.push(tokio::spawn(run));
    }
    if matches!(config.storage, Storage::External(_)) {
        let list = scheduler::list(clients.clone(), config.bucket.clone(), dispatcher.clone(), stop.clone());
        tasks.push(tokio::spawn(list));
    }
    tasks
}

/// The drain of this process. A geocoder that cannot be used keeps no file from being applied.
fn drain_here(clients: &Clients, config: &PlatformConfig) -> DrainChanges {
    let settings = DrainSettings { bucket: config.bucket.clone(), ..config.drain.clone() };
    let geocode = GeocodeAfterDrain::configured(clients, config.geocoder.clone()).unwrap_or_else(|error| {
        tracing::error!("tickets are not geocoded: {error}");
        None
    });
    drain_of(clients, settings, geocode)
}

fn handlers_here(
    clients: &Clients,
    (config, owner, registry): (&PlatformConfig, &str, &Arc<Registry>),
) -> Vec<Arc<dyn BatchHandler>> {
    let clock = &clients.clock;
    let receive = ReceiveObject::new(clients.clone()).draining(config.drain_on_event.clone());
    let plan = PlanArchive::new(clients.clone(), config.rules.clone(), registry.clone());
    let parse = ParseMember::new(clients.clone(), registry.clone(), owner, config.rules.limits.clone());
    vec![
        Arc::new(InProcess::new(receive, clock.clone())),
        Arc::new(InProcess::new(plan, clock.clone())),
        Arc::new(InProcess::new(parse, clock.clone())),
    ]
}

/// The function of a stage, where functions run elsewhere.
fn elsewhere(config: &PlatformConfig, stage: Stage) -> Option<RemoteFunction> {
    config.functions.clone().map(|url| RemoteFunction::new(stage, url, config.remote))
}

fn as_handler(function: RemoteFunction) -> Arc<dyn BatchHandler> {
    Arc::new(function)
}

/// Makes the watched bucket and the work bucket, where they are missing.
async fn ensure_buckets(objects: &ObjectStore, config: &PlatformConfig) -> Result<(), PlatformError> {
    let buckets = [(&config.bucket, config.versioning), (&config.work_bucket, Versioning::Unversioned)];
    for (bucket, versioning) in buckets {
        let failed = |source| PlatformError::Bucket { bucket: bucket.clone(), source };
        objects.ensure_bucket(bucket, versioning).await.map_err(failed)?;
    }
    Ok(())
}
