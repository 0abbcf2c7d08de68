//! The Lambda of the front door.

use receive_object::ReceiveObject;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    landfall_runtime::lambda::run(|_, clients| Ok(ReceiveObject::new(clients))).await
}
