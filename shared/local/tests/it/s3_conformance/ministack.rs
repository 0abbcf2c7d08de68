//! The suite against ministack, where that is installed: a second opinion on what the suite asks for.

use std::collections::BTreeMap;

use landfall_testkit::Ministack;

/// Where ministack (1.5.33) does other than S3 and than our endpoint: the test that shows it, what is seen in its
/// failure, and what S3 does. A test that is not named here holds, and one that is named fails with that or holds.
const DIFFERENCES: [(&str, &str, &str); 11] = [
    (
        "buckets::a_bucket_is_made_once_and_removed_when_empty",
        "a refusal: CreateBucketOutput",
        "one's own bucket made again is BucketAlreadyOwnedByYou, as in all regions of S3 but us-east-1",
    ),
    (
        "conditions::a_copy_judges_source_and_destination",
        "a refusal: CopyObjectOutput",
        "CopyObject judges If-Match and If-None-Match on what it would replace",
    ),
    (
        "conditions::a_put_with_if_match_replaces_only_what_it_names",
        "a refusal: PutObjectOutput",
        "If-None-Match of a put takes only *: an ETag is NotImplemented",
    ),
    ("keys::a_key_has_at_most_1024_bytes", "a refusal: PutObjectOutput", "a longer key is KeyTooLongError"),
    (
        "listing::page_limits_are_kept_and_foreign_tokens_refused",
        "left: (0, Some(true))",
        "a page of no names is not truncated; a token that S3 did not give, and a negative limit, are InvalidArgument",
    ),
    (
        "listing::a_page_holds_at_most_1000_names",
        "left: (1010, Some(false))",
        "a page holds at most 1000 names, whatever is asked for",
    ),
    (
        "multipart::parts_and_uploads_are_listed_in_pages",
        "shared/local/tests/it/s3_conformance/multipart.rs",
        "uploads of one key are listed in the order in which they were begun, and rolled up at a delimiter",
    ),
    (
        "multipart::parts_in_any_order_and_again_make_the_object_that_was_named",
        "a refusal: CompleteMultipartUploadOutput",
        "parts named out of order are InvalidPartOrder, and a small one before the last is EntityTooSmall",
    ),
    (
        "objects::a_copy_to_itself_needs_new_metadata",
        "a refusal: CopyObjectOutput",
        "a copy of an object to itself that changes nothing is InvalidRequest",
    ),
    (
        "objects::too_much_metadata_is_refused",
        "a refusal: PutObjectOutput",
        "user metadata over 2 KiB is MetadataTooLarge",
    ),
    (
        "versions::a_suspended_bucket_replaces_only_the_version_without_an_id",
        "right: Some(\"null\")",
        "a write to a bucket whose versioning is suspended is answered with the version id null",
    ),
];

#[tokio::test]
async fn ministack_holds_the_suite_but_for_what_is_listed() {
    let Some(server) = Ministack::start("s3").await else { return };
    let told = run_suite(&server).await;
    server.stop().await;
    let failures = failures(&told);
    for (test, shown, of_s3) in DIFFERENCES {
        match failures.get(test) {
            None => eprintln!("no difference any more: {test} ({of_s3})"),
            Some(failure) => {
                assert!(failure.contains(shown), "{test} fails otherwise than listed:\n{failure}");
            }
        }
    }
    let unlisted: Vec<_> =
        failures.iter().filter(|(name, _)| DIFFERENCES.iter().all(|(test, ..)| test != *name)).collect();
    assert!(unlisted.is_empty(), "not listed: {unlisted:#?}");
}

/// The suite in a process of its own: this test binary, with another endpoint.
async fn run_suite(server: &Ministack) -> String {
    let told = server.run_suite(("s3_conformance", "ministack"), "LANDFALL_CONFORMANCE_ENDPOINT").await;
    for (test, ..) in DIFFERENCES {
        assert!(told.contains(&format!("test s3_conformance::{test} ... ")), "there is no {test}");
    }
    told
}

/// The tests that failed, and what each told.
fn failures(told: &str) -> BTreeMap<String, String> {
    let failed = told
        .lines()
        .filter_map(|line| line.strip_prefix("test s3_conformance::")?.strip_suffix(" ... FAILED"));
    let section = |test: &str| {
        let (_, rest) =
            told.split_once(&format!("---- s3_conformance::{test} stdout ----")).unwrap_or_default();
        rest.split("\n---- ").next().unwrap_or_default().to_owned()
    };
    failed.map(|test| (test.to_owned(), section(test))).collect()
}
