//! The Lambda that drains change files: started by a schedule for each dataset, and by messages of its queue where
//! draining on the event is on.

use std::sync::Arc;
use std::time::SystemTime;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use drain_changes::{CaptureHistory, DrainByMessage, DrainChanges, DrainReport, DrainSettings, Order};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_domain::{Dataset, Stage};
use landfall_runtime::lambda::{Around, answer_batch};
use landfall_runtime::{
    Clients, Deadline, Env, LogFormat, MessageBodies, init_tracing, initialized, queue_from_env,
};

/// What starts it.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Event {
    /// Messages.
    Batch(SqsEvent),
    /// What a schedule sends.
    Tick { dataset: Dataset },
}

/// What it answers.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Answer {
    Batch(SqsBatchResponse),
    Run(Box<DrainReport>),
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    let built = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let queue = queue_from_env(&env, &clients).await?;
        let (clock, bodies) = (clients.clock.clone(), MessageBodies::of(&clients));
        let history = Arc::new(CaptureHistory::new(clients.store.clone()));
        let drain = DrainChanges::new(clients, DrainSettings::from_env(&env)?).then(history);
        Ok((drain, queue, bodies, clock))
    }));
    let (drain, queue, bodies, clock) = built.await?;
    let by_message = DrainByMessage::new(drain.clone());
    let around = Around { queue: queue.as_ref(), bodies: Some(&bodies), clock: clock.as_ref() };
    let (drain, by_message, around) = (&drain, &by_message, &around);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| -> Result<Answer, Error> {
        let (ends, now) = (event.context.deadline(), SystemTime::now());
        let deadline = Deadline::of_invocation(Stage::DrainChanges, ends, now);
        Ok(match event.payload {
            Event::Batch(batch) => Answer::Batch(answer_batch(by_message, around, batch, deadline).await?),
            Event::Tick { dataset } => Answer::Run(Box::new(drain.run(&Order::of(dataset), deadline).await?)),
        })
    }))
    .await
}
