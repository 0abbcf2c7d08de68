//! The Lambda that parses network elements.

use std::sync::Arc;

use landfall_dumps::plugins::Registry;
use landfall_runtime::walk_limits;
use parse_member::ParseMember;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    landfall_runtime::lambda::run(|env, clients| {
        let owner = format!("lambda:{}", uuid::Uuid::new_v4());
        Ok(ParseMember::new(clients, Arc::new(Registry::production()?), owner, walk_limits(env)?))
    })
    .await
}
