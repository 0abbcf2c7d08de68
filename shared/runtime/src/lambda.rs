//! Runs a stage handler on the Lambda runtime.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::queue::{handing_on, queue_from_env};
use crate::{Clients, Deadline, Env, LogFormat, StageHandler, handle_batch, init_tracing, initialized};

/// Builds a handler once, then answers SQS batches until the environment is taken away. The messages that a batch
/// has committed are handed on to the queue before it is answered.
///
/// # Errors
/// The handler cannot be built; Lambda is told why. Or its runtime API does not answer.
pub async fn run<H, B>(build: B) -> Result<(), Error>
where
    H: StageHandler,
    B: FnOnce(&Env, Clients) -> Result<H, Error>,
{
    init_tracing(LogFormat::Json, "info");
    let env = Env::of_process();
    // Boxed, because the clients' start is large, and the process would keep its room.
    let built = Box::pin(initialized(&env, async {
        let clients = Clients::from_env(&env).await?;
        let queue = queue_from_env(&env, &clients.store, &clients.faults).await?;
        let clock = clients.clock.clone();
        Ok((build(&env, clients)?, queue, clock))
    }));
    let (handler, queue, clock) = built.await?;
    let (handler, queue, clock) = (&handler, &queue, &clock);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
            let left =
                event.context.deadline().duration_since(std::time::SystemTime::now()).unwrap_or_default();
            let handled = handle_batch(handler, event.payload, Deadline::within(left), clock.now());
            Ok(handing_on(queue.as_ref(), || clock.now(), handled).await?)
        },
    ))
    .await
}
