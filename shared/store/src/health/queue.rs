//! The outbox and the dead letters, as `landfall doctor` looks at them.

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Finding;

use super::facts::{Partitions, Seen};
use super::judge::{MONTHS_AHEAD, month_of, month_text, unseen};
use super::observe::said;
use crate::outbox::Due;
use crate::{Store, dead_letter, outbox};

/// Due messages wait for less than this where somebody takes them.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// What was seen of the messages in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxFacts {
    /// Messages that are due and that nobody holds, by stage.
    pub due: Seen<Vec<Due>>,
    /// Dead letters that were not sent again.
    pub dead_letters: Seen<i64>,
}

/// Looks at outbox and dead letters.
pub async fn observe_outbox(store: &Store, now: DateTime<Utc>) -> OutboxFacts {
    OutboxFacts {
        due: said(outbox::due(store.pool(), now).await),
        dead_letters: said(dead_letter::count_open(store.pool()).await),
    }
}

/// The findings on the messages; `taker` is who takes those that are due.
pub fn judge_outbox(facts: &OutboxFacts, now: DateTime<Utc>, taker: &str) -> Vec<Finding> {
    const OUTBOX: &str = "queue.outbox";
    const DEAD: &str = "queue.dead-letters";
    let outbox = match &facts.due {
        Err(text) => unseen(OUTBOX, text),
        Ok(due) => match oldest(due) {
            None => Finding::ok(OUTBOX, "no message is due"),
            Some(oldest) => {
                let age = now.signed_duration_since(oldest.since);
                let messages: i64 = due.iter().map(|due| due.messages).sum();
                let seen = format!(
                    "{messages} messages are due, the oldest, to {}, for {} s",
                    oldest.stage,
                    age.num_seconds()
                );
                if age < PATIENCE {
                    Finding::ok(OUTBOX, seen)
                } else {
                    Finding::warning(OUTBOX, seen, format!("see that {taker} runs, and what it logs"))
                }
            }
        },
    };
    let dead = match &facts.dead_letters {
        Err(text) => unseen(DEAD, text),
        Ok(0) => Finding::ok(DEAD, "none is open"),
        Ok(open) => Finding::warning(
            DEAD,
            format!("{open} are open"),
            "`landfall dead list` tells why; once the cause is mended: `landfall dead redrive ID`",
        ),
    };
    vec![outbox, dead]
}

/// The finding on when sweep-state last ran, where no platform of ours runs: it leaves no row of its own, so only what
/// it would have done tells. `sends` is whether it is the one that sends due messages on.
pub fn judge_sweeps(
    (outbox, partitions): (&OutboxFacts, &Seen<Partitions>),
    now: DateTime<Utc>,
    sends: bool,
) -> Finding {
    const NAME: &str = "schedules.sweep-state";
    if let Ok(due) = &outbox.due
        && let Some(oldest) = oldest(due)
        && sends
        && now.signed_duration_since(oldest.since) >= PATIENCE
    {
        let since = oldest.since.format("%Y-%m-%dT%H:%M:%SZ");
        let seen =
            format!("messages that it should have sent on are due since {since}: it does not seem to run");
        return Finding::warning(NAME, seen, "look at its schedule and its log");
    }
    let newest = partitions.as_ref().ok().and_then(|p| p.months.values().filter_map(|m| m.last()).min());
    let ran = newest.map(|month| {
        let made = month_text(month.saturating_sub(MONTHS_AHEAD));
        format!(
            "; partitions for {} were made in {made} or later, by it or by a start of a platform",
            month_text(*month)
        )
    });
    // Older ones say nothing of today.
    let ran = ran.filter(|_| newest.is_some_and(|month| *month >= month_of(now)));
    Finding::skipped(NAME, format!("not known: it leaves no row when it runs{}", ran.unwrap_or_default()))
}

fn oldest(due: &[Due]) -> Option<&Due> {
    due.iter().min_by_key(|due| due.since)
}
