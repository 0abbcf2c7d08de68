//! A drain that stands still while it writes, until the test lets it go on.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Postgres, Transaction};

use crate::scene::Scene;

/// How long a drain may take to come there.
const PATIENCE: Duration = Duration::from_mins(1);

/// What holds a drain up: it waits for a lock of this transaction.
pub struct Standing(Transaction<'static, Postgres>);

impl Standing {
    /// From now on whoever writes a row into the table stands there, where the condition holds.
    pub async fn at(scene: &Scene, table: &str, condition: &str) -> Self {
        let sql = format!(
            "create function tickets.stand() returns trigger language plpgsql as
                $$ begin if {condition} then perform pg_advisory_xact_lock(55); end if; return null; end $$;
             create trigger stand after insert on {table} for each row execute function tickets.stand();"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(scene.stage.pool()).await.unwrap();
        let mut holding = scene.stage.pool().begin().await.unwrap();
        sqlx::query("select pg_advisory_xact_lock(55)").execute(&mut *holding).await.unwrap();
        Self(holding)
    }

    /// Waits until a drain stands there.
    pub async fn reached(&self, scene: &Scene) {
        let begun = Instant::now();
        let waits = "select count(*) from pg_locks join pg_database on pg_database.oid = database
            where locktype = 'advisory' and not granted and datname = current_database()";
        while scene.stage.count(waits).await == 0 {
            assert!(begun.elapsed() < PATIENCE, "no drain comes there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets it go on.
    pub async fn release(self) {
        self.0.rollback().await.unwrap();
    }
}
