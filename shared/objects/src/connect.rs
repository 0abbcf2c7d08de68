//! How to reach the store.

use std::fmt;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    Builder, Credentials, RequestChecksumCalculation, ResponseChecksumValidation, SharedCredentialsProvider,
};

use crate::ObjectStore;

const CONNECT: Duration = Duration::from_secs(3);
const READ: Duration = Duration::from_secs(20);
const ATTEMPT: Duration = Duration::from_secs(25);
/// The SDK counts the sending of the body into these two; a stalled upload is ended much earlier by
/// its protection against stalled streams.
const UPLOAD: Duration = Duration::from_mins(10);

/// Where the store is and how to reach it. What is none comes from the usual AWS sources
/// (environment, profile, role).
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// URL of an S3-compatible store; none for AWS.
    pub endpoint: Option<String>,
    /// The region; with a custom endpoint and nothing configured `us-east-1`.
    pub region: Option<String>,
    /// Access key and secret.
    pub credentials: Option<StaticCredentials>,
    /// Bucket in the path instead of the host name, as most compatible stores want it.
    pub force_path_style: bool,
}

/// An access key with its secret, which cannot be printed.
#[derive(Clone)]
pub struct StaticCredentials {
    access: String,
    secret: String,
}

impl StaticCredentials {
    /// Wraps an access key and its secret.
    pub fn new(access: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { access: access.into(), secret: secret.into() }
    }

    /// Access key and secret, for whoever speaks to another service of the same account.
    pub fn parts(&self) -> (&str, &str) {
        (&self.access, &self.secret)
    }
}

impl From<(String, String)> for StaticCredentials {
    fn from((access, secret): (String, String)) -> Self {
        Self { access, secret }
    }
}

impl fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticCredentials").field("access", &self.access).finish_non_exhaustive()
    }
}

impl ObjectStore {
    /// Connects with our time-outs and retries. Nothing is sent yet.
    ///
    /// A request is tried three times in all: longer waits are the queue's (ARCHITECTURE.md, failures). Checksums
    /// beyond what an operation requires are left out for a custom endpoint, because many stores
    /// refuse them.
    pub async fn connect(settings: &Settings) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        // Beside an endpoint of one's own nobody is asked for a region: the look-up would leave the machine.
        let beside_own = settings.endpoint.as_ref().map(|_| "us-east-1");
        if let Some(region) = settings.region.as_deref().or(beside_own) {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(StaticCredentials { access, secret }) = &settings.credentials {
            let credentials = Credentials::new(access, secret, None, None, "settings");
            loader = loader.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        let shared = loader.load().await;
        let mut config = Builder::from(&shared)
            .timeout_config(timeouts())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(250))
                    .with_max_backoff(Duration::from_secs(2)),
            )
            .force_path_style(settings.force_path_style);
        if let Some(endpoint) = &settings.endpoint {
            config = config
                .endpoint_url(endpoint)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        }
        Self::new(aws_sdk_s3::Client::from_conf(config.build()))
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .build()
}

/// The same with time for a large body on a slow line.
pub(crate) fn upload_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(UPLOAD)
        .operation_attempt_timeout(UPLOAD)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let settings = Settings {
            credentials: Some(StaticCredentials::new("reader", "very-secret")),
            ..Settings::default()
        };
        insta::assert_snapshot!(format!("{settings:?}"), @r#"Settings { endpoint: None, region: None, credentials: Some(StaticCredentials { access: "reader", .. }), force_path_style: false }"#);
    }
}
