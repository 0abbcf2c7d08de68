//! The database, and what lies in it: outbox, dead letters, what the schedules left.

use landfall_domain::Finding;
use landfall_runtime::QueueKind;
use landfall_store::Store;
use landfall_store::health::{self, DatabaseFacts, OutboxFacts};

use super::{PATIENCE, Surroundings};

const REACHABLE: &str = "database.reachable";
const SWEEPS: &str = "schedules.sweep-state";
/// What is not known where the database is not reachable.
const NEEDS_IT: [&str; 4] = ["queue.outbox", "queue.dead-letters", "clock.database", SWEEPS];

pub(super) async fn findings(surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let store = match surroundings.place.store().await {
        Ok(store) => store,
        Err(failure) => return without(failure.finding(REACHABLE)),
    };
    if let Ok((database, outbox)) = tokio::time::timeout(PATIENCE, observe(surroundings, &store)).await {
        return judge(surroundings, &database, &outbox);
    }
    let seen = format!("it takes connections, but does not answer within {} s", PATIENCE.as_secs());
    without(Finding::problem(REACHABLE, seen, "look for locks and load: pg_stat_activity"))
}

fn without(reason: Finding) -> Vec<Finding> {
    let skipped = NEEDS_IT.map(|name| Finding::skipped(name, "the database is not reachable"));
    std::iter::once(reason).chain(skipped).collect()
}

async fn observe(surroundings: &Surroundings<'_>, store: &Store) -> (DatabaseFacts, OutboxFacts) {
    let clock = surroundings.clock();
    let database = health::observe(store, clock.as_ref()).await;
    (database, health::observe_outbox(store, clock.now()).await)
}

fn judge(surroundings: &Surroundings<'_>, database: &DatabaseFacts, outbox: &OutboxFacts) -> Vec<Finding> {
    let now = surroundings.context.now();
    let by_sqs = surroundings.queue == QueueKind::Sqs;
    let taker = if by_sqs { "sweep-state" } else { "`landfall up`" };
    let mut findings = vec![Finding::ok(REACHABLE, "it answers")];
    findings.extend(health::judge(database, now, surroundings.pool));
    findings.extend(health::judge_outbox(outbox, now, taker));
    findings.push(match surroundings.place.platform() {
        Some(platform) => {
            Finding::ok(SWEEPS, format!("the running platform (process {}) sweeps each second", platform.pid))
        }
        None => health::judge_sweeps((outbox, &database.partitions), now, by_sqs),
    });
    findings
}
