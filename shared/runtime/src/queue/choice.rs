//! Which queue the environment asks for.

use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use super::{PostgresQueue, QueueUrls, SqsQueue, SqsSettings, StageQueue};
use crate::{Clients, ConfigError, Env, MessageBodies};

/// The kinds of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueKind {
    /// The outbox.
    Postgres,
    /// One SQS queue for each stage.
    Sqs,
}

impl QueueKind {
    /// What `LANDFALL_QUEUE` says.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        env.parsed("LANDFALL_QUEUE", Self::Postgres)
    }
}

impl FromStr for QueueKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "postgres" => Ok(Self::Postgres),
            "sqs" => Ok(Self::Sqs),
            _ => Err("expected postgres or sqs"),
        }
    }
}

/// The queue that `LANDFALL_QUEUE` chooses, for a function; connects when first used.
///
/// # Errors
/// A variable is missing or does not read.
pub async fn queue_from_env(env: &Env, clients: &Clients) -> Result<Arc<dyn StageQueue>, ConfigError> {
    let store = clients.store.clone();
    let owner = format!("lambda:{}", Uuid::new_v4());
    match QueueKind::from_env(env)? {
        QueueKind::Postgres => Ok(Arc::new(PostgresQueue::new(store, owner))),
        QueueKind::Sqs => {
            let region = env.get("AWS_REGION").map(str::to_owned);
            let settings = SqsSettings { region, ..SqsSettings::default() };
            let urls = QueueUrls::from_env(env)?;
            let bodies = MessageBodies::of(clients);
            let (parts, faults) = ((store, owner), clients.faults.clone());
            Ok(Arc::new(SqsQueue::connect(&settings, urls, parts, bodies, faults).await))
        }
    }
}
