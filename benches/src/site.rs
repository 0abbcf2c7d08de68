//! An embedded endpoint in a temporary folder, and how to reach it.

use std::sync::Arc;

use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, EventSink};
use landfall_objects::{ObjectStore, Settings, StaticCredentials, Versioning};
use landfall_runtime::WORK_BUCKET;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// The access key of every endpoint here.
pub const ACCESS_KEY: &str = "landfall";
/// The bucket of every bench.
pub const BUCKET: &str = "landing";

/// Where objects go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Address {
    /// The endpoint's URL.
    pub endpoint: String,
    /// Its secret key.
    pub secret: String,
}

impl Address {
    /// As the store takes it.
    pub fn settings(&self) -> Settings {
        Settings {
            endpoint: Some(self.endpoint.clone()),
            region: Some("us-east-1".into()),
            credentials: Some(StaticCredentials::new(ACCESS_KEY, &self.secret)),
            force_path_style: true,
        }
    }
}

/// A running endpoint with the bucket of every bench and the work bucket.
pub struct Site {
    endpoint: Endpoint,
    /// How to reach it.
    pub address: Address,
    /// A client.
    pub objects: ObjectStore,
    _folder: TempDir,
}

impl Site {
    /// Starts an endpoint that tells `sink`.
    pub async fn start(versioning: Versioning, sink: Arc<dyn EventSink>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("landfall-bench-s3-").tempdir()?;
        let secret = uuid::Uuid::new_v4().simple().to_string();
        let config = EndpointConfig::new(folder.path(), ACCESS_KEY, &secret);
        let endpoint = Endpoint::start(config, sink, Arc::new(SystemClock)).await?;
        let address = Address { endpoint: endpoint.url(), secret };
        let objects = ObjectStore::connect(&address.settings()).await;
        objects.ensure_bucket(BUCKET, versioning).await?;
        // Where stages keep what is theirs, indexes among it.
        objects.ensure_bucket(WORK_BUCKET, Versioning::Unversioned).await?;
        Ok(Self { endpoint, address, objects, _folder: folder })
    }

    /// How many requests it has got so far.
    pub fn requests(&self) -> u64 {
        self.endpoint.requests()
    }

    /// Stops it and removes its folder.
    pub async fn stop(self) {
        self.endpoint.shutdown().await;
    }
}
