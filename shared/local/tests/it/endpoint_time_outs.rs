//! Clients that keep a connection and send nothing are sent away; slow ones are not.

use std::io;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use futures::stream::{self, Stream, StreamExt};
use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::endpoint_rig::{Rig, blob_files, code, pattern, read};

/// How long the endpoints of these tests wait.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long a test waits for them.
const MOST: Duration = Duration::from_secs(20);

async fn rig() -> Rig {
    let rig =
        Rig::configured(|config| (config.head_timeout, config.body_timeout) = (PATIENCE, PATIENCE)).await;
    rig.client.create_bucket().bucket("bucket").send().await.unwrap();
    rig
}

/// Reads until the endpoint closes the connection.
async fn told(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let ended = tokio::time::timeout(MOST, stream.read_to_end(&mut text)).await;
    ended.expect("the connection is closed").unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_request_whose_head_does_not_end_is_cut_off() {
    let rig = rig().await;
    for begun in ["", "GET /bucket HTTP/1.1\r\nHost: landfall\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(rig.endpoint.addr()).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(told(&mut stream).await, "", "{begun:?}");
    }
}

#[tokio::test]
async fn a_connection_that_lies_idle_after_a_request_is_closed() {
    let rig = rig().await;
    let mut stream = TcpStream::connect(rig.endpoint.addr()).await.unwrap();
    stream.write_all(b"GET /bucket HTTP/1.1\r\nHost: landfall\r\n\r\n").await.unwrap();
    let text = told(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 403 "), "{text}");
}

/// Puts a body of unknown making, announced as of 600,000 bytes.
fn put(
    rig: &Rig,
    body: impl Stream<Item = io::Result<Frame<bytes::Bytes>>> + Send + Sync + 'static,
) -> aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder {
    let body = ByteStream::new(SdkBody::from_body_1_x(http_body_util::StreamBody::new(body)));
    rig.client.put_object().bucket("bucket").key("k").content_length(600_000).body(body)
}

fn part(at: u8) -> io::Result<Frame<bytes::Bytes>> {
    Ok(Frame::data(pattern(100_000, at).into()))
}

#[tokio::test]
async fn a_body_that_stops_coming_is_refused_and_stores_nothing() {
    let rig = rig().await;
    for parts in [0_u8, 1, 5] {
        let stalled = stream::iter(0..parts).map(part).chain(stream::pending());
        let put = put(&rig, stalled).checksum_crc32("AAAAAA==");
        let refused = tokio::time::timeout(MOST, put.send()).await.expect("an answer");
        assert_eq!(code(refused), "RequestTimeout", "{parts} parts");
        assert!(read(&rig.client, "bucket", "k").await.is_none());
    }
    let begun = Instant::now();
    while !blob_files(rig.dir.path()).is_empty() {
        assert!(begun.elapsed() < MOST, "something half-written is left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_slow_body_is_taken_as_long_as_it_comes() {
    let rig = rig().await;
    let slow = stream::iter(0..6).then(async |at| {
        tokio::time::sleep(PATIENCE / 2).await;
        part(at)
    });
    put(&rig, Box::pin(slow)).send().await.unwrap();
    let whole: Vec<u8> = (0..6).flat_map(|at| pattern(100_000, at)).collect();
    assert!(read(&rig.client, "bucket", "k").await.unwrap().body == whole);
}
