//! Processes that die at the worst moments lose nothing and do nothing twice (design: the step commit).

use std::collections::VecDeque;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use landfall_domain::Stage;
use landfall_local::sample::fixtures::{example_all_plugins, example_extra_chain, example_nested_chain};
use landfall_testkit::TestPlatform;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::abandoned;
use crate::process::{Life, Site};
use crate::scene::{self, SceneObject};

/// Sites at the same time.
const AT_ONCE: usize = 2;

/// All objects have landed; the first life dies at the point, the second one finishes.
async fn killed(script: String) {
    let site = Site::new().await;
    site.queue.hold(Stage::ReceiveObject).await;
    let life = site.start(&script).await;
    put_scene(&life).await;
    site.queue.release(Stage::ReceiveObject).await;
    life.died_of_its_script().await;
    made_good(&site, &script).await;
}

async fn put_scene(life: &Life) {
    for object in scene::objects() {
        life.put(&object.key, &object.body).await.expect("the put succeeds");
    }
}

/// The next life finishes what is left.
async fn made_good(site: &Site, script: &str) {
    let life = site.start("").await;
    site.settle().await;
    let differences = scene::undisturbed().await.differences(&site.fingerprint().await);
    assert_eq!(differences, "", "{script}: other than undisturbed");
    let books = site.verify(&life).await;
    assert!(books.closed, "{script}: {books:?}");
    life.stop().await;
}

async fn killed_at_all_points(stage: &str) {
    let points = [
        "read:before",
        "commit:before",
        "commit:after",
        "send:before",
        "send:after",
        "ack:before",
        "ack:after",
    ];
    let scripts = points.map(|point| format!("{stage}:{point}:kill:1"));
    stream::iter(scripts).map(killed).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_process_killed_in_receive_object_is_made_good_by_the_next() {
    killed_at_all_points("receive-object").await;
}

#[tokio::test]
async fn a_process_killed_in_plan_archive_is_made_good_by_the_next() {
    killed_at_all_points("plan-archive").await;
}

#[tokio::test]
async fn a_process_killed_in_parse_member_is_made_good_by_the_next() {
    killed_at_all_points("parse-member").await;
}

/// The workers of other processes are gone; the first sweep that finds their work dies at the point.
async fn killed_in_a_sweep(script: String) {
    let site = Site::new().await;
    site.queue.hold(Stage::ParseMember).await;
    let life = site.start("").await;
    put_scene(&life).await;
    abandoned::planned(&site.queue).await;
    life.stop().await;
    abandoned::abandon(site.pool()).await;
    site.start(&script).await.died_of_its_script().await;
    made_good(&site, &script).await;
}

#[tokio::test]
async fn a_process_killed_in_sweep_state_is_made_good_by_the_next() {
    let scripts = abandoned::scripts("kill");
    stream::iter(scripts).map(killed_in_a_sweep).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

/// The scene, and dumps of other networks.
fn upload() -> Vec<SceneObject> {
    let mut objects = scene::objects();
    objects.push(SceneObject::of(&example_all_plugins(), "acme/east/CHG-1"));
    objects.push(SceneObject::of(&example_extra_chain(), "acme/west/CHG-1"));
    objects.push(SceneObject::of(&example_nested_chain(), "acme/north/CHG-1"));
    objects
}

/// A client that repeats each put until it is answered. Gives the versions that were answered for.
async fn put_rest(life: &Life, rest: &mut VecDeque<SceneObject>, answered: &mut Vec<(String, String)>) {
    while let Some(object) = rest.front() {
        let Some(put) = life.put(&object.key, &object.body).await else { continue };
        answered.push((object.key.clone(), put.version_id.expect("the bucket has versions")));
        rest.pop_front();
    }
}

#[tokio::test]
async fn kill_9_at_any_time_of_an_upload_loses_nothing_that_was_answered() {
    let platform = TestPlatform::start().await;
    for object in upload() {
        platform.put(&object.key, &[], object.body).await;
    }
    platform.settle().await;
    let expected = platform.fingerprint().await.results();
    platform.stop().await;

    let mut random = StdRng::seed_from_u64(9);
    let site = Site::new().await;
    let (mut rest, mut answered) = (VecDeque::from(upload()), Vec::new());
    for _ in 0..5 {
        let life = site.start("").await;
        let lifetime = Duration::from_millis(random.random_range(5..250));
        let working = async {
            put_rest(&life, &mut rest, &mut answered).await;
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(lifetime, working).await;
        // A unit that is lost with its worker three times is held to be what kills it (E_LEASE_LOST): not here.
        site.until_no_unit_is_on_its_last_try().await;
        life.kill().await;
    }
    let life = site.start("").await;
    put_rest(&life, &mut rest, &mut answered).await;
    site.settle().await;

    assert_eq!(answered.len(), upload().len());
    for (key, version) in &answered {
        assert!(site.accounts_for(key, version).await, "{key} {version} is in no state");
    }
    // A put that was repeated may have landed twice: then there is one more duplicate, and nothing else.
    assert_eq!(expected.differences(&site.fingerprint().await.results()), "");
    let books = site.verify(&life).await;
    assert!(books.closed, "{books:?}");
    life.stop().await;
}
