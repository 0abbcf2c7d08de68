//! What statements take in the server: by the clock, and processor time of the connection's own process.

use anyhow::Context;
use sqlx::{AssertSqlSafe, PgConnection};

/// Seconds of the clock and of the processor, by the server itself. Linux, and a superuser.
pub const READING: &str = "select extract(epoch from clock_timestamp())::float8,
    (split_part(stat, ' ', 14)::integer + split_part(stat, ' ', 15)::integer) / 100.0::float8
    from pg_read_file('/proc/self/stat') as stat";

/// What something took, seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    /// By the clock.
    pub wall: f64,
    /// Processor time.
    pub cpu: f64,
}

/// A moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading(f64, f64);

impl Reading {
    /// Now.
    pub async fn now(conn: &mut PgConnection) -> anyhow::Result<Self> {
        let (clock, cpu) = sqlx::query_as(READING).fetch_one(conn).await?;
        Ok(Self(clock, cpu))
    }

    /// Of a line that psql prints for it.
    pub fn of_line(line: &str) -> anyhow::Result<Self> {
        let (clock, cpu) = line.split_once('|').with_context(|| format!("psql says {line:?}"))?;
        Ok(Self(clock.parse()?, cpu.parse()?))
    }

    /// Between the two.
    pub fn until(self, later: Self) -> Took {
        Took { wall: later.0 - self.0, cpu: later.1 - self.1 }
    }
}

/// What one statement takes.
pub async fn took(conn: &mut PgConnection, statement: &str) -> anyhow::Result<Took> {
    let before = Reading::now(conn).await?;
    sqlx::query(AssertSqlSafe(statement)).execute(&mut *conn).await?;
    Ok(before.until(Reading::now(conn).await?))
}
