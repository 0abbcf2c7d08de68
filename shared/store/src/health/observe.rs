//! The queries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use landfall_domain::{Clock, Skew, chain_text};
use sqlx::PgPool;

use super::facts::{
    Connections, DatabaseFacts, Migration, MigrationState, Partitions, PostGis, Seen, Server,
};
use crate::{Store, StoreError, connection, partition};

/// Looks at a database. What one query cannot say costs only what it was to say.
pub async fn observe(store: &Store, clock: &dyn Clock) -> DatabaseFacts {
    let pool = store.pool();
    DatabaseFacts {
        server: said(server(pool, clock).await),
        migrations: said(migrations(pool).await),
        partitions: partitions(pool).await,
    }
}

/// An error in words.
pub(super) fn said<T>(result: Result<T, StoreError>) -> Seen<T> {
    result.map_err(|error| chain_text(&error))
}

async fn server(pool: &PgPool, clock: &dyn Clock) -> Result<Server, StoreError> {
    // A connection that is open already answers at once: opening one would blur the clock.
    let mut conn = pool.acquire().await?;
    let asked = clock.now();
    let now: DateTime<Utc> =
        sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(&mut *conn).await?;
    let answered = clock.now();
    let row = sqlx::query!(
        r#"select current_setting('server_version_num')::integer as "version!",
                  current_setting('server_version') as "version_text!",
                  current_setting('max_connections')::bigint as "most!",
                  current_setting('superuser_reserved_connections')::bigint as "reserved!",
                  (select coalesce(sum(numbackends), 0)::bigint from pg_stat_database) as "in_use!",
                  (select default_version from pg_available_extensions where name = 'postgis') as available,
                  (select extversion from pg_extension where extname = 'postgis') as installed"#
    )
    .fetch_one(&mut *conn)
    .await?;
    let postgis = match (row.installed, row.available) {
        (Some(version), _) => PostGis::Installed(version),
        (None, Some(version)) => PostGis::Available(version),
        (None, None) => PostGis::Absent,
    };
    Ok(Server {
        version: row.version,
        version_text: row.version_text,
        postgis,
        connections: Connections { most: row.most, reserved: row.reserved, in_use: row.in_use },
        skew: Skew::between((asked, answered), (now, now)),
    })
}

async fn migrations(pool: &PgPool) -> Result<Vec<Migration>, StoreError> {
    let known = connection::known_migrations();
    let applied = connection::applied_migrations(pool).await?;
    Ok(compare(known, applied))
}

/// A migration that this release knows: number, name, checksum.
type Known = (i64, String, Vec<u8>);
/// A migration that was applied: number, name, checksum, whether to its end.
type Applied = (i64, String, Vec<u8>, bool);

/// How each migration stands, by number.
pub(super) fn compare(known: Vec<Known>, applied: Vec<Applied>) -> Vec<Migration> {
    let mut found: BTreeMap<i64, (String, MigrationState)> = BTreeMap::new();
    let checksums: BTreeMap<i64, Vec<u8>> = known.iter().map(|(n, _, sum)| (*n, sum.clone())).collect();
    for (number, name, _) in known {
        found.insert(number, (name, MigrationState::Pending));
    }
    for (number, name, checksum, whole) in applied {
        let state = match checksums.get(&number) {
            _ if !whole => MigrationState::HalfDone,
            None => MigrationState::Unknown,
            Some(known) if *known == checksum => MigrationState::Applied,
            Some(_) => MigrationState::Changed,
        };
        found.insert(number, (name, state));
    }
    let named = |(number, (name, state))| Migration { name: format!("{number:04} {name}"), state };
    found.into_iter().map(named).collect()
}

async fn partitions(pool: &PgPool) -> Seen<Partitions> {
    let children = said(partition::children(pool).await)?;
    if children.is_empty() {
        return Err("there are no partitioned tables: the schema is not there".to_owned());
    }
    let stray = said(partition::stray_rows(pool).await)?;
    Ok(Partitions { months: months(&children), stray })
}

/// The months of `(table, partition)` pairs.
pub(super) fn months(children: &[(String, String)]) -> BTreeMap<String, BTreeSet<i32>> {
    let mut months: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for (table, child) in children {
        let months = months.entry(table.clone()).or_default();
        months.extend(child.rsplit('_').next().and_then(month));
    }
    months
}

/// The month of a text like `202601`.
fn month(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok().filter(|_| text.len() == 6)?;
    let (year, month) = (number.checked_div(100)?, number.checked_rem(100)?);
    (1..=12).contains(&month).then(|| year.saturating_mul(12).saturating_add(month).saturating_sub(1))
}
