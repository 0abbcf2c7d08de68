//! The queues of SQS. The outbox is looked at with the database.

use landfall_domain::Finding;
use landfall_runtime::{QueueKind, QueueUrls, SqsSettings, inspect_queues, judge_queue};

use super::{PATIENCE, Surroundings};
use crate::Failure;

pub(super) async fn findings(surroundings: &Surroundings<'_>) -> Vec<Finding> {
    if surroundings.queue == QueueKind::Postgres {
        return Vec::new();
    }
    let env = &surroundings.context.env;
    let urls = match QueueUrls::from_env(env) {
        Ok(urls) => urls,
        Err(error) => return vec![Failure::from(error).finding("queue.urls")],
    };
    let settings = SqsSettings { region: env.get("AWS_REGION").map(str::to_owned), ..SqsSettings::default() };
    let seen = inspect_queues(&settings, &urls, PATIENCE).await;
    seen.iter().flat_map(|(stage, seen)| judge_queue(*stage, seen)).collect()
}
