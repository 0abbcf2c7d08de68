//! The Lambda that geocodes, started by a schedule.

use std::sync::Arc;

use geocode_tickets::{GeocodeTickets, Passes, Report, Settings};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_runtime::{Clients, Env, LogFormat, init_tracing, initialized};

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    let built = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let clock = Arc::clone(&clients.clock);
        Ok((GeocodeTickets::new(clients.store, Arc::clone(&clock), Settings::from_env(&env)?)?, clock))
    }));
    let (geocoder, clock) = &built.await?;
    lambda_runtime::run(service_fn(async move |_: LambdaEvent<serde_json::Value>| -> Result<Report, Error> {
        Ok(geocoder.run(Passes::BOTH, clock.now()).await?)
    }))
    .await
}
