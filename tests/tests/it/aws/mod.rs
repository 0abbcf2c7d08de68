//! The whole chain on an emulator of AWS: this very template, the packaged functions, the store's own notifications,
//! real queues and mappings. One deployment serves all that is asserted; `./dev test aws` packs the functions and runs
//! it.

mod stack;

use std::collections::BTreeSet;
use std::path::Path;

use aws_sdk_sqs::types::QueueAttributeName;
use landfall_domain::Stage;
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_local::listing::Verification;
use landfall_local::sample::demo_objects;
use landfall_store::dead_letter;
use landfall_testkit::{Fingerprint, TestPlatform};
use serde_json::Value;

use crate::scene::dump;
use crate::tickets;
use stack::Stack;

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_stack_leaves_the_rows_of_a_local_run_and_what_failed_there_is_redriven() {
    let Some(stack) = Stack::deploy().await else { return };
    let left = samples_leave_what_a_local_run_leaves(&stack).await;
    duplicates_change_nothing(&stack, &left).await;
    strangers_are_refused(&stack).await;
    schedules_run(&stack).await;
    an_unreadable_message_is_a_dead_letter(&stack).await;
    messages_that_fail_are_buried_and_sent_again(&stack).await;
    change_files_are_drained_by_their_schedules(&stack).await;
    stack.stop().await;
}

/// cargo-lambda makes release builds abort at a panic where the profile does not say otherwise: a whole batch would be lost.
#[test]
fn what_is_built_for_lambda_unwinds() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).unwrap();
    let profile = manifest.split("\n[profile.release]\n").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(profile.lines().any(|line| line == r#"panic = "unwind""#), "{profile}");
}

/// Objects to wait for before a sample is put: which one is found beside the other, or is the duplicate of the other,
/// must not depend on who is faster.
fn comes_alone(key: &str, before: &str) -> bool {
    key.ends_with("_copy.tgz") || Path::new(before).extension().is_some_and(|extension| extension == "json")
}

/// What the samples leave in the self-hosted process, in a bucket of the same name.
async fn local_run(bucket: &str) -> (Fingerprint, Verification) {
    let platform = TestPlatform::configured(|config| bucket.clone_into(&mut config.bucket)).await;
    let mut before = String::new();
    for sample in demo_objects() {
        if comes_alone(&sample.key, &before) {
            platform.settle().await;
        }
        let metadata: Vec<_> = sample.metadata.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        platform.put(&sample.key, &metadata, sample.body).await;
        before = sample.key;
    }
    platform.settle().await;
    let left = (platform.fingerprint().await, platform.verify().await);
    platform.stop().await;
    left
}

async fn samples_leave_what_a_local_run_leaves(stack: &Stack) -> Fingerprint {
    let (mut put, mut before) = (0, String::new());
    for sample in demo_objects() {
        if comes_alone(&sample.key, &before) {
            stack.settle(put).await;
        }
        stack.put(&sample.key, &sample.metadata, sample.body).await;
        (put, before) = (put + 1, sample.key);
    }
    stack.settle(put).await;
    let (expected, books) = local_run(stack.landing()).await;
    let left = Fingerprint::of(stack.pool()).await;
    assert!(left.rows("dump.lsp_entry") > 0, "{left:?}");
    assert_eq!(expected.differences(&left), "");
    assert_eq!(stack.verify().await, books);
    assert!(books.closed, "{books:?}");
    left
}

/// Every notification and every stage message once more.
async fn duplicates_change_nothing(stack: &Stack, left: &Fingerprint) {
    let attempts = stack.count("select count(*) from ingest.attempt").await;
    for sample in demo_objects() {
        let head = stack.objects.head(stack.landing(), &sample.key, None).await.unwrap();
        let event = ObjectEvent {
            change: Change::Created,
            bucket: stack.landing().to_owned(),
            key: sample.key,
            version_id: head.version_id,
            etag: Some(head.etag),
            size: Some(head.size),
            time: Some(head.last_modified),
            sequencer: None,
        };
        let body = to_json(&[WrittenEvent { event, name: "Put" }]);
        stack.sqs.send(stack.url("receive-object"), &body).await;
    }
    let sent: Vec<(String, String)> = sqlx::query_as("select stage, body from test.sent order by id")
        .fetch_all(stack.pool())
        .await
        .unwrap();
    assert!(sent.len() > 10, "{sent:?}");
    for (stage, body) in &sent {
        stack.sqs.send(stack.url(stage), body).await;
    }
    stack.settle(i64::try_from(demo_objects().len()).unwrap()).await;
    assert_eq!(left.differences(&Fingerprint::of(stack.pool()).await), "");
    assert_eq!(stack.count("select count(*) from ingest.attempt").await, attempts, "no work was done twice");
    assert_eq!(stack.count("select count(*) from ops.dead_letter").await, 0);
}

/// Whoever is not the landing bucket of this account: the policies of queue and bucket know nobody else.
async fn strangers_are_refused(stack: &Stack) {
    let told = stack.intrude().await;
    let told: Vec<_> = told.iter().map(|(who, code)| (who.as_str(), code.as_deref())).collect();
    let expected = [
        ("another account puts", Some("AccessDenied")),
        ("another account sends", Some("AccessDenied")),
        ("another bucket notifies", Some("InvalidArgument")),
        ("unknown credentials put", Some("InvalidAccessKeyId")),
        ("unknown credentials send", Some("InvalidClientTokenId")),
    ];
    assert_eq!(told, expected);
    assert_eq!(stack.sqs.messages(stack.url("receive-object")).await, 0);
}

/// Each schedule once, as the schedule itself does it.
async fn schedules_run(stack: &Stack) {
    let fired = stack.fire_schedules().await;
    let functions: BTreeSet<_> = fired.iter().map(|one| one.function.clone()).collect();
    let by_the_clock = |stage: &Stage| stage.settings().trigger.has_schedule();
    let expected = Stage::ALL.into_iter().filter(by_the_clock).map(|stage| format!("landfall-{stage}"));
    assert_eq!(functions, expected.collect::<BTreeSet<_>>(), "{fired:?}");
    for one in &fired {
        assert_eq!((one.state.as_str(), one.error.as_deref()), ("ENABLED", None), "{fired:?}");
    }
}

async fn an_unreadable_message_is_a_dead_letter(stack: &Stack) {
    stack.sqs.send(stack.url("plan-archive"), r#"{"v":1,"nonsense":true}"#).await;
    stack.wait("a dead letter", async || letters(stack).await.len() == 1).await;
    assert_eq!(letters(stack).await, ["plan-archive quarantined message_form"]);
    let log = stack.log(Stage::PlanArchive).await;
    assert!(log.contains("quarantined: message_form: stage message is not of the expected form"), "{log}");
    assert_eq!(stack.sqs.messages(stack.url("plan-archive")).await, 0);
}

/// The handler panics over one message; for another its role lacks a right. Both are given back and buried by the queue,
/// their objects are `failed`, and go on once the letters are sent again and the schedule has handed them on.
async fn messages_that_fail_are_buried_and_sent_again(stack: &Stack) {
    // Five tries take four minutes. After one the message comes back in 3 s, because the function gives it back: the time
    // of visibility is an hour and a half.
    let before = set_receives(stack, "1").await;
    stack.set_faults(Stage::PlanArchive, "plan-archive:read:before:panic:1").await;
    fails(stack, 0, "will be tried again: panic: scripted panic in plan-archive Before Read").await;
    stack.set_faults(Stage::PlanArchive, "").await;
    stack.forbid(Stage::PlanArchive, "s3:GetObject").await;
    fails(stack, 1, "will be tried again: object_access_denied: ").await;
    stack.allow(Stage::PlanArchive).await;
    set_receives(stack, &before).await;
    let (unreadable, buried) =
        ("plan-archive quarantined message_form", "plan-archive failed receives_used_up");
    assert_eq!(letters(stack).await, [unreadable, buried, buried]);

    let letters = dead_letter::list(stack.pool(), false, 10).await.unwrap();
    for letter in letters.iter().filter(|letter| letter.object_id.is_some()) {
        let told = stack.landfall(&["dead", "redrive", &letter.id.to_string()]).await;
        assert!(told.contains("goes back to dispatched"), "{told}");
    }
    // Nobody but sweep-state sends what the command has written, and nobody but its schedule starts it here.
    let objects = i64::try_from(demo_objects().len()).unwrap() + 2;
    stack.settle(objects).await;
    let lives = "select string_agg(to_state, ' ' order by at, event_id) from ingest.event_log
        join ingest.object using (object_id) where key like 'dumps/initech/%' group by key";
    let lives: Vec<String> = sqlx::query_scalar(lives).fetch_all(stack.pool()).await.unwrap();
    assert_eq!(lives, ["dispatched failed dispatched done"; 2]);
    let books = stack.verify().await;
    assert!(books.closed, "{books:?}");
}

/// The first run of the scenario of tickets: what lands waits for its turn, and the functions that the schedules start
/// apply and move it.
async fn change_files_are_drained_by_their_schedules(stack: &Stack) {
    // Nothing is to come before these.
    stack.set_variable(Stage::DrainChanges, "LANDFALL_TICKETS_SETTLE_SECONDS", "0").await;
    let files = tickets::files_of("run1");
    for (key, body) in &files {
        stack.put(key, &[], body.clone()).await;
    }
    let (dumps, files) = (demo_objects().len() + 2, files.len());
    let waiting = "select count(*) from ingest.object where state = 'waiting' and reason = 'turn'";
    let known = async || stack.count(waiting).await == i64::try_from(files).unwrap();
    stack.wait("the front door knows all change files", known).await;
    schedules_run(stack).await;
    // Each has a copy in processed/, which the front door sees.
    stack.settle(i64::try_from(dumps + 2 * files).unwrap()).await;
    let states = "select state || ' ' || reason || ' ' || present || ' ' || count(*) from ingest.object
        where feed = 'tickets' group by state, reason, present order by 1";
    let states: Vec<String> = sqlx::query_scalar(states).fetch_all(stack.pool()).await.unwrap();
    assert_eq!(states, [format!("done applied false {files}"), format!("ignored own_output true {files}")]);
    let expected = &tickets::document("expected.json")["runs"][0];
    for (dataset, rows) in
        [("inc", "select count(*) from tickets.inc"), ("crq", "select count(*) from tickets.crq")]
    {
        assert_eq!(Some(stack.count(rows).await), expected[dataset]["rows"].as_i64(), "{dataset}");
    }
    let books = stack.verify().await;
    assert!(books.closed, "{books:?}");
}

/// Puts the dump of a day, which is going to fail, and waits until the books say so; the log tells why.
async fn fails(stack: &Stack, day: i32, why: &str) {
    let key = format!("dumps/initech/core/CHG-2001/{day}.tgz");
    stack.put(&key, &[], dump(day, &["HEL-CORE-01"])).await;
    let failed = async || stack.state(&key).await.as_deref() == Some("failed receives_used_up");
    stack.wait("the object failed", failed).await;
    let log = stack.log(Stage::PlanArchive).await;
    assert!(log.contains(why), "{why}\n{log}");
}

/// Dead letters as stage, kind and code, in the order of their coming.
async fn letters(stack: &Stack) -> Vec<String> {
    let letters = "select concat_ws(' ', stage, kind, code) from ops.dead_letter order by id";
    sqlx::query_scalar(letters).fetch_all(stack.pool()).await.unwrap()
}

/// Sets after how many receives the queue of plan-archive gives a message up; gives what was set before.
async fn set_receives(stack: &Stack, receives: &str) -> String {
    let (sqs, url) = (&stack.sqs, stack.url("plan-archive"));
    let mut policy: Value =
        serde_json::from_str(&sqs.attribute(url, QueueAttributeName::RedrivePolicy).await).unwrap();
    let before = policy["maxReceiveCount"].to_string().replace('"', "");
    policy["maxReceiveCount"] = receives.into();
    sqs.set(url, QueueAttributeName::RedrivePolicy, &policy.to_string()).await;
    before
}
