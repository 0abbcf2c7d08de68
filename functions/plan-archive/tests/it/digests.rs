//! The digest of an object, computed in the pass that reads it (specs: dumps 7.1, 9.1).

use bytes::Bytes;
use chrono::{DateTime, Utc};
use landfall_archive::Limits;
use landfall_domain::Sha256Digest;
use landfall_dumps::capture_time::Window;
use landfall_local::sample::fixtures::example_small;
use landfall_local::sample::{Tar, noise};
use landfall_testkit::{TestStage, production};
use plan_archive::Pass;
use sha2::{Digest, Sha256};

use crate::scene::{FOLDER, land, lenient, plan};

fn pass() -> Pass {
    let limits = Limits { total_bytes: u64::MAX, ..Limits::default() };
    Pass::start(limits, production(), Window::of_upload(DateTime::<Utc>::UNIX_EPOCH))
}

#[test]
fn test_sha256_file_known_digests() {
    let digest = |bytes: &[u8]| Sha256Digest::of(bytes).to_string();
    assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[tokio::test]
async fn test_sha256_file_is_stored_as_it_is_pinned_for_the_fixture() {
    let stage = TestStage::start().await;
    land(&stage, FOLDER, &[], &example_small()).await;
    plan(&stage, lenient()).await;
    let stored = "select encode(content_sha256, 'hex') from ingest.object";
    let pinned = "377880331dbecf2774c9af1fc0ef57831a79c561e0a26cc050fd3a19cbea514f";
    assert_eq!(stage.texts(stored).await, [pinned]);
}

#[tokio::test]
async fn test_sha256_file_is_the_same_in_one_chunk_and_in_many() {
    let object = example_small().bytes;
    for size in [1, 7, 512, object.len()] {
        let pass = pass();
        for chunk in object.chunks(size) {
            assert!(pass.push(Bytes::copy_from_slice(chunk)).await);
        }
        let sha256 = pass.finish().await.unwrap().sha256;
        assert_eq!(sha256, Sha256Digest::of(&object), "in chunks of {size}");
    }
}

/// The most memory that this process had at once, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn test_sha256_file_of_many_chunks_takes_no_more_memory_than_a_few_of_them() {
    let tar = Tar::new().file("core", &noise(1 << 20, 5)).build();
    let (member, end) = tar.split_at((1 << 20) + 512);
    let (member, mut whole, pass) = (Bytes::copy_from_slice(member), Sha256::new(), pass());
    let before = peak();
    for _ in 0..256 {
        whole.update(&member);
        assert!(pass.push(Bytes::copy_from_slice(&member)).await);
    }
    whole.update(end);
    assert!(pass.push(Bytes::copy_from_slice(end)).await);
    let passage = pass.finish().await.unwrap();
    let expected: [u8; 32] = whole.finalize().into();
    assert_eq!(passage.sha256.as_bytes(), &expected);
    let grown = peak() - before;
    assert!(grown < 64 << 10, "{grown} KiB more for an object of 256 MiB");
}
