//! Bare HTTP/1.1 connections: requests go out as they are, answers are only counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::{Done, ready};
use crate::machine;
use crate::site::Address;

/// Bytes read at once.
const READ: usize = 1024 * 1024;
/// The longest head of an answer.
const HEAD: usize = 64 * 1024;

/// One request, ready to be sent to its server.
#[derive(Debug, Clone)]
pub(super) struct Request {
    server: String,
    bytes: Bytes,
}

impl Request {
    /// Head and body in one piece.
    pub(super) fn new(address: &Address, head: &str, body: Bytes) -> Self {
        let server = address.endpoint.trim_start_matches("http://").to_owned();
        let mut bytes = BytesMut::from(head.as_bytes());
        bytes.extend_from_slice(&body);
        drop(body);
        Self { server, bytes: bytes.freeze() }
    }
}

/// Sends all requests over some connections, each waiting for its answer before it sends the next.
pub(super) async fn serve(
    requests: Vec<Request>,
    connections: u32,
    per_second: Option<u32>,
) -> anyhow::Result<Done> {
    let server: SocketAddr = requests.first().context("nothing to send")?.server.parse()?;
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let queue = Arc::new(Queue { requests, next: AtomicUsize::new(0), begun, per_second });
    let tasks: Vec<_> = streams.into_iter().map(|s| tokio::spawn(Arc::clone(&queue).send_all(s))).collect();
    let mut received = 0_u64;
    for task in tasks {
        received = received.saturating_add(task.await??);
    }
    Ok(Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received,
        memory_before: 0,
        memory_peak: machine::peak_memory()?,
    })
}

struct Queue {
    requests: Vec<Request>,
    next: AtomicUsize,
    begun: Instant,
    per_second: Option<u32>,
}

impl Queue {
    async fn send_all(self: Arc<Self>, mut stream: TcpStream) -> anyhow::Result<u64> {
        let mut buffer = BytesMut::with_capacity(READ);
        let mut received = 0_u64;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = self.requests.get(number) else { return Ok(received) };
            if let Some(due) = due(self.begun, number, self.per_second) {
                tokio::time::sleep_until(due).await;
            }
            stream.write_all(&request.bytes).await?;
            received = received.saturating_add(answer(&mut stream, &mut buffer).await?);
        }
    }
}

/// When a request of a steady stream is due.
pub(super) fn due(begun: Instant, number: usize, per_second: Option<u32>) -> Option<Instant> {
    let number = u32::try_from(number).ok()?;
    begun.checked_add(Duration::from_secs(1).checked_div(per_second?)?.checked_mul(number)?)
}

/// Reads one answer; gives the bytes of its body.
async fn answer(stream: &mut TcpStream, buffer: &mut BytesMut) -> anyhow::Result<u64> {
    buffer.clear();
    let (end, length) = loop {
        anyhow::ensure!(stream.read_buf(buffer).await? > 0, "the server ended the connection");
        if let Some(head) = head_of(buffer)? {
            break head;
        }
        anyhow::ensure!(buffer.len() < HEAD, "the head of the answer has no end");
    };
    let mut left = length.saturating_sub(u64::try_from(buffer.len().saturating_sub(end))?);
    while left > 0 {
        buffer.clear();
        let read = stream.read_buf(buffer).await?;
        anyhow::ensure!(read > 0, "the answer broke off, {left} bytes are missing");
        left = left.saturating_sub(u64::try_from(read)?);
    }
    Ok(length)
}

/// Where the head ends and how long the body is, once the whole head is there.
fn head_of(buffer: &[u8]) -> anyhow::Result<Option<(usize, u64)>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).to_lowercase();
    anyhow::ensure!(head.starts_with("http/1.1 200"), "the server answers: {head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(Ok(0), |text| text.trim().parse())?;
    Ok(Some((end.saturating_add(4), length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_by_its_announced_length() {
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\nContent-").unwrap(), None);
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nab";
        assert_eq!(head_of(whole).unwrap(), Some((whole.len() - 2, 7)));
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\n\r\n").unwrap(), Some((19, 0)));
    }

    #[test]
    fn another_answer_than_200_is_an_error() {
        assert!(head_of(b"HTTP/1.1 503 Slow Down\r\n\r\n").is_err());
    }
}
