//! What is left after a stop, a kill, and beside a second process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, EndpointError, NoEvents};
use tokio::process::{Child, Command};
use tokio::sync::Notify;

use crate::endpoint_rig::{ACCESS_KEY, Rig, SECRET_KEY, blob_files, bytes, client, open, pattern, put, read};

/// Names the data folder to a child process of [`serve_until_killed`].
const SERVE: &str = "LANDFALL_TEST_SERVE";

/// Not a test by itself: the other process of the test that kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_until_killed() {
    let Some(dir) = std::env::var_os(SERVE).map(PathBuf::from) else { return };
    let endpoint = open(&dir.join("data"), Arc::new(NoEvents)).await;
    // Written aside and renamed, so that the parent reads a whole one.
    fs::write(dir.join("url.new"), endpoint.url()).unwrap();
    fs::rename(dir.join("url.new"), dir.join("url")).unwrap();
    std::future::pending::<()>().await;
}

async fn start_child(dir: &Path) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "endpoint_crash::serve_until_killed"]).env(SERVE, dir).stdout(Stdio::null());
    let child = command.kill_on_drop(true).spawn().unwrap();
    let url = loop {
        match fs::read_to_string(dir.join("url")) {
            Ok(url) => break url,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    (child, url)
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let rig = Rig::start().await;
    rig.client.create_bucket().bucket("bucket").send().await.unwrap();
    let (small, large) = (pattern(5000, 1), pattern(500_000, 2));
    let before = [
        put(&rig.client, "bucket", "small", &small).await,
        put(&rig.client, "bucket", "large", &large).await,
    ];
    let upload = rig.client.create_multipart_upload().bucket("bucket").key("k").send().await.unwrap();
    let rig = rig.restart().await;
    let seen = [
        read(&rig.client, "bucket", "small").await.unwrap(),
        read(&rig.client, "bucket", "large").await.unwrap(),
    ];
    assert!(seen[0].body == small && seen[1].body == large);
    assert_eq!([&seen[0].etag, &seen[1].etag], [&before[0].0, &before[1].0]);
    let uploads = rig.client.list_multipart_uploads().bucket("bucket").send().await.unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), upload.upload_id());
    let again = put(&rig.client, "bucket", "large", &small).await;
    assert_eq!(again.0, before[0].0);
}

#[tokio::test]
async fn blobs_that_nothing_refers_to_are_removed_at_start_and_only_those() {
    let rig = Rig::start().await;
    rig.client.create_bucket().bucket("bucket").send().await.unwrap();
    let body = pattern(200_000, 3);
    put(&rig.client, "bucket", "k", &body).await;
    rig.endpoint.shutdown().await;
    let live = blob_files(rig.dir.path());
    assert_eq!(live.len(), 1);
    // What a kill between the blob's fsync and the index commit leaves: a whole, and a half written blob.
    let folder = live[0].parent().unwrap();
    fs::write(folder.join("00000000000000ff"), pattern(200_000, 4)).unwrap();
    fs::write(folder.join("0000000000000100"), b"half").unwrap();
    fs::write(folder.join("not-ours.txt"), b"kept").unwrap();

    let endpoint = open(rig.dir.path(), Arc::new(NoEvents)).await;
    let client = client(&endpoint.url(), ACCESS_KEY, SECRET_KEY);
    let mut expected = vec![live[0].clone(), folder.join("not-ours.txt")];
    expected.sort_unstable();
    assert_eq!(blob_files(rig.dir.path()), expected);
    assert!(read(&client, "bucket", "k").await.unwrap().body == body);
    put(&client, "bucket", "other", &body).await;
    assert!(read(&client, "bucket", "k").await.unwrap().body == body, "numbers are not used twice");
}

#[tokio::test]
async fn blobs_go_when_their_last_reference_goes() {
    let rig = Rig::start().await;
    let client = &rig.client;
    client.create_bucket().bucket("bucket").send().await.unwrap();
    let body = pattern(200_000, 3);
    put(client, "bucket", "k", &body).await;
    client.copy_object().bucket("bucket").key("copy").copy_source("bucket/k").send().await.unwrap();
    assert_eq!(blob_files(rig.dir.path()).len(), 1, "a copy moves no bytes");
    client.delete_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(blob_files(rig.dir.path()).len(), 1);
    let refused =
        client.put_object().bucket("bucket").key("copy").if_none_match("*").body(bytes(&body)).send().await;
    assert!(refused.is_err());
    client.delete_object().bucket("bucket").key("copy").send().await.unwrap();
    rig.endpoint.shutdown().await;
    assert_eq!(blob_files(rig.dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_gets_its_version_to_the_end_though_it_is_replaced() {
    let rig = Rig::start().await;
    rig.client.create_bucket().bucket("bucket").send().await.unwrap();
    let body = pattern(20_000_000, 3);
    put(&rig.client, "bucket", "k", &body).await;
    let got = rig.client.get_object().bucket("bucket").key("k").send().await.unwrap();
    put(&rig.client, "bucket", "k", b"new").await;
    assert!(got.body.collect().await.unwrap().to_vec() == body);
    rig.endpoint.shutdown().await;
    assert_eq!(blob_files(rig.dir.path()), Vec::<PathBuf>::new(), "gone with its last reader");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_answered_before_a_kill_is_there_after_it_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, url) = start_child(dir.path()).await;
    let writer = client(&url, ACCESS_KEY, SECRET_KEY);
    writer.create_bucket().bucket("bucket").send().await.unwrap();
    let answered = Arc::new(Mutex::new(Vec::new()));
    let enough = Arc::new(Notify::new());
    let writers: Vec<_> = (0..8_usize)
        .map(|w| {
            let (writer, answered, enough) = (writer.clone(), Arc::clone(&answered), Arc::clone(&enough));
            tokio::spawn(async move {
                for n in 0_u8.. {
                    let key = format!("{w}/{n}");
                    let put =
                        writer.put_object().bucket("bucket").key(&key).body(bytes(&pattern(length(n), n)));
                    if put.send().await.is_err() {
                        return;
                    }
                    let mut answered = answered.lock().unwrap();
                    answered.push(key);
                    if answered.len() == 150 {
                        enough.notify_one();
                    }
                }
            })
        })
        .collect();
    enough.notified().await;
    child.kill().await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }

    let endpoint = open(&dir.path().join("data"), Arc::new(NoEvents)).await;
    let reader = client(&endpoint.url(), ACCESS_KEY, SECRET_KEY);
    let listed = reader.list_objects_v2().bucket("bucket").send().await.unwrap();
    let listed: Vec<_> = listed.contents().iter().filter_map(|found| found.key()).collect();
    for key in answered.lock().unwrap().iter() {
        assert!(listed.contains(&key.as_str()), "{key} was answered and is lost");
    }
    let mut files = 0;
    for key in listed {
        let n = key.split_once('/').unwrap().1.parse().unwrap();
        assert!(read(&reader, "bucket", key).await.unwrap().body == pattern(length(n), n), "{key}");
        files += usize::from(length(n) > 65_536);
    }
    assert_eq!(blob_files(&dir.path().join("data")).len(), files, "nothing half written is left");
}

/// Every third object is a file, the others lie in the index.
fn length(n: u8) -> usize {
    if n.is_multiple_of(3) { 90_000 + usize::from(n) } else { 1000 + usize::from(n) }
}

#[tokio::test]
async fn a_data_folder_has_one_endpoint_at_a_time() {
    let rig = Rig::start().await;
    let config = EndpointConfig::new(rig.dir.path(), "a", "b");
    let second = Endpoint::start(config.clone(), Arc::new(NoEvents), Arc::new(SystemClock)).await;
    let Err(error @ EndpointError::InUse { .. }) = second else { panic!("a second endpoint started") };
    assert!(error.to_string().ends_with("is in use by another process"));
    rig.endpoint.shutdown().await;
    Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await.unwrap().shutdown().await;
}
