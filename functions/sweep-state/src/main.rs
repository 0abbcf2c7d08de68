//! The Lambda that sweeps, started by a schedule every minute.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_dumps::plugins::Registry;
use landfall_runtime::{Clients, Env, LogFormat, init_tracing, initialized, queue_from_env};
use sweep_state::{SweepReport, SweepState};

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    let sweeper = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let queue = queue_from_env(&env, &clients).await?;
        Ok(SweepState::new(clients, Arc::new(Registry::production()?)).handing_on_to(queue))
    }));
    let sweeper = &sweeper.await?;
    lambda_runtime::run(service_fn(
        async move |_: LambdaEvent<serde_json::Value>| -> Result<SweepReport, Error> {
            Ok(sweeper.run().await?)
        },
    ))
    .await
}
