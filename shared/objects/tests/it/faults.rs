//! Network faults and stores that do not do as they should.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use landfall_objects::{ObjectError, ObjectStore, Pin, ReadOptions};

use crate::script::{Answer, Request, Script};
use crate::store::{connect, pattern, read_all, small_parts};

const SIZE: usize = 1000;

/// An honest server of `pattern(SIZE)`, except where `fault` has an answer.
async fn honest_but(
    fault: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static,
) -> (Script, ObjectStore) {
    let content = pattern(SIZE);
    let script = Script::serve(move |request| {
        let honest = Answer::range(request, &content, "e");
        fault(request, honest)
    })
    .await;
    let objects = connect(script.url()).await;
    (script, objects)
}

async fn read(objects: &ObjectStore, options: ReadOptions) -> Result<Bytes, ObjectError> {
    read_all(objects, ("b", "k"), &Pin::etag("e"), options).await
}

fn third_part(request: &Request) -> bool {
    request.range().0 == 200
}

#[tokio::test]
async fn an_object_replaced_before_the_third_part_is_a_lost_pin() {
    let (_script, objects) =
        honest_but(
            |request, honest| {
                if third_part(request) { Answer::error(412, "PreconditionFailed") } else { honest }
            },
        )
        .await;
    let mut read = objects.read("b", "k", &Pin::etag("e"), small_parts(100, 4)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(read.next().await.unwrap().unwrap().len(), 100);
    }
    let error = read.next().await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
    let after = read.next().await.unwrap_err();
    assert!(matches!(after, ObjectError::ShortRead { expected: 1000, got: 200, .. }), "{after:?}");
}

#[tokio::test]
async fn every_part_of_a_pinned_version_names_version_and_etag() {
    let (script, objects) = honest_but(|_, honest| honest.header("x-amz-version-id", "v1")).await;
    let read = read_all(&objects, ("b", "k"), &Pin::version("v1"), small_parts(100, 4)).await.unwrap();
    assert_eq!(read, pattern(SIZE));
    let requests = script.requests();
    assert_eq!(requests.len(), 10);
    for request in &requests {
        assert!(request.query.contains("versionId=v1"), "{}", request.query);
    }
    assert_eq!(requests.iter().filter(|one| one.headers.contains_key("if-match")).count(), 9);
    let error = read_all(&objects, ("b", "k"), &Pin::version("v2"), small_parts(100, 4)).await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_store_that_ignores_the_range_is_named() {
    let script = Script::serve(|_| {
        let answer = Answer::ok(pattern(SIZE)).header("etag", "\"e\"");
        answer.header("last-modified", "Sun, 01 Mar 2026 12:00:00 GMT")
    })
    .await;
    let objects = connect(script.url()).await;
    let error = read(&objects, small_parts(100, 4)).await.unwrap_err();
    insta::assert_snapshot!(error, @"get s3://b/k: the store does not answer the range that was asked");
    assert_eq!(read(&objects, small_parts(1000, 1)).await.unwrap(), pattern(SIZE));
}

#[tokio::test]
async fn a_store_that_ignores_the_pin_is_found_out() {
    let (_script, objects) =
        honest_but(
            |request, honest| {
                if third_part(request) { honest.header("etag", "\"other\"") } else { honest }
            },
        )
        .await;
    let error = read(&objects, small_parts(100, 4)).await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_that_ends_early_is_a_short_read_however_it_ends() {
    let cuts: [fn(Answer) -> Answer; 3] =
        [|honest| honest.cut(40), |honest| honest.unframed().cut(40), |honest| honest.cut(0)];
    for cut in cuts {
        let (_script, objects) =
            honest_but(move |request, honest| if third_part(request) { cut(honest) } else { honest }).await;
        let error = read(&objects, small_parts(100, 4)).await.unwrap_err();
        assert!(matches!(error, ObjectError::ShortRead { expected: 100, .. }), "{error:?}");
        assert!(error.is_retryable());
        let range = objects.read_range("b", "k", &Pin::etag("e"), 200..300).await.unwrap_err();
        assert!(matches!(range, ObjectError::ShortRead { expected: 100, .. }), "{range:?}");
    }
}

#[tokio::test]
async fn a_connection_lost_once_costs_one_more_request_and_no_byte() {
    let (script, objects) =
        honest_but(|request, honest| if request.number == 0 { honest.cut(40) } else { honest }).await;
    let read = read(&objects, small_parts(100, 4)).await.unwrap();
    assert_eq!(read, pattern(SIZE));
    assert_eq!(script.requests().len(), 11);
}

#[tokio::test]
async fn a_stalled_body_ends_with_the_idle_time_out() {
    let (_script, objects) =
        honest_but(|request, honest| if third_part(request) { honest.stall(40) } else { honest }).await;
    let options =
        ReadOptions { idle_timeout: Duration::from_millis(50), body_retries: 1, ..small_parts(100, 4) };
    let error = read(&objects, options).await.unwrap_err();
    assert!(matches!(error, ObjectError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn throttling_and_server_errors_are_tried_three_times_and_then_told() {
    for (status, code) in [(503, "SlowDown"), (500, "InternalError")] {
        let (script, objects) = honest_but(move |_, _| Answer::error(status, code)).await;
        let error = read(&objects, ReadOptions::default()).await.unwrap_err();
        assert!(error.is_retryable());
        match code {
            "SlowDown" => assert!(matches!(error, ObjectError::Throttled { .. }), "{error:?}"),
            _ => assert!(matches!(error, ObjectError::Unavailable { .. }), "{error:?}"),
        }
        assert_eq!(script.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_server_error_that_passes_is_not_seen_by_the_caller() {
    let (script, objects) =
        honest_but(
            |request, honest| {
                if request.number == 1 { Answer::error(500, "InternalError") } else { honest }
            },
        )
        .await;
    let mut read = objects.read("b", "k", &Pin::etag("e"), small_parts(500, 1)).await.unwrap();
    while read.next().await.unwrap().is_some() {}
    assert_eq!((read.requests(), read.delivered()), (3, 1000));
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let script = Script::serve(|_| Answer::new(500)).await;
    let url = script.url();
    drop(script);
    let error = connect(url).await.head("b", "k", None).await.unwrap_err();
    assert!(matches!(error, ObjectError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_to_another_range_is_refused() {
    let wrong: [fn(Answer) -> Answer; 4] = [
        |honest| honest.header("content-range", "bytes 0-99/1000"),
        |honest| honest.header("content-range", "bytes 200-298/1000"),
        |honest| honest.header("content-range", "bytes 200-299/*"),
        |honest| honest.header("content-range", "nonsense"),
    ];
    for wrong in wrong {
        let (_script, objects) =
            honest_but(move |request, honest| if third_part(request) { wrong(honest) } else { honest }).await;
        let error = read(&objects, small_parts(100, 4)).await.unwrap_err();
        assert!(matches!(error, ObjectError::Invalid { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_body_longer_than_announced_does_not_grow_the_memory() {
    let (_script, objects) =
        honest_but(
            |request, honest| {
                if third_part(request) { honest.body(pattern(5000)).unframed() } else { honest }
            },
        )
        .await;
    let error = read(&objects, small_parts(100, 4)).await.unwrap_err();
    assert!(matches!(error, ObjectError::Invalid { .. }), "{error:?}");
}

#[tokio::test]
async fn a_store_that_refuses_the_range_before_it_looks_at_the_pin_is_asked_by_head() {
    let script = Script::serve(|request| match request.method.as_str() {
        "HEAD" => {
            Answer::new(200).header("etag", "\"e\"").header("last-modified", "Sun, 01 Mar 2026 12:00:00 GMT")
        }
        _ => Answer::error(416, "InvalidRange"),
    })
    .await;
    let objects = connect(script.url()).await;
    assert_eq!(read(&objects, ReadOptions::default()).await.unwrap(), Bytes::new());
    let pin = Pin::etag("other");
    let error = read_all(&objects, ("b", "k"), &pin, ReadOptions::default()).await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
    let heads = script.requests().into_iter().filter(|one| one.method == "HEAD");
    let pins: Vec<_> = heads.map(|one| one.headers["if-match"].clone()).collect();
    assert_eq!(pins, ["\"e\"", "\"other\""]);
}

#[tokio::test]
async fn a_head_without_a_body_is_judged_by_its_status() {
    let mut table = String::new();
    for status in [403, 404, 412] {
        let script = Script::serve(move |_| Answer::new(status)).await;
        let error = connect(script.url()).await.head("b", "k", None).await.unwrap_err();
        writeln!(table, "{error}").unwrap();
    }
    insta::assert_snapshot!(table, @r"
    head s3://b/k: access denied
    head s3://b/k: no such object or version
    head s3://b/k: the object is not the one that was named (precondition failed)
    ");
}

#[tokio::test]
async fn a_listing_that_cannot_go_on_is_an_error_and_not_an_endless_loop() {
    let page = "<ListBucketResult><IsTruncated>true</IsTruncated>\
                <NextContinuationToken>same</NextContinuationToken></ListBucketResult>";
    let script = Script::serve(move |_| Answer::ok(page)).await;
    let objects = connect(script.url()).await;
    let mut pages = objects.list("b", "", None);
    assert_eq!(pages.next().await.unwrap().unwrap(), []);
    let error = pages.next().await.unwrap_err();
    assert!(matches!(error, ObjectError::Invalid { .. }), "{error:?}");
}

#[tokio::test]
async fn a_listing_of_versions_that_cannot_go_on_is_an_error_and_the_same_page_is_asked_again() {
    let page = "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>\
                <NextVersionIdMarker>same</NextVersionIdMarker></ListVersionsResult>";
    let script = Script::serve(move |_| Answer::ok(page)).await;
    let objects = connect(script.url()).await;
    let mut pages = objects.list_versions("b", "", None);
    assert_eq!(pages.next().await.unwrap().unwrap(), []);
    for _ in 0..2 {
        let error = pages.next().await.unwrap_err();
        assert!(matches!(error, ObjectError::Invalid { .. }), "{error:?}");
    }
    let asked: Vec<_> =
        script.requests().iter().map(|request| request.query.contains("version-id-marker=same")).collect();
    assert_eq!(asked, [false, true, true]);
}
