//! The Lambda that plans dump archives.

use std::sync::Arc;

use landfall_dumps::plugins::Registry;
use plan_archive::{PlanArchive, Rules};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    landfall_runtime::lambda::run(|env, clients| {
        Ok(PlanArchive::new(clients, Rules::from_env(env)?, Arc::new(Registry::production()?)))
    })
    .await
}
