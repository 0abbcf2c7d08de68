//! The Lambda that sweeps, started by a schedule every minute.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_dumps::plugins::Registry;
use landfall_runtime::{Clients, Env, LogFormat, init_tracing};
use sweep_state::{SweepReport, SweepState};

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_tracing(LogFormat::Json, "info");
    let sweeper =
        SweepState::new(Clients::from_env(&Env::of_process()).await?, Arc::new(Registry::production()?));
    let sweeper = &sweeper;
    lambda_runtime::run(service_fn(
        async move |_: LambdaEvent<serde_json::Value>| -> Result<SweepReport, Error> {
            Ok(sweeper.run().await?)
        },
    ))
    .await
}
