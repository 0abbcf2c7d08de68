//! A stage with a planner, and uploads in few words.

use landfall_domain::Stage;
use landfall_local::sample::fixtures::{Fixture, example_two_nodes};
use landfall_testkit::{TestStage, production};
use plan_archive::{PlanArchive, Rules};

/// The folder of most uploads.
pub const FOLDER: &str = "dumps/acme/core/CHG-1001";

/// Rules under which uploads may name new customers.
pub fn lenient() -> Rules {
    Rules { auto_create_customer: true, ..Rules::default() }
}

/// A planner with these rules.
pub fn planner(stage: &TestStage, rules: Rules) -> PlanArchive {
    PlanArchive::new(stage.clients(), rules, production())
}

/// Lands a fixture in a folder; gives the object's id.
pub async fn land(stage: &TestStage, folder: &str, metadata: &[(&str, &str)], fixture: &Fixture) -> i64 {
    stage.land(&format!("{folder}/{}", fixture.file_name), metadata, fixture.bytes.clone()).await
}

/// Plans what waits, under these rules; nothing may fail.
pub async fn plan(stage: &TestStage, rules: Rules) {
    let event = stage.take(Stage::PlanArchive).await;
    assert_eq!(event.records.len(), 1, "one upload at a time");
    assert!(stage.handle(&planner(stage, rules), event).await.is_empty());
}

/// Lands and plans the dump of two nodes; gives the object's id.
pub async fn first_dump(stage: &TestStage) -> i64 {
    let object = land(stage, FOLDER, &[], &example_two_nodes()).await;
    plan(stage, lenient()).await;
    assert_eq!(stage.state(object).await, "dispatched plan-archive");
    object
}
