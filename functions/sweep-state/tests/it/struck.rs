//! A sweep that fails, panics or dies at any of its points is made good by the next one, and nothing happens twice.

use std::sync::Arc;

use futures::stream::{self, StreamExt};
use landfall_domain::Stage;
use landfall_local::sample::fixtures::{example_nested_chain, example_two_nodes};
use landfall_testkit::{Fingerprint, TestStage, production};
use sweep_state::{SweepReport, SweepState};

use crate::process;

/// Stages at the same time.
const AT_ONCE: usize = 2;

/// Where a sweep can be struck: two network elements are swept, so that the commit is passed twice.
const POINTS: [&str; 8] = [
    "read:before:FAULT:1",
    "read:after:FAULT:1",
    "commit:before:FAULT:1",
    "commit:after:FAULT:1",
    "commit:before:FAULT:2",
    "commit:after:FAULT:2",
    "effect:before:FAULT:1",
    "effect:after:FAULT:1",
];

/// One element's worker is lost in its first try, one's in its last.
const LOST: &str = "update dump.plugin_ledger set state = 'RUNNING', lease_owner = 'lambda:gone',
        attempts = case plan_ne when 'HEL-CORE-01' then 1 else 3 end, lease_until = '2025-03-01T09:00:00Z'
     where plugin = 'node'";
/// A retry that is due, and whose message nobody has taken yet.
const DUE: &str = "update dump.plugin_ledger set state = 'FAILED', outcome = 'failed', attempts = 1,
        error_code = 'object_timeout', next_attempt_at = '2025-03-01T09:00:30Z'
     where plugin = 'node' and load_id = (select max(load_id) from dump.load)";

/// Work for each part of a sweep, three months on: nobody has made partitions meanwhile.
async fn neglected() -> TestStage {
    let stage = TestStage::start().await;
    let land = async |network: &str, fixture: landfall_local::sample::fixtures::Fixture| {
        stage.land(&format!("dumps/acme/{network}/CHG-1/{}", fixture.file_name), &[], fixture.bytes).await;
        stage.plan().await;
    };
    land("core", example_two_nodes()).await;
    assert_eq!(stage.take(Stage::ParseMember).await.records.len(), 2);
    assert_eq!(stage.execute(LOST).await, 2);
    land("east", example_nested_chain()).await;
    assert_eq!(stage.execute(DUE).await, 1);
    stage.pass(92 * 24 * 3600);
    stage
}

/// What is stored, apart from numbers that differ from run to run.
async fn stored(stage: &TestStage) -> (Fingerprint, Vec<String>) {
    let lines = stage
        .texts(
            "select row_to_json(p)::jsonb - array['load_id', 'plan_id'] || '{}' #>> '{}'
                from dump.plugin_ledger p
             union all select concat_ws(' ', 'message', stage, body::jsonb #>> '{body,ne}',
                body::jsonb #>> '{body,plugins}', created_at, visible_at, attempts, lease_owner) from ops.outbox
             union all select concat_ws(' ', 'load', status, open_units) from dump.load
             union all select concat_ws(' ', 'event', to_state, reason, at) from ingest.event_log
             union all select 'table ' || relname from pg_class where relname ~ '^(event_log|attempt)_2025'
             order by 1",
        )
        .await;
    (Fingerprint::of(stage.pool()).await, lines)
}

/// Strikes the first sweep; gives the sweeper of the next.
async fn strike(stage: &TestStage, fault: &str, script: &str) -> Arc<SweepState> {
    if fault == "kill" {
        process::killed(stage, script).await;
        return Arc::new(SweepState::new(stage.clients(), production()));
    }
    let clients = stage.clients_with(script);
    let faults = clients.faults.clone();
    let sweeper = Arc::new(SweepState::new(clients, production()));
    let struck = Arc::clone(&sweeper);
    let ended = tokio::spawn(async move { struck.run().await }).await;
    assert_eq!(faults.outstanding(), 0, "{script}: did not strike");
    match ended {
        Ok(result) => assert!(fault == "fail" && result.is_err(), "{script}: {result:?}"),
        Err(error) => assert!(fault == "panic" && error.is_panic(), "{script}: {error}"),
    }
    sweeper
}

async fn struck_at_all_points(fault: &str) {
    let undisturbed = neglected().await;
    let report = SweepState::new(undisturbed.clients(), production()).run().await.unwrap();
    assert_eq!(report, SweepReport { sent: 1, handed_on: 0, leases_lost: 1, partitions: 6, loads_swept: 0 });
    let expected = stored(&undisturbed).await;
    let run = async |point: &str| {
        let script = format!("sweep-state:{}", point.replace("FAULT", fault));
        let stage = neglected().await;
        let sweeper = strike(&stage, fault, &script).await;
        sweeper.run().await.unwrap();
        let (results, lines) = stored(&stage).await;
        assert_eq!(expected.0.differences(&results), "", "{script}: other than undisturbed");
        assert_eq!(lines, expected.1, "{script}: other than undisturbed");
        assert_eq!(sweeper.run().await.unwrap(), SweepReport::default(), "{script}: nothing is left");
    };
    stream::iter(POINTS).map(run).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_sweep_that_fails_at_any_point_is_made_good_by_the_next() {
    struck_at_all_points("fail").await;
}

#[tokio::test]
async fn a_sweep_that_panics_at_any_point_is_made_good_by_the_next() {
    struck_at_all_points("panic").await;
}

#[tokio::test]
async fn a_sweep_whose_process_is_killed_at_any_point_is_made_good_by_the_next() {
    struck_at_all_points("kill").await;
}

#[tokio::test]
async fn partitions_that_cannot_be_made_keep_no_lease_from_being_handed_out() {
    let stage = neglected().await;
    strike(&stage, "fail", "sweep-state:effect:before:fail:1").await;
    let messages = "select body::jsonb #>> '{body,ne}' from ops.outbox order by id";
    assert_eq!(
        stage.texts(messages).await,
        ["HEL-CORE-01", "HEL-CORE-01"],
        "the due retry's, and the sweep's"
    );
}
