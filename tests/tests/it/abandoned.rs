//! The scene when its workers are gone in the middle of parsing: what the sweep has to find, and what comes back
//! without it.

use std::time::{Duration, Instant};

use landfall_domain::Stage;
use landfall_testkit::Queue;
use sqlx::PgPool;

/// Network elements of the scene, each with one message to parse-member.
const UNITS: i64 = 4;
/// How long the planning may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Two lost their worker and have no message; one waits for a retry that is due; the message of one was taken by a
/// worker that is gone. None of these workers is an earlier life of a platform, which would be made good at start.
const ABANDON: &str = "
    create table test.unit as
        select id, row_number() over (order by id) as number, (body::jsonb #>> '{body,load_id}')::bigint as load_id,
            body::jsonb #>> '{body,ne}' as plan_ne
        from ops.outbox where stage = 'parse-member';

    update dump.plugin_ledger p
    set state = 'RUNNING', attempts = 1, lease_owner = 'lambda:gone', lease_until = now() - interval '1 s'
    from test.unit u
    where number <= 2 and (p.load_id, p.plan_ne, p.plugin) = (u.load_id, u.plan_ne, 'node');
    delete from ops.outbox o using test.unit u where o.id = u.id and number <= 2;

    update dump.plugin_ledger p
    set state = 'FAILED', outcome = 'failed', attempts = 1, error_code = 'object_timeout', next_attempt_at = now()
    from test.unit u
    where number = 3 and (p.load_id, p.plan_ne, p.plugin) = (u.load_id, u.plan_ne, 'node');

    update ops.outbox o
    set visible_at = now(), attempts = 1, lease_owner = case number when 4 then 'lambda:gone' end
    from test.unit u where o.id = u.id;
    delete from test.held;
";

/// Waits until all that is left of the scene is to parse it; parse-member is held.
pub async fn planned(queue: &Queue) {
    let begun = Instant::now();
    loop {
        let parse = queue.waiting(Stage::ParseMember).await;
        let earlier = queue.waiting(Stage::ReceiveObject).await + queue.waiting(Stage::PlanArchive).await;
        if (parse, earlier) == (UNITS, 0) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "not planned; left:\n{}", queue.left().await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Abandons a planned scene; no platform may run meanwhile.
pub async fn abandon(pool: &PgPool) {
    let mut tx = pool.begin().await.unwrap();
    sqlx::raw_sql(ABANDON).execute(&mut *tx).await.unwrap();
    let left: Vec<String> = sqlx::query_scalar(
        "select concat_ws(' ', 'row', number, state) from test.unit u
            join dump.plugin_ledger p on (p.load_id, p.plan_ne, p.plugin) = (u.load_id, u.plan_ne, 'node')
         union all select concat_ws(' ', 'message', number, lease_owner) from test.unit join ops.outbox using (id)
         order by 1",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let expected = [
        "message 3",
        "message 4 lambda:gone",
        "row 1 RUNNING",
        "row 2 RUNNING",
        "row 3 FAILED",
        "row 4 PENDING",
    ];
    assert_eq!(left, expected);
}

/// Where a sweep of the abandoned scene can be struck: it commits for two network elements.
const POINTS: [&str; 10] = [
    "effect:before:FAULT:1",
    "effect:after:FAULT:1",
    "read:before:FAULT:1",
    "read:after:FAULT:1",
    "commit:before:FAULT:1",
    "commit:after:FAULT:1",
    "commit:before:FAULT:2",
    "commit:after:FAULT:2",
    "send:before:FAULT:1",
    "send:after:FAULT:1",
];

/// The scripts that strike a sweep at all of them.
pub fn scripts(fault: &str) -> impl Iterator<Item = String> {
    POINTS.into_iter().map(move |point| format!("sweep-state:{}", point.replace("FAULT", fault)))
}
