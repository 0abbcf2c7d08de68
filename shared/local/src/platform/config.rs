//! What a platform needs to know at start.

use std::net::SocketAddr;
use std::path::PathBuf;

use drain_changes::DrainSettings;
use landfall_objects::{Settings, StaticCredentials, Versioning};
use landfall_runtime::{ConfigError, Env, Faults, Secret, WORK_BUCKET};
use plan_archive::Rules;
use receive_object::DrainOnEvent;

use crate::dispatcher::DispatcherSettings;
use crate::functions::{FunctionsUrl, RemoteSettings};
use crate::postgres::Durability;

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Database {
    /// A private cluster in the data folder.
    Private(Durability),
    /// A server that is there already.
    Url(Secret),
}

/// Where the objects are.
#[derive(Debug, Clone)]
pub enum Storage {
    /// The embedded endpoint in the data folder, on this address.
    Embedded(SocketAddr),
    /// A store that is there already.
    External(Settings),
}

/// A platform: what is embedded, what is not, and where its data lies.
#[derive(Debug, Clone)]
pub struct PlatformConfig {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database: Database,
    /// Where the objects are.
    pub storage: Storage,
    /// The bucket that is watched; made if missing.
    pub bucket: String,
    /// The bucket of what Landfall keeps for itself; made if missing, never watched.
    pub work_bucket: String,
    /// Whether the watched bucket keeps versions, where we make it.
    pub versioning: Versioning,
    /// How archives are planned and uploads judged.
    pub rules: Rules,
    /// How change files are drained; its bucket is the watched one.
    pub drain: DrainSettings,
    /// Whose change files are drained when they land, beside the schedules.
    pub drain_on_event: DrainOnEvent,
    /// How the places of tickets are asked for.
    pub geocoder: geocode_tickets::Settings,
    /// How the dispatcher waits.
    pub dispatcher: DispatcherSettings,
    /// Where the functions run; none for this process itself.
    pub functions: Option<FunctionsUrl>,
    /// How functions that run elsewhere are waited for.
    pub remote: RemoteSettings,
    /// Scripted faults; none in production.
    pub faults: Faults,
}

impl PlatformConfig {
    /// Everything embedded, in one folder, on free loopback ports.
    pub fn embedded(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database: Database::Private(Durability::Full),
            storage: Storage::Embedded(SocketAddr::from(([127, 0, 0, 1], 0))),
            bucket: "landing".into(),
            work_bucket: WORK_BUCKET.into(),
            versioning: Versioning::Enabled,
            rules: Rules::default(),
            drain: DrainSettings::of("landing"),
            drain_on_event: DrainOnEvent::default(),
            geocoder: geocode_tickets::Settings::default(),
            dispatcher: DispatcherSettings::default(),
            functions: None,
            remote: RemoteSettings::default(),
            faults: Faults::none(),
        }
    }

    /// What the environment says, over everything embedded.
    pub fn from_env(data_dir: impl Into<PathBuf>, env: &Env) -> Result<Self, ConfigError> {
        let mut config = Self::embedded(data_dir);
        if let Some(url) = env.get("DATABASE_URL") {
            config.database = Database::Url(Secret::new(url));
        }
        if let Some(endpoint) = env.get("LANDFALL_S3_ENDPOINT") {
            let access = env.required("LANDFALL_S3_ACCESS_KEY", "the access key of LANDFALL_S3_ENDPOINT")?;
            let secret = env.required("LANDFALL_S3_SECRET_KEY", "the secret key of LANDFALL_S3_ENDPOINT")?;
            config.storage = Storage::External(Settings {
                endpoint: Some(endpoint.to_owned()),
                region: env.get("AWS_REGION").map(str::to_owned),
                credentials: Some(StaticCredentials::new(access, secret)),
                force_path_style: env.parsed("LANDFALL_S3_PATH_STYLE", true)?,
            });
        } else if let Storage::Embedded(listen) = config.storage {
            config.storage = Storage::Embedded(env.parsed("LANDFALL_S3_LISTEN", listen)?);
        }
        if let Some(bucket) = env.get("LANDFALL_BUCKET") {
            bucket.clone_into(&mut config.bucket);
        }
        if let Some(bucket) = env.get("LANDFALL_WORK_BUCKET") {
            bucket.clone_into(&mut config.work_bucket);
        }
        if config.bucket == config.work_bucket {
            let problem = "the work bucket cannot be the watched one".to_owned();
            return Err(ConfigError::Invalid { name: "LANDFALL_WORK_BUCKET", problem });
        }
        config.rules = Rules::from_env(env)?;
        config.drain = DrainSettings::from_env(env)?;
        config.drain_on_event = DrainOnEvent::from_env(env)?;
        config.geocoder = geocode_tickets::Settings::from_env(env)?;
        config.faults = env.parsed("LANDFALL_FAULTS", Faults::none())?;
        Ok(config)
    }
}
