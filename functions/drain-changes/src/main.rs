//! The Lambda that drains change files, started by a schedule for each dataset.

use std::sync::Arc;
use std::time::SystemTime;

use drain_changes::{CaptureHistory, DrainChanges, DrainReport, DrainSettings, Order};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_domain::{Dataset, Stage};
use landfall_runtime::{Clients, Deadline, Env, LogFormat, init_tracing, initialized};

/// What a schedule sends.
#[derive(serde::Deserialize)]
struct Tick {
    dataset: Dataset,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    let drain = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let history = Arc::new(CaptureHistory::new(clients.store.clone()));
        Ok(DrainChanges::new(clients, DrainSettings::from_env(&env)?).then(history))
    }));
    let drain = &drain.await?;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Tick>| -> Result<DrainReport, Error> {
        let (ends, now) = (event.context.deadline(), SystemTime::now());
        let deadline = Deadline::of_invocation(Stage::DrainChanges, ends, now);
        Ok(drain.run(&Order::of(event.payload.dataset), deadline).await?)
    }))
    .await
}
