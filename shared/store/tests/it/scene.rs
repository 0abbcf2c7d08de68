//! A database with one dump of two loads, made by hand.

use chrono::{DateTime, Utc};
use landfall_domain::{Landing, ObjectVersion, Pin, Reason, State};
use landfall_store::object::NewObject;
use landfall_testkit::database::TestDatabase;
use sqlx::{AssertSqlSafe, PgPool};

/// A time of 2025-01-18.
pub fn at(time: &str) -> DateTime<Utc> {
    format!("2025-01-18T{time}Z").parse().unwrap()
}

/// The time of most things.
pub fn now() -> DateTime<Utc> {
    at("09:00:00")
}

/// Runs statements.
pub async fn run(pool: &PgPool, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(pool).await.unwrap();
}

/// A text column of some rows.
pub async fn texts(pool: &PgPool, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
}

/// A number.
pub async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Customer 1, network 1, elements 1 and 2, dump 1, and its loads 1 and 2.
pub async fn one_dump() -> TestDatabase {
    let database = TestDatabase::create().await;
    run(
        database.pool(),
        "insert into dump.customer (customer_key, name) values ('acme', 'Acme');
         insert into dump.network (customer_id, network_key) values (1, 'core');
         insert into dump.network_element (network_id, ne_key) values (1, 'name:A'), (1, 'name:B');",
    )
    .await;
    for day in [18, 18] {
        add_load(database.pool(), 1, day).await;
    }
    run(database.pool(), "alter table dump.capture_dump alter dump_id restart with 1000").await;
    database
}

/// Adds a load to a dump, which is made if it is not there; the dump's day is of January 2025.
pub async fn add_load(pool: &PgPool, dump_id: i64, day: u32) {
    run(
        pool,
        format!(
            "insert into dump.capture_dump (dump_id, customer_id, network_id, capture_ts, capture_precision,
                capture_ts_source, origin, snapshot_seq, sha256, source_bucket, source_key, source_version, status,
                created_at)
             overriding system value
             select {dump_id}, 1, 1, '2025-01-{day}T03:00:00Z', 'second', 'name', 'o', 1, '', 'b', 'k', 'v',
                'RUNNING', '2025-01-{day}T09:00:00Z'
             where not exists (select 1 from dump.capture_dump where dump_id = {dump_id});
             insert into dump.load (dump_id, run, source_bucket, source_key, source_version, source_size, sha256,
                capture_ts, capture_precision, capture_ts_source, origin, plan_id, plan, outer_whole, status,
                open_units, created_at)
             select dump_id, 1, 'b', 'k', 'v', 1, sha256('x'), capture_ts, 'second', 'name', 'o',
                gen_random_uuid(), '{{}}', true, 'RUNNING', 0, created_at
             from dump.capture_dump where dump_id = {dump_id};"
        ),
    )
    .await;
}

/// A landing in a bucket without versions.
pub fn landing(key: &str, etag: &str, written: DateTime<Utc>) -> NewObject {
    NewObject {
        landing: Landing {
            bucket: "landing".into(),
            key: key.into(),
            version: ObjectVersion::from_etag(etag, written),
            pin: Pin::etag(etag),
            last_modified: Some(written),
            size: Some(7),
            metadata_digest: Some("m1".into()),
            sequencer: None,
        },
        state: State::Dispatched,
        reason: Reason::new("plan-archive"),
        feed: None,
    }
}

/// A landing in a versioned bucket.
pub fn version(key: &str, id: &str) -> NewObject {
    let mut object = landing(key, "e", now());
    object.landing.version = ObjectVersion::from_id(id);
    object.landing.pin = Pin::version(id);
    object
}
