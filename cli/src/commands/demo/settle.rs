//! Waits until the platform has nothing left to do.

use std::time::{Duration, Instant};

use landfall_domain::State;
use landfall_local::platform::Platform;
use landfall_store::object::{self, Accounting, Filter};
use landfall_store::{StoreError, outbox};

use crate::{Console, Exit, Failure};

/// How often it is asked.
const LOOK: Duration = Duration::from_millis(50);
/// Objects that an error names.
const NAMED: i64 = 5;

/// Waits until no message is left, for a limited time.
pub(super) async fn settle(platform: &Platform, limit: Duration, console: &Console) -> Result<(), Failure> {
    let pool = platform.clients().store.pool();
    let until = Instant::now().checked_add(limit);
    let bar = console.count_bar(0).with_message("objects at their end");
    while !platform.is_idle().await? {
        let states = object::accounting(pool, Some(platform.bucket())).await?;
        let total = count(states.total());
        bar.set_length(total);
        bar.set_position(total.saturating_sub(count(in_flight(&states))));
        if until.is_some_and(|until| Instant::now() >= until) {
            bar.finish_and_clear();
            let left = left(platform).await?;
            let text = format!("the work is not done after {} s; left are: {left}", limit.as_secs());
            return Err(Failure::new(Exit::Unexpected, text)
                .advise("--timeout gives it longer; the next run on the same folder goes on"));
        }
        tokio::time::sleep(LOOK).await;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Objects whose work has not ended.
pub(super) fn in_flight(states: &Accounting) -> i64 {
    let open = states.rows.iter().filter(|row| row.state.parse().is_ok_and(|state: State| !state.is_final()));
    open.map(|row| row.objects).sum()
}

/// What is left, by stage and by object.
async fn left(platform: &Platform) -> Result<String, StoreError> {
    let pool = platform.clients().store.pool();
    let stages = outbox::backlog(pool).await?;
    let mut parts: Vec<String> =
        stages.into_iter().map(|stage| format!("{} messages for {}", stage.messages, stage.stage)).collect();
    let filter = Filter { state: Some(State::Dispatched.to_string()), ..Filter::default() };
    let open = object::search(pool, &filter, NAMED).await?;
    parts.extend(open.into_iter().map(|object| format!("{} ({})", object.key, object.state)));
    Ok(parts.join(", "))
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
