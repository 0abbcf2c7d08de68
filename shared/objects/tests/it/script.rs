//! A raw HTTP server on loopback that answers as it is told: for faults that a healthy store never
//! shows. It knows HTTP framing only.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// One request, without its body.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub query: String,
    pub headers: BTreeMap<String, String>,
    /// 0 for the first request of the script.
    pub number: usize,
}

impl Request {
    /// The asked range as first and last byte.
    pub fn range(&self) -> (usize, usize) {
        let range = self.headers["range"].strip_prefix("bytes=").unwrap();
        let (first, last) = range.split_once('-').unwrap();
        (first.parse().unwrap(), last.parse().unwrap())
    }
}

/// What the server does after the bytes of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    KeepAlive,
    Close,
    Hang,
}

/// One scripted answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    send: usize,
    length: bool,
    delay: Duration,
    then: Then,
}

impl Answer {
    pub fn new(status: u16) -> Self {
        let (headers, body) = (Vec::new(), Bytes::new());
        Self { status, headers, body, send: 0, length: true, delay: Duration::ZERO, then: Then::KeepAlive }
    }

    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::new(200).body(body)
    }

    /// An S3 error with its XML.
    pub fn error(status: u16, code: &str) -> Self {
        Self::new(status).body(format!("<Error><Code>{code}</Code><Message>scripted</Message></Error>"))
    }

    /// An honest answer to a ranged GET.
    pub fn range(request: &Request, content: &Bytes, etag: &str) -> Self {
        let (first, last) = request.range();
        let last = last.min(content.len() - 1);
        Self::new(206)
            .header("etag", &format!("\"{etag}\""))
            .header("last-modified", "Sun, 01 Mar 2026 12:00:00 GMT")
            .header("content-range", &format!("bytes {first}-{last}/{}", content.len()))
            .body(content.slice(first..=last))
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::new(200).after(Duration::from_mins(10))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.send = self.body.len();
        self
    }

    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Closes the connection after so many bytes of the body.
    pub fn cut(mut self, bytes: usize) -> Self {
        (self.send, self.then) = (bytes, Then::Close);
        self
    }

    /// Stops after so many bytes of the body, with the connection open.
    pub fn stall(mut self, bytes: usize) -> Self {
        (self.send, self.then) = (bytes, Then::Hang);
        self
    }

    /// Announces no length: the end of the connection is the end of the body.
    pub fn unframed(mut self) -> Self {
        (self.length, self.then) = (false, Then::Close);
        self
    }

    fn head(&self) -> String {
        use std::fmt::Write as _;
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if self.length && self.status != 204 {
            write!(head, "content-length: {}\r\n", self.body.len()).unwrap();
        }
        if self.then == Then::Close {
            head.push_str("connection: close\r\n");
        }
        head + "\r\n"
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

struct Inner {
    handler: Box<Handler>,
    requests: Mutex<Vec<Request>>,
    given_up: AtomicUsize,
}

/// A running script; it ends when dropped.
pub struct Script {
    inner: Arc<Inner>,
    port: u16,
    server: JoinHandle<()>,
}

impl Script {
    pub async fn serve(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, given_up) = (Mutex::default(), AtomicUsize::new(0));
        let inner = Arc::new(Inner { handler: Box::new(handler), requests, given_up });
        let shared = Arc::clone(&inner);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.connection(stream).await });
            }
        });
        Self { inner, port, server }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.inner.requests.lock().unwrap().clone()
    }

    /// Requests whose connection the client closed before the answer.
    pub fn given_up(&self) -> usize {
        self.inner.given_up.load(Ordering::SeqCst)
    }

    /// Waits for a condition on the requests so far.
    pub async fn until(&self, what: &str, condition: impl Fn(&[Request]) -> bool) {
        until(what, || condition(&self.inner.requests.lock().unwrap())).await;
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Waits for a condition, at most ten seconds.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), wait).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

impl Inner {
    async fn connection(&self, mut stream: TcpStream) {
        let mut buffer = BytesMut::new();
        while let Some(request) = self.request(&mut stream, &mut buffer).await {
            let answer = (self.handler)(&request);
            let gone = tokio::select! {
                () = sleep(answer.delay) => false,
                _ = stream.read_u8() => true,
            };
            if gone {
                self.given_up.fetch_add(1, Ordering::SeqCst);
                return;
            }
            let body = answer.body.slice(..answer.send);
            let written = async {
                stream.write_all(answer.head().as_bytes()).await?;
                if request.method != "HEAD" {
                    stream.write_all(&body).await?;
                }
                stream.flush().await
            };
            if written.await.is_err() || answer.then == Then::Close {
                return;
            }
            if answer.then == Then::Hang {
                let _ = stream.read_u8().await;
                self.given_up.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }

    async fn request(&self, stream: &mut TcpStream, buffer: &mut BytesMut) -> Option<Request> {
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(buffer).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
        buffer.advance(end + 4);
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let query = target.split_once('?').map_or("", |(_, query)| query).to_owned();
        let headers: BTreeMap<_, _> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if headers.contains_key("expect") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
        }
        let body: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        while buffer.len() < body {
            if stream.read_buf(buffer).await.ok()? == 0 {
                return None;
            }
        }
        buffer.advance(body);
        let mut requests = self.requests.lock().unwrap();
        let request = Request { method, query, headers, number: requests.len() };
        requests.push(request.clone());
        Some(request)
    }
}
