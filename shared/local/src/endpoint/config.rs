//! What an endpoint needs to know at start.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one [`Endpoint`](super::Endpoint).
#[derive(Clone)]
pub struct EndpointConfig {
    /// The folder that holds index and blobs; created if missing. One process at a time.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The one access key that is accepted.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The region that `GetBucketLocation` names.
    pub region: String,
    /// Smallest size in bytes of a multipart part that is not the last one; S3 says 5 MiB.
    pub min_part_bytes: u64,
    /// Memory for cached index pages, bytes.
    pub index_cache_bytes: usize,
    /// How long a connection may take for the head of its next request; also how long it may lie idle between two.
    pub head_timeout: Duration,
    /// How long a request's body may bring nothing.
    pub body_timeout: Duration,
}

impl EndpointConfig {
    /// The usual settings for `data_dir` and one key pair: a free loopback port, region `us-east-1`, S3's limits.
    pub fn new(
        data_dir: impl Into<PathBuf>,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
            region: "us-east-1".to_owned(),
            min_part_bytes: 5 * 1024 * 1024,
            index_cache_bytes: 128 * 1024 * 1024,
            // Longer than clients keep a connection that they do not use (90 s is usual): who reuses one finds it open.
            head_timeout: Duration::from_mins(2),
            body_timeout: Duration::from_mins(1),
        }
    }
}

impl fmt::Debug for EndpointConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("data_dir", &self.data_dir)
            .field("listen", &self.listen)
            .field("access_key", &self.access_key)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
