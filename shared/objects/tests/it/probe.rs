//! The probe on a store that does all right, and on stores that do not.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_domain::{FixedClock, Level, SystemClock};
use landfall_objects::probe::{self, StoreFacts, StoreProbe, Told};
use landfall_objects::{ObjectStore, Versioning};

use crate::script::{Answer, Request, Script};
use crate::store::{connect, endpoint};

const KEY: &str = "doctor/1";

async fn probe_for(objects: &ObjectStore, (landing, work): (&str, &str), patience: Duration) -> StoreFacts {
    let clock = Arc::new(SystemClock);
    objects.probe(&StoreProbe { landing, work, key: KEY, clock, patience }).await
}

async fn probe(objects: &ObjectStore, buckets: (&str, &str)) -> StoreFacts {
    probe_for(objects, buckets, Duration::from_secs(30)).await
}

/// Names and levels of all findings that are not ok, and the finding on versions.
fn told(facts: &StoreFacts) -> String {
    let mut table = String::new();
    for finding in probe::judge(facts, &Told::ByListing) {
        if finding.level != Level::Ok || finding.name == "store.versioning" {
            writeln!(table, "{} {}", finding.level.as_str(), finding.name).unwrap();
        }
    }
    table
}

#[tokio::test]
async fn a_store_that_does_all_right_has_nothing_to_complain_of_and_keeps_nothing_of_the_probe() {
    let s3 = endpoint().await;
    let table = [
        (Versioning::Enabled, "ok store.versioning\n"),
        (Versioning::Suspended, "warning store.versioning\n"),
        (Versioning::Unversioned, "warning store.versioning\n"),
    ];
    for (landing, expected) in table {
        for work in [Versioning::Unversioned, Versioning::Enabled] {
            let (landing, work) = (s3.bucket(landing).await, s3.bucket(work).await);
            let facts = probe(&s3.objects, (&landing, &work)).await;
            assert_eq!(told(&facts), expected, "{facts:?}");
            for bucket in [landing, work] {
                let left = s3.objects.list_versions(&bucket, "", None).next().await.unwrap().unwrap();
                assert!(left.is_empty(), "{left:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_missing_work_bucket_costs_only_what_needs_it() {
    let s3 = endpoint().await;
    let landing = s3.bucket(Versioning::Enabled).await;
    let facts = probe(&s3.objects, (&landing, "no-such-work-bucket")).await;
    insta::assert_snapshot!(told(&facts), @r"
    ok store.versioning
    problem store.work-bucket
    skipped store.create-once
    skipped store.replace-known
    skipped store.ranges
    skipped store.checksums
    skipped store.clean-up
    ");
}

#[tokio::test]
async fn nothing_is_written_to_the_watched_bucket() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Enabled).await;
    let facts = probe(&s3.objects, (&bucket, &bucket)).await;
    insta::assert_snapshot!(told(&facts), @r"
    ok store.versioning
    problem store.work-bucket
    skipped store.create-once
    skipped store.replace-known
    skipped store.ranges
    skipped store.checksums
    skipped store.clean-up
    ");
    assert!(s3.objects.list_versions(&bucket, "", None).next().await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn a_store_that_is_not_there_is_one_problem_within_bounded_time() {
    let begun = Instant::now();
    let facts = probe(&connect("http://127.0.0.1:9".to_owned()).await, ("landing", "work")).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    insta::assert_snapshot!(told(&facts), @r"
    problem store.landing-bucket
    skipped store.versioning
    skipped store.notifications
    skipped store.work-bucket
    skipped store.create-once
    skipped store.replace-known
    skipped store.ranges
    skipped store.checksums
    skipped store.clean-up
    skipped clock.store
    ");
}

#[tokio::test]
async fn a_store_that_never_answers_is_given_up() {
    let script = Script::serve(|_| Answer::hang()).await;
    let begun = Instant::now();
    let facts = probe_for(&connect(script.url()).await, ("landing", "work"), Duration::from_secs(1)).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(told(&facts).starts_with("problem store.landing-bucket\n"), "{facts:?}");
}

/// A store that takes every write, whatever its conditions and checksums say, and forgets ranges.
fn careless(request: &Request) -> Answer {
    let etag = "\"e\"";
    let modified = "Sun, 01 Mar 2026 12:00:00 GMT";
    match (request.method.as_str(), request.query.as_str()) {
        ("GET", query) if query.starts_with("versioning") => {
            Answer::ok("<VersioningConfiguration></VersioningConfiguration>")
        }
        ("GET", query) if query.starts_with("notification") => {
            Answer::ok("<NotificationConfiguration></NotificationConfiguration>")
        }
        ("GET", query) if query.contains("versions") => Answer::error(501, "NotImplemented"),
        ("GET", _) => Answer::ok("landfall doctor\n").header("etag", etag).header("last-modified", modified),
        ("DELETE", _) => Answer::new(204),
        _ => Answer::new(200).header("etag", etag),
    }
}

#[tokio::test]
async fn a_store_that_ignores_conditions_ranges_and_checksums_is_found_out() {
    let script = Script::serve(careless).await;
    let facts = probe(&connect(script.url()).await, ("landing", "work")).await;
    insta::assert_snapshot!(told(&facts), @r"
    warning store.versioning
    problem store.create-once
    problem store.replace-known
    problem store.ranges
    warning store.checksums
    skipped clock.store
    ");
    let deletes = script.requests().iter().filter(|request| request.method == "DELETE").count();
    assert_eq!(deletes, 1, "without a listing of versions it is deleted as it stands");
}

#[tokio::test]
async fn what_was_written_is_removed_after_a_failure_too() {
    let script = Script::serve(|request| {
        let is_first = request.headers.contains_key("if-none-match");
        match (request.method.as_str(), is_first) {
            // It is stored, but nobody learns of it.
            ("PUT", true) => Answer::hang(),
            _ => careless(request),
        }
    })
    .await;
    let facts = probe_for(&connect(script.url()).await, ("landing", "work"), Duration::from_secs(1)).await;
    insta::assert_snapshot!(told(&facts), @r"
    warning store.versioning
    problem store.create-once
    skipped store.replace-known
    skipped store.ranges
    skipped store.checksums
    skipped clock.store
    ");
    let requests = script.requests();
    assert_eq!(requests.last().unwrap().method, "DELETE");
}

#[tokio::test]
async fn the_clock_of_the_store_is_read_off_its_answers() {
    let script =
        Script::serve(|request| careless(request).header("date", "Sun, 01 Mar 2026 12:01:15 GMT")).await;
    let objects = connect(script.url()).await;
    let clock = Arc::new(FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap()));
    let patience = Duration::from_secs(30);
    let facts = objects.probe(&StoreProbe { landing: "l", work: "w", key: KEY, clock, patience }).await;
    assert_eq!(facts.skew.unwrap().0.num_seconds(), 75);
}
