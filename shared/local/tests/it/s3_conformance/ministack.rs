//! The suite against ministack, where that is installed: a second opinion on what the suite asks for.
//!
//! It is looked for on `PATH`, or in the virtual environment that `LANDFALL_MINISTACK` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// The virtual environment to look in.
const ENVIRONMENT: &str = "LANDFALL_MINISTACK";
/// How long it may take to start.
const START: Duration = Duration::from_mins(1);
/// How long the suite may take.
const SUITE: Duration = Duration::from_mins(4);

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
    let Some(program) = program() else {
        eprintln!("skipped: ministack is neither on PATH nor named by {ENVIRONMENT}");
        return;
    };
    let server = Ministack::start(&program).await;
    let told = run_suite(&server.url).await;
    server.stop().await;
    let failures = failures(&told);
    for (test, shown, of_s3) in DIFFERENCES {
        match failures.get(test) {
            None => eprintln!("no difference any more: {test} ({of_s3})"),
            Some(failure) => {
                assert!(failure.contains(shown), "{test} fails otherwise than listed:\n{failure}")
            }
        }
    }
    let unlisted: Vec<_> =
        failures.iter().filter(|(name, _)| DIFFERENCES.iter().all(|(test, ..)| test != *name)).collect();
    assert!(unlisted.is_empty(), "not listed: {unlisted:#?}");
}

/// The installed program.
fn program() -> Option<PathBuf> {
    if let Some(environment) = std::env::var_os(ENVIRONMENT).filter(|folder| !folder.is_empty()) {
        let program = Path::new(&environment).join("bin/ministack");
        assert!(
            program.is_file(),
            "{ENVIRONMENT} names no virtual environment with ministack: {}",
            program.display()
        );
        return Some(program);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("ministack")).find(|program| program.is_file())
}

/// The suite in a process of its own: this test binary, with another endpoint.
async fn run_suite(url: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["s3_conformance::", "--skip", "s3_conformance::ministack", "--test-threads=4"])
        .env("LANDFALL_CONFORMANCE_ENDPOINT", url)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(SUITE, output).await.expect("the suite ends").unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("\ntest result: "), "the suite did not run:\n{told}");
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

/// A ministack on a free port of the loopback address.
struct Ministack {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Ministack {
    async fn start(program: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            // Without these it listens on every interface.
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "s3")
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "ministack ended before it served: {ended:?}");
            assert!(begun.elapsed() < START, "ministack does not serve");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }
    }

    async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}
