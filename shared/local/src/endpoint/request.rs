//! Requests between the connection and the protocol layer: three things it leaves to the server.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, EXPECT};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use s3s::service::S3Service;
use s3s::{HttpError, HttpResponse};
use tokio::time::Sleep;

/// Most bytes of a refused body that are read only so that the client reads the refusal.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
/// Longest time for that.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// The text by which an idle body is told from a broken one: the protocol layer keeps only the text of an error.
pub(super) const IDLE_BODY: &str = "the body brought nothing";

/// Why a request's body cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// The client keeps the connection, and sends nothing.
    #[error("{IDLE_BODY} for {0:?}")]
    Idle(Duration),
    /// The connection.
    #[error(transparent)]
    Connection(#[from] hyper::Error),
}

/// Answers one request, whose body may bring nothing for `patience`.
pub(super) async fn answer(
    service: S3Service,
    request: Request<Incoming>,
    patience: Duration,
) -> Result<HttpResponse, HttpError> {
    let (mut head, body) = request.into_parts();
    merge_codings(&mut head.headers);
    let waits_for_leave = head.headers.contains_key(EXPECT);
    let body = SharedBody(Arc::new(Mutex::new(Timed::new(body, patience))));
    let request = Request::from_parts(head, s3s::Body::http_body(body.clone()));
    let response = service.call(request).await?;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if refused && !waits_for_leave {
        body.drain().await;
    }
    Ok(response)
}

/// Joins repeated `Content-Encoding` headers: a client that sends a stored coding and `aws-chunked` may use two, the
/// protocol layer takes one. For the signature both forms are the same.
fn merge_codings(headers: &mut HeaderMap) {
    let codings: Vec<&[u8]> = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    if codings.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&codings.join(b",".as_slice()))
    {
        headers.insert(CONTENT_ENCODING, joined);
    }
}

/// A body that ends with an error when it brings nothing for too long. What its reader takes for itself does not count.
struct Timed {
    body: Incoming,
    patience: Duration,
    /// Set while a reader waits.
    waits: Option<Pin<Box<Sleep>>>,
    idle: bool,
}

impl Timed {
    fn new(body: Incoming, patience: Duration) -> Self {
        Self { body, patience, waits: None, idle: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if !self.idle {
            if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
                self.waits = None;
                return Poll::Ready(frame.map(|frame| Ok(frame?)));
            }
            let waits = self.waits.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.patience)));
            ready!(waits.as_mut().poll(cx));
            self.idle = true;
        }
        Poll::Ready(Some(Err(BodyError::Idle(self.patience))))
    }
}

/// A request's body that can still be read after the protocol layer dropped it.
///
/// A refusal sent while the client still writes would be lost with the connection: the client sees a broken pipe.
#[derive(Clone)]
struct SharedBody(Arc<Mutex<Timed>>);

impl SharedBody {
    async fn drain(mut self) {
        let read_all = async {
            let mut read = 0_usize;
            while let Some(Ok(frame)) = self.frame().await {
                read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                if read > DRAIN_BYTES {
                    return;
                }
            }
        };
        // Too slow is as good as too much: the connection ends then.
        let _ended = tokio::time::timeout(DRAIN_TIME, read_all).await;
    }
}

impl Body for SharedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).poll(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_codings_are_one_header() {
        let mut headers = HeaderMap::new();
        for coding in ["gzip", "aws-chunked"] {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        merge_codings(&mut headers);
        assert_eq!(headers.get_all(CONTENT_ENCODING).iter().collect::<Vec<_>>(), ["gzip,aws-chunked"]);
    }
}
