//! Requests that are signed before they are sent.

use std::net::Ipv4Addr;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use bytes::Bytes;
use landfall_local::sample::fixtures::capture_on;
use landfall_local::sample::{Dump, Ec, Node, NodeText, Role};

use super::wire::Request;
use super::{Body, GetJob, PutJob};
use crate::site::{ACCESS_KEY, Address, BUCKET};

/// How long a signature holds.
const SIGNED_FOR: Duration = Duration::from_hours(1);
/// Bytes of a small object.
const SMALL: usize = 4096;

/// The body of an object.
pub(super) fn body(kind: Body, number: u32) -> std::io::Result<Bytes> {
    Ok(match kind {
        Body::Small => Bytes::from_static(&[7; SMALL]),
        Body::Archive => archive(number),
        Body::Dump => crate::dumps::archive::dump(number)?.build().into(),
    })
}

/// A dump of one network element with one file that a plugin reads.
fn archive(number: u32) -> Bytes {
    let ne = format!("BEN-CORE-{number:05}");
    let router = Ipv4Addr::from(0x0a00_0000_u32.wrapping_add(number));
    let ec = Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", NodeText::new(&ne, router).render());
    Dump::new("NET", capture_on(0)).node(Node::new(&ne).ec(ec)).build().into()
}

/// All requests of some puts.
pub(super) async fn puts(job: &PutJob) -> anyhow::Result<Vec<Request>> {
    let client = client(&job.address);
    let mut requests = Vec::new();
    for number in 0..job.objects {
        let body = body(job.body, number)?;
        let length = i64::try_from(body.len())?;
        let put = client.put_object().bucket(BUCKET).key(job.keys.of(number)).content_length(length);
        let signed = put.presigned(PresigningConfig::expires_in(SIGNED_FOR)?).await?;
        requests.push(Request::new(&job.address, &head(&signed, Some(body.len())), body));
    }
    Ok(requests)
}

/// All requests of some gets.
pub(super) async fn gets(job: &GetJob) -> anyhow::Result<Vec<Request>> {
    let client = client(&job.address);
    let mut signed = Vec::new();
    for key in &job.keys {
        let get = client.get_object().bucket(BUCKET).key(key);
        let get = get.presigned(PresigningConfig::expires_in(SIGNED_FOR)?).await?;
        signed.push(Request::new(&job.address, &head(&get, None), Bytes::new()));
    }
    let requests = signed.iter().cycle().take(usize::try_from(job.requests)?);
    Ok(requests.cloned().collect())
}

fn client(address: &Address) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&address.endpoint)
        .credentials_provider(Credentials::new(ACCESS_KEY, &address.secret, None, None, "bench"))
        .force_path_style(true);
    Client::from_conf(config.build())
}

/// The request as it goes over the wire, without its body.
fn head(request: &PresignedRequest, length: Option<usize>) -> String {
    use std::fmt::Write;

    let (host, path) = request.uri().trim_start_matches("http://").split_once('/').unwrap_or_default();
    let mut head = format!("{} /{path} HTTP/1.1\r\nhost: {host}\r\n", request.method());
    for (name, value) in request.headers().filter(|(name, _)| *name != "content-length") {
        // Writing to a string cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if let Some(length) = length {
        let _ = write!(head, "content-length: {length}\r\n");
    }
    head.push_str("\r\n");
    head
}
