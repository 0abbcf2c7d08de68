//! The pool of connections: opened when first used, shared, closed once.

use std::time::{Duration, Instant};

use landfall_domain::Classify;
use landfall_store::{Store, StoreError};
use landfall_testkit::database::TestDatabase;

#[tokio::test]
async fn test_sessions_proxy_contract_a_pool_is_lazy_shared_and_closed_once() {
    let database = TestDatabase::create().await;
    let store = Store::connect(database.url(), 2).unwrap();
    assert_eq!(store.pool().size(), 0);
    let other = store.clone();
    sqlx::query("select 1").execute(other.pool()).await.unwrap();
    assert_eq!((store.pool().size(), other.pool().size()), (1, 1));
    other.pool().close().await;
    store.pool().close().await;
    assert!(store.pool().is_closed() && other.pool().is_closed());
    let error = store.begin().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn test_sessions_proxy_contract_without_a_database_the_error_is_usable_and_comes_at_once() {
    let begun = Instant::now();
    // Nothing listens there; making the pool does not find that out.
    let store = Store::connect("postgres://u:hunter2@127.0.0.1:9/none", 2).unwrap();
    let error = store.reach().await.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("database_unavailable", "database is not available")
    );
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(matches!(Store::connect("nonsense", 2), Err(StoreError::Unavailable(_))));
}
