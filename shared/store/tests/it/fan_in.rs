//! The last two units of a load end at the same time, and the load ends once (specs: dumps 7.7).

use std::sync::Arc;

use landfall_domain::LoadId;
use landfall_store::dump::{self, LoadStatus, UnitsEnded};
use landfall_store::{PgPool, object};
use tokio::sync::Barrier;

use crate::scene::{count, landing, now, one_dump, run, texts};

async fn one_object(pool: &PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    object::register(&mut conn, &[landing("k", "1", now())], now()).await.unwrap();
}

/// One unit ends in a transaction of its own, as soon as the other is there.
async fn end_one(pool: PgPool, barrier: Arc<Barrier>) -> UnitsEnded {
    let mut tx = pool.begin().await.unwrap();
    let load = dump::load_in(&mut tx, LoadId(1)).await.unwrap();
    barrier.wait().await;
    assert!(dump::lock_load(&mut tx, load.dump_id, load.load_id).await.unwrap());
    let ended = dump::units_ended(&mut tx, &load, 1, now()).await.unwrap();
    tx.commit().await.unwrap();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_two_units_end_the_load_once_in_fifty_rounds() {
    let database = one_dump().await;
    let pool = database.pool();
    one_object(pool).await;
    run(
        pool,
        "insert into dump.plugin_ledger (load_id, plan_ne, plugin, priority, plan_id, plugin_version, state, outcome)
         values (1, 'A', 'node', 10, gen_random_uuid(), 1, 'DONE', 'ok');
         update dump.load set object_id = 1",
    )
    .await;
    for round in 1..=50 {
        run(
            pool,
            "update dump.load set open_units = 2, status = 'RUNNING', ended_at = null where load_id = 1;
             update ingest.object set state = 'dispatched'",
        )
        .await;
        let barrier = Arc::new(Barrier::new(2));
        let one = tokio::spawn(end_one(pool.clone(), barrier.clone()));
        let two = tokio::spawn(end_one(pool.clone(), barrier));
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        let complete = UnitsEnded::Load(LoadStatus::Complete);
        let orders = [(UnitsEnded::Open(1), complete.clone()), (complete, UnitsEnded::Open(1))];
        assert!(orders.contains(&(one.clone(), two.clone())), "round {round}: {one:?} {two:?}");
        let ends = "select count(*) from ingest.event_log where to_state = 'done'";
        assert_eq!(count(pool, ends).await, round, "the object is done once a round");
    }
    let shown = "select status || ' ' || load_id || ' ' || row_version from dump.capture_dump";
    assert_eq!(texts(pool, shown).await, ["COMPLETE 1 51"]);
}

async fn ended(ledger: &str, more: &str) -> String {
    let database = one_dump().await;
    let pool = database.pool();
    one_object(pool).await;
    run(
        pool,
        format!(
            "insert into dump.plugin_ledger (plan_ne, plugin, state, outcome, error_code, load_id, priority, plan_id,
                plugin_version, attempts)
             select ne, plugin, state, outcome, code, 1, row_number() over (), gen_random_uuid(), 1, 3
             from (values {ledger}) as v(ne, plugin, state, outcome, code);
             update dump.load set object_id = 1; {more}"
        ),
    )
    .await;
    let mut tx = pool.begin().await.unwrap();
    let load = dump::load_in(&mut tx, LoadId(1)).await.unwrap();
    dump::units_ended(&mut tx, &load, 0, now()).await.unwrap();
    tx.commit().await.unwrap();
    let line = "select concat_ws(' ', l.status, 'dump', d.status, coalesce(d.load_id::text, 'hidden'), 'object', o.state,
            o.reason, o.reason_text)
         from dump.load l join dump.capture_dump d using (dump_id), ingest.object o where l.load_id = 1";
    texts(pool, line).await.concat()
}

#[tokio::test]
async fn a_load_ends_as_its_rows_did() {
    let good = "('A', 'node', 'DONE', 'ok', null)";
    let missing = "('A', 'lsp', 'DONE', 'missing', null)";
    let bad = "('B', 'lsp', 'FAILED', 'failed', 'E_NO_HEADER')";
    let broken = "update dump.load set outer_whole = false, plan = '{\"outer_end\": {\"broken\": {\"text\": \"cut (byte 7)\"}}}'";
    let lines = [
        ended(&format!("{good}, {missing}"), "").await,
        ended(&format!("{good}, {bad}"), "").await,
        ended(good, broken).await,
        ended(&format!("{missing}, {bad}"), "").await,
        ended(missing, "").await,
        // A lost or replayed object is not touched.
        ended(good, "update ingest.object set state = 'gone', reason = 'E_SOURCE_MISSING'").await,
        ended(good, "update ingest.object set run = 2").await,
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    COMPLETE dump COMPLETE 1 object done complete
    PARTIAL dump PARTIAL 1 object done partial failed: B lsp E_NO_HEADER
    PARTIAL dump PARTIAL 1 object done partial the archive is damaged: cut (byte 7)
    FAILED dump FAILED hidden object quarantined E_NO_HEADER B lsp: 
    FAILED dump FAILED hidden object quarantined missing no plugin found anything to read
    COMPLETE dump COMPLETE 1 object gone E_SOURCE_MISSING
    COMPLETE dump COMPLETE 1 object dispatched plan-archive
    ");
}

#[tokio::test]
async fn a_second_load_does_not_take_the_place_of_the_visible_one() {
    let database = one_dump().await;
    let pool = database.pool();
    run(
        pool,
        "update dump.capture_dump set load_id = 1, status = 'COMPLETE';
         insert into dump.plugin_ledger (load_id, plan_ne, plugin, priority, plan_id, plugin_version, state, outcome)
         values (2, 'A', 'node', 10, gen_random_uuid(), 1, 'DONE', 'ok')",
    )
    .await;
    let mut tx = pool.begin().await.unwrap();
    let load = dump::load_in(&mut tx, LoadId(2)).await.unwrap();
    dump::units_ended(&mut tx, &load, 0, now()).await.unwrap();
    tx.commit().await.unwrap();
    let shown = "select status || ' ' || load_id || ' ' || row_version from dump.capture_dump";
    assert_eq!(texts(pool, shown).await, ["COMPLETE 1 1"]);
}
