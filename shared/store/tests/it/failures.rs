//! How failures of a real server are told apart, and what is run again.

use std::sync::atomic::{AtomicU32, Ordering};

use landfall_domain::{Classify, Disposition};
use landfall_store::{Store, StoreError, retrying};
use landfall_testkit::database::TestDatabase;
use sqlx::AssertSqlSafe;

use crate::scene::{count, run};

async fn failure(database: &TestDatabase, sql: &str) -> StoreError {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(database.pool()).await.unwrap_err().into()
}

#[tokio::test]
async fn the_servers_codes_are_told_apart_by_what_a_caller_can_do() {
    let database = TestDatabase::create().await;
    run(database.pool(), "insert into dump.customer (customer_key, name) values ('a', 'A')").await;
    let statements = [
        "insert into dump.customer (customer_key, name) values ('a', 'B')",
        "insert into dump.customer (customer_key) values ('b')",
        "insert into dump.customer (customer_key, name, country) values ('b', 'B', 'xx')",
        "insert into dump.network (customer_id, network_key) values (99, 'n')",
        "select 2147483648::int",
        "select 'x'::timestamptz",
        "select 1/0",
        "select * from no_such_table",
        "select no_such_column from dump.customer",
        "selec",
        "do $$ begin raise exception using errcode = '40P01'; end $$",
        "do $$ begin raise exception using errcode = '55P03'; end $$",
        "do $$ begin raise exception using errcode = '53300'; end $$",
        "do $$ begin raise exception using errcode = '57P01'; end $$",
    ];
    let mut lines = Vec::new();
    for sql in statements {
        let error = failure(&database, sql).await;
        lines.push(format!("{:?} data={} {} <- {sql}", error.disposition(), error.is_data(), error.code()));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    Retry data=true database_constraint <- insert into dump.customer (customer_key, name) values ('a', 'B')
    Retry data=true database_constraint <- insert into dump.customer (customer_key) values ('b')
    Retry data=true database_constraint <- insert into dump.customer (customer_key, name, country) values ('b', 'B', 'xx')
    Retry data=true database_constraint <- insert into dump.network (customer_id, network_key) values (99, 'n')
    Quarantine data=true database_data <- select 2147483648::int
    Quarantine data=true database_data <- select 'x'::timestamptz
    Quarantine data=true database_data <- select 1/0
    Retry data=false database_statement <- select * from no_such_table
    Retry data=false database_statement <- select no_such_column from dump.customer
    Retry data=false database_statement <- selec
    Retry data=false database_conflict <- do $$ begin raise exception using errcode = '40P01'; end $$
    Retry data=false database_conflict <- do $$ begin raise exception using errcode = '55P03'; end $$
    Retry data=false database_unavailable <- do $$ begin raise exception using errcode = '53300'; end $$
    Retry data=false database_unavailable <- do $$ begin raise exception using errcode = '57P01'; end $$
    ");
}

#[tokio::test]
async fn a_constraint_is_named_so_that_a_caller_can_tell_it() {
    let database = TestDatabase::create().await;
    run(database.pool(), "insert into dump.customer (customer_key, name) values ('a', 'A')").await;
    let error = failure(&database, "insert into dump.customer (customer_key, name) values ('a', 'B')").await;
    assert!(error.violates("customer_customer_key_key") && !error.violates("customer_pkey"));
    insta::assert_snapshot!(error, @"constraint customer_customer_key_key refuses the data");
}

#[tokio::test]
async fn a_row_that_does_not_read_is_no_network_problem() {
    let database = TestDatabase::create().await;
    let error: StoreError = sqlx::query_scalar::<_, i64>("select 1::bigint where false")
        .fetch_one(database.pool())
        .await
        .unwrap_err()
        .into();
    assert_eq!((error.code(), error.disposition()), ("database_unreadable", Disposition::Retry));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let store = Store::connect("postgres://postgres@127.0.0.1:1/none", 1).unwrap();
    let error = store.reach().await.unwrap_err();
    assert_eq!((error.code(), error.disposition()), ("database_unavailable", Disposition::Retry));
    assert!(!error.is_data());
}

/// Reads under repeatable read, lets `other` change the row between, and writes: the server answers 40001.
async fn increment(database: &TestDatabase, is_disturbed: bool) -> Result<(), StoreError> {
    let mut tx = database.pool().begin_with("begin isolation level repeatable read").await?;
    let value: i64 = sqlx::query_scalar("select value from counter").fetch_one(&mut *tx).await?;
    if is_disturbed {
        run(database.pool(), "update counter set value = value + 10").await;
    }
    sqlx::query("update counter set value = $1").bind(value + 1).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn a_transaction_that_got_in_another_ones_way_is_run_again_as_a_whole() {
    let database = TestDatabase::create().await;
    run(database.pool(), "create table counter (value bigint not null); insert into counter values (0)")
        .await;
    let error = increment(&database, true).await.unwrap_err();
    assert_eq!((error.code(), error.disposition()), ("database_conflict", Disposition::Retry));
    let tries = AtomicU32::new(0);
    let done = retrying("increment", || increment(&database, tries.fetch_add(1, Ordering::SeqCst) < 2)).await;
    assert!(done.is_ok());
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(count(database.pool(), "select value from counter").await, 31);
}

#[tokio::test]
async fn the_third_conflict_is_reported() {
    let database = TestDatabase::create().await;
    run(database.pool(), "create table counter (value bigint not null); insert into counter values (0)")
        .await;
    let tries = AtomicU32::new(0);
    let result = retrying("increment", || {
        tries.fetch_add(1, Ordering::SeqCst);
        increment(&database, true)
    })
    .await;
    assert_eq!(result.unwrap_err().code(), "database_conflict");
    assert_eq!(tries.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn other_failures_are_not_tried_again() {
    let tries = AtomicU32::new(0);
    let result: Result<(), _> = retrying("nothing", || {
        tries.fetch_add(1, Ordering::SeqCst);
        async { Err(StoreError::Unreadable { what: "a row".into() }) }
    })
    .await;
    assert_eq!((result.unwrap_err().code(), tries.load(Ordering::SeqCst)), ("database_unreadable", 1));
}
