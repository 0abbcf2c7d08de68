//! Checksums, and readers beside writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::ChecksumAlgorithm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::Store;
use crate::endpoint_rig::{bare, bytes, code, pattern};

#[tokio::test]
async fn each_checksum_algorithm_is_verified_and_given_back() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        for len in [3, 200_000] {
            let put = client.put_object().bucket(bucket).key("k").checksum_algorithm(algorithm.clone());
            put.body(bytes(&pattern(len, 2))).send().await.unwrap();
            // The client verifies what it gets by itself.
            let got = client.get_object().bucket(bucket).key("k").send().await.unwrap();
            let sums = [
                got.checksum_crc32(),
                got.checksum_crc32_c(),
                got.checksum_crc64_nvme(),
                got.checksum_sha1(),
                got.checksum_sha256(),
            ];
            assert_eq!(sums.iter().flatten().count(), 1, "{algorithm}");
            assert!(got.body.collect().await.unwrap().to_vec() == pattern(len, 2));
        }
    }
}

#[tokio::test]
async fn a_wrong_checksum_or_md5_is_refused_and_stores_nothing() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    for len in [3, 3_000_000] {
        let put = || client.put_object().bucket(bucket).key("k").body(bytes(&pattern(len, 2)));
        assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
        assert_eq!(code(put().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await), "BadDigest");
        assert_eq!(code(put().content_md5("short").send().await), "InvalidDigest");
        assert!(store.read("k").await.is_none());
        assert_eq!(code(put().bucket("no-such-bucket").send().await), "NoSuchBucket");
        let right = STANDARD.encode(Md5::digest(pattern(len, 2)));
        put().content_md5(right).key("right").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_trailing_checksum_is_verified() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("body");
    let body = pattern(3_000_000, 5);
    std::fs::write(&path, &body).unwrap();
    // A body from a file is sent in chunks with the checksum behind it.
    let stream = ByteStream::from_path(&path).await.unwrap();
    client.put_object().bucket(bucket).key("k").body(stream).content_encoding("br").send().await.unwrap();
    let got = client.get_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(got.content_encoding(), Some("br"));
    assert!(got.checksum_crc32().is_some());
    assert!(got.body.collect().await.unwrap().to_vec() == body);
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let store = Store::fresh().await;
    for len in [10, 300_000] {
        let broken = futures::stream::iter([
            Ok(frame(&pattern(len, 1))),
            Err(std::io::Error::other("the client goes away")),
        ]);
        let body = ByteStream::new(SdkBody::from_body_1_x(http_body_util::StreamBody::new(broken)));
        let put = store.client.put_object().bucket(&store.bucket).key("k").content_length(600_000);
        let put = put.checksum_crc32("AAAAAA==").body(body);
        assert!(put.send().await.is_err());
        assert!(store.read("k").await.is_none());
    }
}

fn frame(body: &[u8]) -> hyper::body::Frame<bytes::Bytes> {
    hyper::body::Frame::data(bytes::Bytes::copy_from_slice(body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_never_see_a_mixture_of_two_versions() {
    let store = Store::fresh().await;
    let done = Arc::new(AtomicBool::new(false));
    // Small and large ones: contents in the index and in files.
    let sizes = [1_000, 70_000, 700_000];
    write_one(&store, 0, sizes[0]).await;
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (client, bucket, done) = (store.client.clone(), store.bucket.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut seen = 0;
                while !done.load(Ordering::Relaxed) || seen == 0 {
                    let got = client.get_object().bucket(&bucket).key("k").send().await.unwrap();
                    let (etag, generation) =
                        (bare(got.e_tag()), got.metadata().unwrap()["generation"].clone());
                    let (length, kind) =
                        (got.content_length().unwrap(), got.content_type().unwrap().to_owned());
                    let body = got.body.collect().await.unwrap().to_vec();
                    assert_eq!(hex::encode(Md5::digest(&body)), etag);
                    let seed = generation.parse::<u8>().unwrap();
                    assert!(body == pattern(body.len(), seed), "generation {generation}");
                    assert_eq!(
                        (usize::try_from(length).unwrap(), kind),
                        (body.len(), format!("text/{seed}"))
                    );
                    seen += 1;
                }
            })
        })
        .collect();
    for generation in 0..45_u8 {
        write_one(&store, generation, sizes[usize::from(generation) % sizes.len()]).await;
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn write_one(store: &Store, generation: u8, len: usize) {
    let put = store.client.put_object().bucket(&store.bucket).key("k").body(bytes(&pattern(len, generation)));
    let put = put.metadata("generation", generation.to_string()).content_type(format!("text/{generation}"));
    put.send().await.unwrap();
}
