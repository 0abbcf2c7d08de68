//! Which landings are told apart, and what becomes of each (design: identity and states).

use std::time::Duration;

use chrono::Timelike;
use landfall_domain::Stage;
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_objects::Versioning;
use landfall_testkit::TestPlatform;

use crate::scene::dump;

const KEY: &str = "dumps/acme/core/CHG-1001/latest.tgz";
const NODE: [&str; 1] = ["HEL-CORE-01"];
const BOTH: [Versioning; 2] = [Versioning::Unversioned, Versioning::Enabled];

async fn platform(versioning: Versioning) -> TestPlatform {
    TestPlatform::configured(|config| config.versioning = versioning).await
}

/// State, reason and presence of each identity in order of landing; the books must be closed.
async fn identities(platform: &TestPlatform, landed: u64) -> Vec<String> {
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    assert_eq!((books.landed, books.in_states), (landed, landed), "{books:?}");
    sqlx::query_scalar(
        "select concat_ws(' ', state, reason, case when present then 'present' end) from ingest.object
         order by last_modified, object_id",
    )
    .fetch_all(platform.pool())
    .await
    .unwrap()
}

/// Waits for the first tenth of a second.
async fn next_second(platform: &TestPlatform) {
    let clock = &platform.platform().clients().clock;
    let before = clock.now().timestamp();
    while clock.now().timestamp() == before || clock.now().nanosecond() > 100_000_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn delete(platform: &TestPlatform, key: &str, version: Option<&str>) {
    let objects = &platform.platform().clients().objects;
    objects.delete(platform.platform().bucket(), key, version).await.unwrap();
}

#[tokio::test]
async fn a_b_a_under_one_key_are_three_identities_each_worked_to_its_end() {
    for versioning in BOTH {
        let platform = platform(versioning).await;
        for day in [0, 1, 0] {
            next_second(&platform).await;
            platform.put(KEY, &[], dump(day, &NODE)).await;
            platform.settle().await;
        }
        let identities = identities(&platform, 3).await;
        let presence = if versioning == Versioning::Unversioned { "" } else { " present" };
        let done = format!("done complete{presence}");
        assert_eq!(identities, [done.clone(), done, "duplicate duplicate present".into()]);
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_b_a_overwritten_before_they_were_seen_are_all_accounted_for() {
    let platform = platform(Versioning::Unversioned).await;
    platform.queue().hold(Stage::ReceiveObject).await;
    for day in [0, 1, 0] {
        platform.put(KEY, &[], dump(day, &NODE)).await;
        for _ in 0..2 {
            next_second(&platform).await;
        }
    }
    platform.queue().release(Stage::ReceiveObject).await;
    platform.platform().wake();
    platform.settle().await;
    let expected = ["superseded overwritten", "superseded overwritten", "done complete present"];
    assert_eq!(identities(&platform, 3).await, expected);

    // The same events once more tell nothing new.
    platform.queue().send_all_again(1).await;
    platform.platform().wake();
    platform.settle().await;
    assert_eq!(identities(&platform, 3).await, expected);
    platform.stop().await;
}

#[tokio::test]
async fn the_same_bytes_within_one_second_are_one_identity_unless_their_metadata_differs() {
    let platform = platform(Versioning::Unversioned).await;
    next_second(&platform).await;
    for _ in 0..2 {
        platform.put("notes/a.txt", &[], "same").await;
        platform.settle().await;
    }
    assert_eq!(identities(&platform, 1).await, ["ignored no_feed present"]);

    next_second(&platform).await;
    for who in ["night shift", "day shift", "day shift"] {
        platform.put("notes/b.txt", &[("collector", who)], "same").await;
        platform.settle().await;
    }
    let all = ["ignored no_feed present", "ignored no_feed", "ignored no_feed present"];
    assert_eq!(identities(&platform, 3).await, all);
    platform.stop().await;
}

#[tokio::test]
async fn an_object_that_is_gone_when_its_event_comes_is_gone() {
    for versioning in BOTH {
        let platform = platform(versioning).await;
        platform.queue().hold(Stage::ReceiveObject).await;
        let put = platform.put(KEY, &[], dump(0, &NODE)).await;
        delete(&platform, KEY, put.version_id.as_deref()).await;
        platform.queue().release(Stage::ReceiveObject).await;
        platform.platform().wake();
        platform.settle().await;
        assert_eq!(identities(&platform, 1).await, ["gone gone"], "{versioning:?}");
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_removal_that_is_heard_of_before_its_landing_leaves_no_open_books() {
    for (versioning, key) in
        [(BOTH[0], KEY), (BOTH[1], KEY), (BOTH[0], "notes/a.txt"), (BOTH[1], "notes/a.txt")]
    {
        let platform = platform(versioning).await;
        platform.queue().hold(Stage::ReceiveObject).await;
        let put = platform.put(key, &[], dump(0, &NODE)).await;
        let held = platform.queue().take(Stage::ReceiveObject).await;
        platform.queue().release(Stage::ReceiveObject).await;
        delete(&platform, key, put.version_id.as_deref()).await;
        platform.settle().await;
        platform.queue().send(Stage::ReceiveObject, &held[0]).await;
        platform.platform().wake();
        platform.settle().await;
        heal(&platform).await;
        let identities = identities(&platform, 1).await;
        assert!(!identities[0].ends_with("present"), "{versioning:?} {key}: {identities:?}");
        platform.stop().await;
    }
}

async fn heal(platform: &TestPlatform) {
    let clients = platform.platform().clients();
    let place = (platform.platform().bucket(), "");
    landfall_local::listing::heal(&clients.objects, &clients.store, place, clients.clock.now())
        .await
        .unwrap();
    platform.platform().wake();
    platform.settle().await;
}

#[tokio::test]
async fn removed_and_put_again_within_one_second_it_is_present() {
    let platform = platform(Versioning::Unversioned).await;
    next_second(&platform).await;
    platform.put("notes/a.txt", &[], "same").await;
    platform.settle().await;
    delete(&platform, "notes/a.txt", None).await;
    platform.settle().await;
    platform.put("notes/a.txt", &[], "same").await;
    platform.settle().await;
    assert_eq!(identities(&platform, 1).await, ["ignored no_feed present"]);
    platform.stop().await;
}

#[tokio::test]
async fn what_was_gone_and_comes_back_within_its_second_is_worked_on() {
    let platform = platform(Versioning::Unversioned).await;
    // A slow machine may not make it within a second; then there are two identities, and it tries again.
    for attempt in 0..10 {
        let key = format!("dumps/acme/net-{attempt}/CHG-1001/latest.tgz");
        let body = dump(attempt, &NODE);
        next_second(&platform).await;
        platform.queue().hold(Stage::ReceiveObject).await;
        platform.put(&key, &[], body.clone()).await;
        delete(&platform, &key, None).await;
        platform.queue().release(Stage::ReceiveObject).await;
        platform.platform().wake();
        platform.settle().await;
        platform.put(&key, &[], body).await;
        platform.settle().await;
        let lives: Vec<String> = sqlx::query_scalar(
            "select string_agg(concat_ws(' ', l.from_state, l.to_state, l.run), ', ' order by l.at, l.event_id)
             from ingest.event_log l join ingest.object o using (object_id) where o.key = $1 group by o.object_id",
        )
        .bind(&key)
        .fetch_all(platform.pool())
        .await
        .unwrap();
        if let [life] = lives.as_slice() {
            insta::assert_snapshot!(life, @"gone 1, gone dispatched 2, dispatched done 2");
            assert!(platform.verify().await.closed);
            platform.stop().await;
            return;
        }
    }
    panic!("the machine never took less than a second");
}

#[tokio::test]
async fn an_event_of_another_content_than_the_current_one_records_both() {
    let platform = platform(Versioning::Unversioned).await;
    platform.queue().hold(Stage::ReceiveObject).await;
    platform.put(KEY, &[], dump(0, &NODE)).await;
    platform.queue().lose(Stage::ReceiveObject).await;
    platform.queue().release(Stage::ReceiveObject).await;
    let event = ObjectEvent {
        change: Change::Created,
        bucket: platform.platform().bucket().to_owned(),
        key: KEY.to_owned(),
        version_id: None,
        etag: Some("0123456789abcdef0123456789abcdef".into()),
        size: Some(7),
        time: Some(platform.platform().clients().clock.now() - chrono::TimeDelta::minutes(5)),
        sequencer: Some("0001".into()),
    };
    platform.queue().send(Stage::ReceiveObject, &to_json(&[WrittenEvent { event, name: "Put" }])).await;
    platform.platform().wake();
    platform.settle().await;
    assert_eq!(identities(&platform, 2).await, ["superseded overwritten", "done complete present"]);
    platform.stop().await;
}

#[tokio::test]
async fn strange_keys_come_through_as_they_are() {
    let names = [
        "a b.tgz",
        "a+b.tgz",
        "a%20b.tgz",
        "100%.tgz",
        "ä ö 漢字 🛰.tgz",
        "a&b=c?d#e.tgz",
        "it's \"so\".tgz",
        "%2B+ %2b.tgz",
    ];
    for versioning in BOTH {
        let platform = platform(versioning).await;
        let mut expected = Vec::new();
        for (name, day) in names.iter().zip(0..) {
            let key = format!("dumps/acme/core/CHG-1001/{name}");
            platform.put(&key, &[], dump(day, &NODE)).await;
            expected.push((key, "done".to_owned(), "complete".to_owned()));
        }
        platform.settle().await;
        expected.sort();
        assert_eq!(platform.states().await, expected);
        assert!(platform.verify().await.closed);
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_removal_after_the_work_leaves_the_outcome_and_marks_the_absence() {
    for versioning in BOTH {
        let platform = platform(versioning).await;
        let put = platform.put(KEY, &[], dump(0, &NODE)).await;
        platform.settle().await;
        delete(&platform, KEY, put.version_id.as_deref()).await;
        platform.settle().await;
        assert_eq!(identities(&platform, 1).await, ["done complete"], "{versioning:?}");
        platform.stop().await;
    }
}
