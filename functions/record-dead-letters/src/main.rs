//! The Lambda behind all queues of dead letters.

use record_dead_letters::RecordDeadLetters;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    landfall_runtime::lambda::run(|_, clients| Ok(RecordDeadLetters::new(clients))).await
}
