//! A server that answers every request with one refusal: what a healthy emulator never says.

use std::fmt::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running server on loopback; it ends when dropped.
#[derive(Debug)]
pub struct Refusing {
    url: String,
    server: JoinHandle<()>,
}

impl Refusing {
    /// Answers with this status, these headers and this body; a HEAD without the body, as HTTP wants it.
    pub async fn serve(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let mut head = format!("HTTP/1.1 {status} Refused\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").expect("a text takes all");
        }
        let body = body.to_owned();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (head, body) = (head.clone(), body.clone());
                // A client that hangs up has its answer.
                tokio::spawn(async move { answer(stream, &head, &body).await.ok() });
            }
        });
        Self { url, server }
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Refusing {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(mut stream: TcpStream, head: &str, body: &str) -> std::io::Result<()> {
    let mut request = Vec::new();
    let end = loop {
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = text.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
    while request.len() < end + length {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let body = if text.starts_with("head ") { "" } else { body };
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    stream.shutdown().await
}
