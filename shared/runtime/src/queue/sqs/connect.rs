//! How to reach SQS, and which queue is whose.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::retry::RetryConfig;
use landfall_domain::Stage;
use landfall_objects::StaticCredentials;

use crate::{ConfigError, Env};

const CONNECT: Duration = Duration::from_secs(3);
/// Longer than any long poll.
const READ: Duration = Duration::from_secs(25);

/// Where SQS is. What is none comes from the usual AWS sources (environment, profile, role).
#[derive(Debug, Clone, Default)]
pub struct SqsSettings {
    /// URL of an endpoint that speaks SQS; none for that of the usual AWS sources.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Access key and secret.
    pub credentials: Option<StaticCredentials>,
    /// For so long a receive waits for a first message; at most 20 s.
    pub long_poll: Duration,
}

pub(super) async fn client(settings: &SqsSettings) -> Client {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(credentials) = &settings.credentials {
        let (access, secret) = credentials.parts();
        let credentials = Credentials::new(access, secret, None, None, "settings");
        loader = loader.credentials_provider(SharedCredentialsProvider::new(credentials));
    }
    let shared = loader.load().await;
    let mut config = Builder::from(&shared)
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .read_timeout(READ)
                .operation_attempt_timeout(READ)
                .build(),
        )
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(250))
                .with_max_backoff(Duration::from_secs(2)),
        );
    if let Some(endpoint) = &settings.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Client::from_conf(config.build())
}

/// The queue of each stage that a process sends to or receives from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueUrls(BTreeMap<Stage, String>);

impl QueueUrls {
    /// These queues.
    pub fn of(urls: impl IntoIterator<Item = (Stage, String)>) -> Self {
        Self(urls.into_iter().collect())
    }

    /// Those that the environment names. A stage that is not named is left to sweep-state, for which all are.
    ///
    /// # Errors
    /// None is named.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let named = [
            (Stage::ReceiveObject, env.get("LANDFALL_QUEUE_URL_RECEIVE_OBJECT")),
            (Stage::PlanArchive, env.get("LANDFALL_QUEUE_URL_PLAN_ARCHIVE")),
            (Stage::ParseMember, env.get("LANDFALL_QUEUE_URL_PARSE_MEMBER")),
            (Stage::DrainChanges, env.get("LANDFALL_QUEUE_URL_DRAIN_CHANGES")),
        ];
        let urls = Self::of(named.into_iter().filter_map(|(stage, url)| Some((stage, url?.to_owned()))));
        if urls.0.is_empty() {
            let (name, problem) = ("LANDFALL_QUEUE", "sqs needs the URL of a queue, LANDFALL_QUEUE_URL_...");
            return Err(ConfigError::Invalid { name, problem: problem.to_owned() });
        }
        Ok(urls)
    }

    /// The URL of a stage's queue.
    pub fn get(&self, stage: Stage) -> Option<&str> {
        self.0.get(&stage).map(String::as_str)
    }

    /// Stages that get messages and are not named.
    pub(super) fn missing(&self) -> Vec<Stage> {
        Stage::QUEUED.into_iter().filter(|stage| self.get(*stage).is_none()).collect()
    }

    pub(super) fn stages(&self) -> Vec<Stage> {
        self.0.keys().copied().collect()
    }
}
