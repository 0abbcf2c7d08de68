//! Runs a stage handler on the Lambda runtime.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::queue::{handing_on, queue_from_env};
use crate::{
    Clients, Deadline, Env, LogFormat, MessageBodies, StageHandler, handle_batch_with, init_tracing,
};

/// Builds a handler once, then answers SQS batches until the environment is taken away. The messages that a batch
/// has committed are handed on to the queue before it is answered.
pub async fn run<H, B>(build: B) -> Result<(), Error>
where
    H: StageHandler,
    B: FnOnce(&Env, Clients) -> Result<H, Error>,
{
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    let clients = Clients::from_env(&env).await?;
    let queue = queue_from_env(&env, &clients).await?;
    let bodies = MessageBodies::of(&clients);
    let clock = clients.clock.clone();
    let handler = build(&env, clients)?;
    let (handler, queue, bodies, clock) = (&handler, &queue, &bodies, &clock);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
            let left =
                event.context.deadline().duration_since(std::time::SystemTime::now()).unwrap_or_default();
            let left = Deadline::within(left);
            let handled = handle_batch_with(handler, Some(bodies), event.payload, left, clock.now());
            Ok(handing_on(queue.as_ref(), || clock.now(), handled).await?)
        },
    ))
    .await
}
