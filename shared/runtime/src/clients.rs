//! What handlers are given: built once per cold start.

use std::sync::Arc;

use landfall_domain::{Clock, SystemClock};
use landfall_objects::{ObjectStore, Settings, StaticCredentials};
use landfall_store::{Store, StoreError};

use crate::{ConfigError, Env, Faults};

/// The work bucket, where none is named.
pub const WORK_BUCKET: &str = "work";

/// Everything a handler reaches the world through.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The database.
    pub store: Store,
    /// The object store.
    pub objects: ObjectStore,
    /// The bucket of what Landfall keeps for itself: indexes of archives.
    pub work_bucket: Arc<str>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Scripted faults; none in production.
    pub faults: Faults,
}

/// Why the clients could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A variable is missing or does not read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database's URL does not read.
    #[error("environment variable DATABASE_URL does not read")]
    Store(#[from] StoreError),
}

impl Clients {
    /// Builds the clients of a function from its environment; connects when first used.
    pub async fn from_env(env: &Env) -> Result<Self, ClientsError> {
        let url = env.required("DATABASE_URL", "the Postgres database")?;
        let connections = env.parsed("LANDFALL_DB_CONNECTIONS", 2)?;
        Ok(Self {
            store: Store::connect(url, connections)?,
            objects: ObjectStore::connect(&object_settings(env)?).await,
            work_bucket: env.get("LANDFALL_WORK_BUCKET").unwrap_or(WORK_BUCKET).into(),
            clock: Arc::new(SystemClock),
            faults: env.parsed("LANDFALL_FAULTS", Faults::none())?,
        })
    }
}

/// Where the object store is, as the environment says.
fn object_settings(env: &Env) -> Result<Settings, ConfigError> {
    let endpoint = env.get("LANDFALL_S3_ENDPOINT").map(str::to_owned);
    let credentials = match (env.get("LANDFALL_S3_ACCESS_KEY"), env.get("LANDFALL_S3_SECRET_KEY")) {
        (Some(access), Some(secret)) => Some(StaticCredentials::new(access, secret)),
        _ => None,
    };
    let force_path_style = env.parsed("LANDFALL_S3_PATH_STYLE", endpoint.is_some())?;
    let region = env.get("AWS_REGION").map(str::to_owned);
    Ok(Settings { endpoint, region, credentials, force_path_style })
}
