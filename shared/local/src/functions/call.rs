//! One call of one function.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use super::FunctionsUrl;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The largest answer that Lambda lets a function give, in bytes.
const LARGEST: usize = 6 * 1024 * 1024;
/// As much of an answer is told where it is none that was expected, in characters.
const TOLD: usize = 300;

/// Why a function did not answer as it should. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens there.
    #[error(
        "no functions are reached at {url} ({cause}): start `cargo lambda watch` with the file functions.env of the \
         data folder"
    )]
    Unreachable {
        /// Where.
        url: FunctionsUrl,
        /// Why.
        cause: String,
    },
    /// The connection ended before the answer.
    #[error("the connection broke before the answer ({0}): look whether `cargo lambda watch` still runs")]
    Broken(String),
    /// There is no such function.
    #[error(
        "there is no such function at {url} ({text}): start `cargo lambda watch` at the root of the sources"
    )]
    Unknown {
        /// Where.
        url: FunctionsUrl,
        /// What was said.
        text: String,
    },
    /// The function, or what runs it, told of an error.
    #[error(
        "the function failed with status {status} ({text}): its log is the output of `cargo lambda watch`"
    )]
    Failed {
        /// The HTTP status; 200 where it could not even start.
        status: u16,
        /// Type and message of the error, or what else was said.
        text: String,
    },
    /// The answer is none of this function.
    #[error("the answer is not of the expected form ({0}): look whether the function is one of this release")]
    Form(String),
    /// It did not answer in time.
    #[error(
        "no answer within {:.0} s: it is still being built, does not compile, or works too long; see the output of \
         `cargo lambda watch`",
        .0.as_secs_f64()
    )]
    TimedOut(Duration),
    /// It was started anew while it worked: the answer will not come.
    #[error("it was started anew before it answered, by an edit or after a crash")]
    StartedAnew,
}

impl CallError {
    /// Whether the function runs, and said so itself. One that could not start is told of with status 200.
    pub(super) fn is_of_the_function(&self) -> bool {
        matches!(self, Self::Failed { status, .. } if *status != StatusCode::OK.as_u16())
    }
}

/// What a function that fails says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    error_type: String,
    #[serde(default)]
    error_message: String,
}

/// Calls a function as Lambda's own interface does. One connection, no redirects; dropped, it is closed.
pub(super) async fn call(url: &FunctionsUrl, name: &str, payload: Bytes) -> Result<Bytes, CallError> {
    let broken = |error: hyper::Error| CallError::Broken(error.to_string());
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(connect(url).await?)).await.map_err(broken)?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request(url, name, payload)?).await.map_err(broken)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| CallError::Broken(error.to_string()))?.to_bytes();
    judge(url, status, body)
}

async fn connect(url: &FunctionsUrl) -> Result<TcpStream, CallError> {
    let unreachable =
        |cause: io::Error| CallError::Unreachable { url: url.clone(), cause: cause.to_string() };
    let connected = tokio::time::timeout(CONNECT, TcpStream::connect(url.address())).await;
    connected.map_err(|_| unreachable(io::ErrorKind::TimedOut.into()))?.map_err(unreachable)
}

fn request(url: &FunctionsUrl, name: &str, payload: Bytes) -> Result<Request<Full<Bytes>>, CallError> {
    Request::builder()
        .method(Method::POST)
        .uri(format!("/2015-03-31/functions/{name}/invocations"))
        .header(http::header::HOST, url.authority())
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Full::new(payload))
        .map_err(|error| CallError::Form(error.to_string()))
}

/// The answer, unless status or text say that there is none.
fn judge(url: &FunctionsUrl, status: StatusCode, body: Bytes) -> Result<Bytes, CallError> {
    let told = serde_json::from_slice::<Told>(&body).ok();
    if status == StatusCode::OK && told.is_none() {
        return Ok(body);
    }
    let text = match told {
        Some(told) => format!("{}: {}", told.error_type, told.error_message),
        None => String::from_utf8_lossy(&body).into_owned(),
    };
    let text: String = text.chars().take(TOLD).collect();
    Err(match status {
        StatusCode::NOT_FOUND => CallError::Unknown { url: url.clone(), text },
        status => CallError::Failed { status: status.as_u16(), text },
    })
}
