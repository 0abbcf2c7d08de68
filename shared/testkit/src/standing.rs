//! Somebody who stands still while he writes, until the test lets him go on.

use std::time::{Duration, Instant};

use landfall_store::Transaction;
use sqlx::AssertSqlSafe;

use crate::TestStage;

/// How long somebody may take to come there.
const PATIENCE: Duration = Duration::from_mins(1);

const STANDS: &str = "select count(*) from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and not granted and datname = current_database()";
// The lock of a row is that of a transaction, which has no database: the one who waits for it tells his.
const QUEUES: &str = "select count(*) from pg_locks join pg_stat_activity using (pid)
    where locktype <> 'advisory' and not granted and datname = current_database()";
const NOBODY_WRITES: &str = "select count(*) from pg_database where datname = current_database() and not exists
    (select from pg_locks where database = pg_database.oid and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock'))";

/// What holds a writer up: he waits for a lock of this transaction.
#[derive(Debug)]
pub struct Standing(Transaction);

impl Standing {
    /// From now on whoever writes a row into the table stands there, where the condition holds.
    pub async fn at(stage: &TestStage, table: &str, condition: &str) -> Self {
        let sql = format!(
            "create function tickets.stand() returns trigger language plpgsql as
                $$ begin if {condition} then perform pg_advisory_xact_lock(55); end if; return null; end $$;
             create trigger stand after insert on {table} for each row execute function tickets.stand();"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(stage.pool()).await.expect("a trigger");
        let mut holding = stage.pool().begin().await.expect("a transaction");
        sqlx::query("select pg_advisory_xact_lock(55)").execute(&mut *holding).await.expect("a lock");
        Self(holding)
    }

    /// Waits until somebody stands there.
    pub async fn reached(&self, stage: &TestStage) {
        until(stage, STANDS, "nobody comes there").await;
    }

    /// Waits until somebody else waits for what the one who stands there has locked.
    pub async fn queued(&self, stage: &TestStage) {
        until(stage, QUEUES, "nobody waits for the one who stands there").await;
    }

    /// Lets him go on.
    pub async fn release(self) {
        self.0.rollback().await.expect("an end");
    }

    /// Lets him go on whose process is gone, and waits until the server has seen that and given up his locks.
    pub async fn abandon(self, stage: &TestStage) {
        self.release().await;
        until(stage, NOBODY_WRITES, "the server goes on with a process that is gone").await;
    }
}

async fn until(stage: &TestStage, count: &'static str, otherwise: &str) {
    let begun = Instant::now();
    while stage.count(count).await == 0 {
        assert!(begun.elapsed() < PATIENCE, "{otherwise}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
