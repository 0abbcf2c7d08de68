//! The books beside a listing.

use landfall_store::object::{self, accounting, known_versions, unknown_versions};
use landfall_testkit::database::TestDatabase;

use crate::scene::{landing, now, run};

fn names(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

async fn stocked() -> TestDatabase {
    let database = TestDatabase::create().await;
    let first = landing("dumps/a", "1", now());
    let mut other = first.clone();
    other.landing.metadata_digest = Some("m2".into());
    let mut conn = database.pool().acquire().await.unwrap();
    object::register(&mut conn, &[first, other, landing("dumps/b", "1", now())], now()).await.unwrap();
    drop(conn);
    database
}

#[tokio::test]
async fn a_listing_finds_what_is_in_no_state() {
    let database = stocked().await;
    let listed = names(&[
        ("dumps/a", "1@1737190800"),
        ("dumps/a", "2@1737190800"),
        ("dumps/a", "1@17371908"),
        ("dumps/c", "1@1737190800"),
    ]);
    let unknown = unknown_versions(database.pool(), "landing", &listed).await.unwrap();
    let expected =
        names(&[("dumps/a", "1@17371908"), ("dumps/a", "2@1737190800"), ("dumps/c", "1@1737190800")]);
    assert_eq!(unknown.into_iter().collect::<Vec<_>>(), expected);
    let elsewhere = unknown_versions(database.pool(), "other", &listed).await.unwrap();
    assert_eq!(elsewhere.len(), 4);
}

#[tokio::test]
async fn a_version_known_only_with_its_metadata_counts_as_known_by_the_name_that_listings_give() {
    let database = stocked().await;
    run(database.pool(), "delete from ingest.object where version not like '%#%' and key = 'dumps/a'").await;
    let listed = names(&[("dumps/a", "1@1737190800")]);
    assert!(unknown_versions(database.pool(), "landing", &listed).await.unwrap().is_empty());
    let known = known_versions(database.pool(), "landing", "dumps/a").await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), listed);
}

#[tokio::test]
async fn what_the_front_door_gave_up_is_unknown_and_what_is_absent_is_not_listed() {
    let database = stocked().await;
    run(
        database.pool(),
        "update ingest.object set state = 'failed', reason = 'front_door' where key = 'dumps/b'",
    )
    .await;
    run(database.pool(), "update ingest.object set present = false where key = 'dumps/a'").await;
    let listed = names(&[("dumps/b", "1@1737190800")]);
    assert_eq!(unknown_versions(database.pool(), "landing", &listed).await.unwrap().len(), 1);
    let known = known_versions(database.pool(), "landing", "dumps/").await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), listed);
    assert_eq!(object::recorded_removals(database.pool(), "landing", "dumps/").await.unwrap(), 2);
}

#[tokio::test]
async fn every_object_is_counted_in_one_state() {
    let database = stocked().await;
    run(
        database.pool(),
        "update ingest.object set state = 'done', reason = 'complete' where key = 'dumps/b'",
    )
    .await;
    let books = accounting(database.pool(), Some("landing")).await.unwrap();
    let rows: Vec<_> = books.rows.iter().map(|r| format!("{} {} {}", r.state, r.reason, r.objects)).collect();
    assert_eq!(rows, ["dispatched plan-archive 2", "done complete 1"]);
    assert_eq!(books.total(), 3);
    assert_eq!(accounting(database.pool(), Some("other")).await.unwrap().total(), 0);
}
