//! The Lambda of the front door.

use receive_object::{DrainOnEvent, ReceiveObject};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    landfall_runtime::lambda::run(|env, clients| {
        Ok(ReceiveObject::new(clients).draining(DrainOnEvent::from_env(env)?))
    })
    .await
}
