//! From nothing to a usable database, once (specs: dumps 9.3 test_db_bootstrap).

use std::time::Duration;

use landfall_store::{Store, object};
use landfall_testkit::database::TestDatabase;

use crate::scene::{landing, now, texts};

const OBJECTS: &str =
    "select c.oid::text || c.relname from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname in ('ingest', 'ops', 'dump', 'tickets', 'reporting', 'public') order by 1";

#[tokio::test]
async fn test_db_bootstrap() {
    let database = TestDatabase::empty().await;
    let store = Store::over(database.pool().clone());
    let pending = store.pending_migrations().await.unwrap();
    insta::assert_snapshot!(pending.join("\n"), @"
    0001 ingest
    0002 ops
    0003 dump
    0004 dump views
    0005 stray rows
    0006 sidecars
    0007 dump replacement
    0008 dump by time
    0009 dead letter by sending
    0010 tickets values
    0011 tickets tables
    0012 tickets ledger
    0013 tickets open
    0014 tickets history
    0015 tickets reading
    0016 tickets faster
    0017 tickets dashboard
    ");
    let newest = store.migrate().await.unwrap();
    assert!(pending.last().unwrap().starts_with(&format!("{newest:04} ")), "{newest}");
    assert!(store.pending_migrations().await.unwrap().is_empty());
    let before = texts(database.pool(), OBJECTS).await;
    assert_eq!(store.migrate().await.unwrap(), newest);
    assert_eq!(texts(database.pool(), OBJECTS).await, before, "the second run changes nothing");
    let mut conn = database.pool().acquire().await.unwrap();
    assert_eq!(object::register(&mut conn, &[landing("a", "1", now())], now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_who_migrate_at_once_do_no_harm() {
    let database = TestDatabase::empty().await;
    let (one, two) = (Store::over(database.pool().clone()), Store::over(database.pool().clone()));
    let (a, b) = tokio::join!(one.migrate(), two.migrate());
    assert_eq!(a.unwrap(), b.unwrap());
}

#[tokio::test]
async fn a_migration_that_fails_keeps_nobody_else_from_migrating() {
    let database = TestDatabase::empty().await;
    let store = Store::over(database.pool().clone());
    let newest = store.migrate().await.unwrap();
    let mark = async |success: bool| {
        let mark = sqlx::query("update _sqlx_migrations set success = $1 where version = $2");
        mark.bind(success).bind(newest).execute(database.pool()).await.unwrap();
    };
    mark(false).await;
    assert!(store.migrate().await.is_err(), "the newest was left half done");
    mark(true).await;
    let another = Store::connect(database.url(), 1).unwrap();
    let migrated = tokio::time::timeout(Duration::from_secs(20), another.migrate()).await;
    assert_eq!(migrated.expect("the lock is free").unwrap(), newest);
}
