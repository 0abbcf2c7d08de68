//! Runs a stage handler on the Lambda runtime.

use std::time::{Duration, SystemTime};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use landfall_domain::Stage;

use crate::queue::{handing_on, queue_from_env};
use crate::{Clients, Deadline, Env, LogFormat, StageHandler, handle_batch, init_tracing};

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
    let queue = queue_from_env(&env, &clients.store, &clients.faults).await?;
    let clock = clients.clock.clone();
    let handler = build(&env, clients)?;
    let (handler, queue, clock) = (&handler, &queue, &clock);
    lambda_runtime::run(service_fn(
        async move |event: LambdaEvent<SqsEvent>| -> Result<SqsBatchResponse, Error> {
            let left = time_left(handler.stage(), event.context.deadline(), SystemTime::now());
            let handled = handle_batch(handler, event.payload, Deadline::within(left), clock.now());
            Ok(handing_on(queue.as_ref(), || clock.now(), handled).await?)
        },
    ))
    .await
}

/// What is left of an invocation that has just begun. `cargo lambda watch` tells of a deadline ten minutes after the
/// beginning of 1970: the time-out of the table counts there, else a handler would give back all work at once.
fn time_left(stage: Stage, deadline: SystemTime, now: SystemTime) -> Duration {
    deadline.duration_since(now).unwrap_or_else(|_| stage.settings().timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_is_over_when_the_work_begins_is_none() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let left = |deadline| time_left(Stage::ParseMember, deadline, now);
        assert_eq!(left(now + Duration::from_secs(90)), Duration::from_secs(90));
        let of_cargo_lambda = SystemTime::UNIX_EPOCH + Duration::from_mins(10);
        assert_eq!(left(of_cargo_lambda), Stage::ParseMember.settings().timeout);
    }
}
