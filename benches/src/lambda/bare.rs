//! A function that does nothing, on the runtime library of the others: what a start and an event cost without us.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_domain::Stage;
use landfall_testkit::lambda::LambdaFunction;
use serde_json::{Value, json};

/// The argument that makes this program that function.
const ARGUMENT: &str = "bare-function";

/// Answers every event as if it were a batch without failures.
pub async fn serve() -> anyhow::Result<()> {
    let served = lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| -> Result<Value, Error> {
        Ok(json!({ "batchItemFailures": [] }))
    }));
    served.await.map_err(|error| anyhow::anyhow!("the runtime API failed: {error}"))
}

/// The function.
pub fn function() -> anyhow::Result<LambdaFunction> {
    Ok(LambdaFunction::new(Stage::ReceiveObject, std::env::current_exe()?).argument(ARGUMENT))
}
