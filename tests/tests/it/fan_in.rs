//! The last units of a load that end at the same time end the load once (specs: dumps 7.7, "end of a load").

use landfall_testkit::TestPlatform;

use crate::scene::dump;

/// Makes each commit that ends a unit slow while it holds the load, so that the next one runs into it.
const SLOW: &str = "
    create function test.slow() returns trigger language plpgsql as $$
    begin
        perform pg_sleep(0.02);
        return new;
    end $$;
    create trigger slow before update of open_units on dump.load for each row execute function test.slow();
";

#[tokio::test]
async fn the_last_two_units_at_once_end_the_load_exactly_once() {
    const ROUNDS: i32 = 20;
    let platform = TestPlatform::start().await;
    sqlx::raw_sql(SLOW).execute(platform.pool()).await.unwrap();
    for day in 0..ROUNDS {
        let key = format!("dumps/acme/core/CHG-1001/{day}.tgz");
        platform.put(&key, &[], dump(day, &["HEL-CORE-01", "TMP-AGG-02"])).await;
    }
    platform.settle_hurried().await;
    let rounds = i64::from(ROUNDS);
    let count = async |sql| platform.count(sql).await;
    assert_eq!(
        count("select count(*) from dump.load where status = 'COMPLETE' and open_units = 0").await,
        rounds
    );
    assert_eq!(count("select count(*) from ingest.event_log where to_state = 'done'").await, rounds);
    assert_eq!(count("select count(*) from ingest.object where state = 'done'").await, rounds);
    assert_eq!(count("select count(*) from dump.capture_dump where load_id is not null").await, rounds);
    assert_eq!(count("select count(*) from dump.dump_node where ne_id is not null").await, 2 * rounds);
    platform.stop().await;
}
