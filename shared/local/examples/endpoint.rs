//! Serves a folder as an S3 endpoint, or measures one.
//!
//! `cargo run --profile fast -p landfall-local --example endpoint -- serve DIR 127.0.0.1:9000`
//! `cargo run --profile fast -p landfall-local --example endpoint -- load DIR`
//!
//! Keys of both: `landfall` / `landfall-secret`.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, NoEvents};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const CONNECTIONS: usize = 16;
const PUTS: usize = 20_000;
const LARGE: usize = 64 * 1024 * 1024;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve", dir, listen] => {
            let endpoint = start(dir, listen).await?;
            println!("serving {dir} on {}", endpoint.url());
            tokio::signal::ctrl_c().await?;
            endpoint.shutdown().await;
            Ok(())
        }
        ["load", dir] => {
            let endpoint = start(dir, "127.0.0.1:0").await?;
            measure(&endpoint).await?;
            endpoint.shutdown().await;
            Ok(())
        }
        _ => Err("usage: endpoint serve DIR ADDRESS | endpoint load DIR".into()),
    }
}

async fn start(dir: &str, listen: &str) -> Outcome<Endpoint> {
    let mut config = EndpointConfig::new(dir, "landfall", "landfall-secret");
    config.listen = listen.parse()?;
    Ok(Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await?)
}

fn client(url: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("landfall", "landfall-secret", None, None, "example"))
        .force_path_style(true);
    Client::from_conf(config.build())
}

async fn measure(endpoint: &Endpoint) -> Outcome {
    let client = client(&endpoint.url());
    // It exists on a second run.
    drop(client.create_bucket().bucket("load").send().await);
    let began = Instant::now();
    let putting = client.clone();
    each(PUTS, move |n| {
        let client = putting.clone();
        async move {
            let body = ByteStream::from(vec![7; 4096]);
            client.put_object().bucket("load").key(format!("sdk/{n:08}")).body(body).send().await?;
            Ok(())
        }
    })
    .await?;
    report("4 KiB puts by the SDK", PUTS, began);

    let raw = presigned_puts(&client).await?;
    let began = Instant::now();
    raw_puts(endpoint, raw).await?;
    report("4 KiB puts by bare connections", PUTS, began);

    let began = Instant::now();
    client.put_object().bucket("load").key("large").body(ByteStream::from(vec![9; LARGE])).send().await?;
    rate("64 MiB put", 1, began);
    let presigned = presign(&client, "large").await?;
    for readers in [1, 4] {
        let began = Instant::now();
        let tasks: Vec<_> =
            (0..readers).map(|_| tokio::spawn(raw_get(endpoint.addr(), presigned.clone()))).collect();
        for task in tasks {
            task.await??;
        }
        rate(&format!("64 MiB gets, {readers} x 4"), readers * 4, began);
    }
    let began = Instant::now();
    let listed = client
        .list_objects_v2()
        .bucket("load")
        .into_paginator()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await?;
    let names: usize = listed.iter().map(|page| page.contents().len()).sum();
    report("names listed", names, began);
    Ok(())
}

/// Runs `count` calls on as many tasks as there are connections.
async fn each<F, C>(count: usize, call: F) -> Outcome
where
    F: Fn(usize) -> C + Clone + Send + 'static,
    C: Future<Output = Outcome> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (next, call) = (Arc::clone(&next), call.clone());
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return Ok::<_, Box<dyn Error + Send + Sync>>(());
                    }
                    call(n).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn presign(client: &Client, key: &str) -> Outcome<String> {
    let signing = PresigningConfig::expires_in(Duration::from_hours(1))?;
    Ok(head_of(&client.get_object().bucket("load").key(key).presigned(signing).await?, 0))
}

async fn presigned_puts(client: &Client) -> Outcome<Vec<String>> {
    let mut requests = Vec::with_capacity(PUTS);
    for n in 0..PUTS {
        let signing = PresigningConfig::expires_in(Duration::from_hours(1))?;
        let put = client.put_object().bucket("load").key(format!("raw/{n:08}")).content_length(4096);
        requests.push(head_of(&put.presigned(signing).await?, 4096));
    }
    Ok(requests)
}

/// The request as it goes over the wire, without its body.
fn head_of(request: &PresignedRequest, length: usize) -> String {
    let (host, path) = request.uri().trim_start_matches("http://").split_once('/').unwrap_or_default();
    let mut head = format!("{} /{path} HTTP/1.1\r\nhost: {host}\r\n", request.method());
    for (name, value) in request.headers().filter(|(name, _)| *name != "content-length") {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if length > 0 {
        head.extend(["content-length: ", &length.to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    head
}

async fn raw_puts(endpoint: &Endpoint, requests: Vec<String>) -> Outcome {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let address = endpoint.addr();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut buffer = vec![0; 8192];
                while let Some(head) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut request = head.clone().into_bytes();
                    request.resize(request.len().saturating_add(4096), 7);
                    stream.write_all(&request).await?;
                    // An answer to a put has no body and comes in one piece.
                    let read = stream.read(&mut buffer).await?;
                    if !buffer.get(..read).is_some_and(|answer| answer.starts_with(b"HTTP/1.1 200")) {
                        return Err(refused(buffer.get(..read)));
                    }
                }
                Ok::<_, Box<dyn Error + Send + Sync>>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn raw_get(address: std::net::SocketAddr, head: String) -> Outcome {
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = vec![0; 1024 * 1024];
    for _ in 0..4 {
        stream.write_all(head.as_bytes()).await?;
        let mut read = stream.read(&mut buffer).await?;
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(refused(buffer.get(..read)));
        }
        // The head of the answer comes in one piece and ends with an empty line.
        let end = buffer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no head")?;
        let mut received = read.saturating_sub(end.saturating_add(4));
        while received < LARGE {
            read = stream.read(&mut buffer).await?;
            if read == 0 {
                return Err("the answer broke off".into());
            }
            received = received.saturating_add(read);
        }
    }
    Ok(())
}

fn refused(answer: Option<&[u8]>) -> Box<dyn Error + Send + Sync> {
    String::from_utf8_lossy(answer.unwrap_or_default()).chars().take(300).collect::<String>().into()
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn report(what: &str, count: usize, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    println!("{what}: {count} in {seconds:.2} s, {:.0}/s", count as f64 / seconds);
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn rate(what: &str, objects: usize, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    println!("{what}: {seconds:.2} s, {:.0} MB/s", (objects * LARGE) as f64 / 1e6 / seconds);
}
