//! Who may do what only one may do; and partitions made ahead.

use std::time::Duration;

use chrono::TimeDelta;
use landfall_store::{lease, partition};
use landfall_testkit::database::TestDatabase;

use crate::scene::{count, now, run, texts};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_lease_is_held_by_one_until_it_runs_out_or_is_given_up() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let take = async |owner: &str, seconds: i64| {
        lease::acquire(pool, "sweep", owner, now() + TimeDelta::seconds(seconds), MINUTE).await.unwrap()
    };
    assert!(take("one", 0).await);
    assert!(!take("two", 59).await);
    assert!(take("one", 30).await, "its owner renews it");
    assert!(!take("two", 89).await);
    assert!(take("two", 90).await, "it ran out");
    lease::release(pool, "sweep", "one").await.unwrap();
    assert!(!take("one", 91).await, "only its owner gives it up");
    lease::release(pool, "sweep", "two").await.unwrap();
    assert!(take("one", 91).await);
}

#[tokio::test]
async fn a_commit_checks_that_the_lease_is_still_held() {
    let database = TestDatabase::create().await;
    assert!(lease::acquire(database.pool(), "sweep", "one", now(), MINUTE).await.unwrap());
    let mut conn = database.pool().acquire().await.unwrap();
    let mut holds = async |owner: &str, seconds: i64| {
        lease::holds(&mut conn, "sweep", owner, now() + TimeDelta::seconds(seconds)).await.unwrap()
    };
    assert!(holds("one", 59).await);
    assert!(!holds("one", 60).await);
    assert!(!holds("two", 0).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_a_lease_at_once_one_gets_it() {
    let database = TestDatabase::create().await;
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let pool = database.pool().clone();
            tokio::spawn(async move {
                lease::acquire(&pool, "sweep", &format!("w{n}"), now(), MINUTE).await.unwrap()
            })
        })
        .collect();
    let mut got = 0;
    for one in tries {
        got += i32::from(one.await.unwrap());
    }
    assert_eq!(got, 1);
}

#[tokio::test]
async fn partitions_of_a_month_and_those_after_it_are_made_once() {
    let database = TestDatabase::create().await;
    let at = "2031-11-30T23:59:59Z".parse().unwrap();
    assert_eq!(partition::ensure(database.pool(), at, 2).await.unwrap(), 6);
    assert_eq!(partition::ensure(database.pool(), at, 2).await.unwrap(), 0);
    let months = "select relname::text from pg_class where relname ~ '^event_log_203[12]..$' order by 1";
    assert_eq!(
        texts(database.pool(), months).await,
        ["event_log_203111", "event_log_203112", "event_log_203201"]
    );
}

#[tokio::test]
async fn rows_at_the_edges_of_a_month_lie_in_it_and_none_in_the_default() {
    let database = TestDatabase::create().await;
    // The server's own time zone does not count.
    run(
        database.pool(),
        "set timezone = 'America/New_York'; select ops.ensure_partitions('2031-12-01T00:00:00Z', 0)",
    )
    .await;
    run(
        database.pool(),
        "insert into ingest.event_log (object_id, to_state, reason, run, at) values
            (1, 'done', '', 1, '2031-12-01T00:00:00Z'), (1, 'done', '', 1, '2031-12-31T23:59:59.999Z')",
    )
    .await;
    assert_eq!(count(database.pool(), "select count(*) from ingest.event_log_203112").await, 2);
    assert_eq!(partition::stray_rows(database.pool()).await.unwrap(), 0);
    run(
        database.pool(),
        "insert into ingest.event_log (object_id, to_state, reason, run, at) values (1, 'done', '', 1, '2041-01-01Z')",
    )
    .await;
    assert_eq!(partition::stray_rows(database.pool()).await.unwrap(), 1, "a stray row is seen");
}

#[tokio::test]
async fn rows_that_came_before_their_partition_are_moved_into_it() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let stray = "insert into ingest.event_log (object_id, to_state, reason, run, at) values
            (1, 'done', '', 1, '2041-01-31T23:59:59Z'), (2, 'done', '', 1, '2041-02-01T00:00:00Z'),
            (3, 'done', '', 1, '2041-09-01T00:00:00Z');
         insert into ingest.attempt (object_id, stage, run, attempt, started, ended, outcome) values
            (1, 'plan-archive', 1, 1, '2041-01-01Z', '2041-01-02Z', 'ok')";
    run(pool, stray).await;
    assert_eq!(partition::ensure(pool, "2041-01-15T00:00:00Z".parse().unwrap(), 1).await.unwrap(), 4);
    let places = "select tableoid::regclass::text || ' ' || object_id from ingest.event_log union all
         select tableoid::regclass::text || ' ' || object_id from ingest.attempt order by 1";
    assert_eq!(
        texts(pool, places).await,
        [
            "ingest.attempt_204101 1",
            "ingest.event_log_204101 1",
            "ingest.event_log_204102 2",
            "ingest.event_log_default 3"
        ]
    );
    run(pool, "insert into ingest.event_log (object_id, to_state, reason, run, at) values (4, 'done', '', 1, '2041-01-05Z')").await;
    assert_eq!(
        count(pool, "select count(distinct event_id) from ingest.event_log").await,
        4,
        "numbers go on"
    );
}
