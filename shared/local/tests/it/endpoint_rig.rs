//! Starts an endpoint for a test and gives a client for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, EventSink, NoEvents};
use tempfile::TempDir;

pub(crate) const ACCESS_KEY: &str = "test-access";
pub(crate) const SECRET_KEY: &str = "test-secret";

/// An endpoint on a folder of its own.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
    pub(crate) endpoint: Endpoint,
    pub(crate) client: Client,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with_sink(Arc::new(NoEvents)).await
    }

    /// With settings that the test has changed.
    pub(crate) async fn configured(change: impl FnOnce(&mut EndpointConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = EndpointConfig::new(dir.path(), ACCESS_KEY, SECRET_KEY);
        change(&mut config);
        let endpoint = Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await.unwrap();
        let client = client(&endpoint.url(), ACCESS_KEY, SECRET_KEY);
        Self { dir, endpoint, client }
    }

    pub(crate) async fn with_sink(sink: Arc<dyn EventSink>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = open(dir.path(), sink).await;
        let client = client(&endpoint.url(), ACCESS_KEY, SECRET_KEY);
        Self { dir, endpoint, client }
    }

    /// Stops the endpoint and starts another on the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.endpoint.shutdown().await;
        let endpoint = open(self.dir.path(), Arc::new(NoEvents)).await;
        let client = client(&endpoint.url(), ACCESS_KEY, SECRET_KEY);
        Self { dir: self.dir, endpoint, client }
    }
}

pub(crate) async fn open(dir: &Path, sink: Arc<dyn EventSink>) -> Endpoint {
    let config = EndpointConfig::new(dir, ACCESS_KEY, SECRET_KEY);
    Endpoint::start(config, sink, Arc::new(SystemClock)).await.unwrap()
}

pub(crate) fn client(url: &str, access: &str, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new(access, secret, None, None, "test"))
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

/// The S3 error code of a failed call; for calls without a body (HEAD) the HTTP status.
pub(crate) fn code<T: std::fmt::Debug, E>(result: Result<T, SdkError<E>>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let error = result.expect_err("a refusal");
    let status = error.raw_response().map(|response| response.status().as_u16());
    match error.code() {
        Some(code) => code.to_owned(),
        None => status.map_or_else(|| format!("{error:?}"), |status| status.to_string()),
    }
}

/// A version as one read shows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) body: Vec<u8>,
    pub(crate) etag: String,
    pub(crate) version: Option<String>,
}

pub(crate) async fn read(client: &Client, bucket: &str, key: &str) -> Option<Seen> {
    read_version(client, bucket, key, None).await
}

pub(crate) async fn read_version(
    client: &Client,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Option<Seen> {
    let call = client.get_object().bucket(bucket).key(key).set_version_id(version.map(str::to_owned));
    let got = match call.send().await {
        Ok(got) => got,
        Err(error) => {
            let code = error.code().unwrap_or_default().to_owned();
            assert!(code == "NoSuchKey" || code == "NoSuchVersion", "{error:?}");
            return None;
        }
    };
    let (etag, version) = (bare(got.e_tag()), got.version_id().map(str::to_owned));
    let body = got.body.collect().await.unwrap().into_bytes().to_vec();
    Some(Seen { body, etag, version })
}

/// Puts and gives ETag and version id.
pub(crate) async fn put(client: &Client, bucket: &str, key: &str, body: &[u8]) -> (String, Option<String>) {
    let stored = client.put_object().bucket(bucket).key(key).body(bytes(body)).send().await.unwrap();
    (bare(stored.e_tag()), stored.version_id().map(str::to_owned))
}

pub(crate) fn bytes(body: &[u8]) -> ByteStream {
    ByteStream::from(body.to_vec())
}

/// An ETag without its quotes.
pub(crate) fn bare(etag: Option<&str>) -> String {
    etag.unwrap().trim_matches('"').to_owned()
}

pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Bytes that differ from place to place.
pub(crate) fn pattern(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|at| (at.wrapping_mul(31) ^ (at >> 8) ^ usize::from(seed)).to_le_bytes()[0]).collect()
}

/// The blob files under a data folder.
pub(crate) fn blob_files(dir: &Path) -> Vec<PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&dir.join("blobs"), &mut found);
    found.sort_unstable();
    found
}
