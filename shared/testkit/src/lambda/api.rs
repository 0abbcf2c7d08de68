//! The Lambda runtime API, version 2018-06-01, for one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

/// The most that Lambda takes as an answer, bytes.
const ANSWER_BYTES: usize = 6 << 20;

/// What a function reports instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// The kind.
    pub error_type: String,
    /// What went wrong.
    pub error_message: String,
}

/// An event on its way to the function.
#[derive(Debug)]
pub(super) struct Invocation {
    /// Lambda's id of it.
    pub request_id: String,
    /// When the function is ended.
    pub deadline: SystemTime,
    /// The function.
    pub arn: String,
    /// The event.
    pub payload: Bytes,
}

/// What the function said.
#[derive(Debug)]
pub(super) enum Told {
    /// It asks for an event.
    Polled,
    /// It has handled the event.
    Answered(Result<Value, FunctionError>),
    /// It cannot start.
    NotInitialized(FunctionError),
}

/// A served API; it ends with this value.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    address: String,
    events: UnboundedSender<Invocation>,
    told: UnboundedReceiver<(Instant, Told)>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    /// Serves on a free port of the loopback address.
    pub async fn serve() -> std::io::Result<Self> {
        let (events, queued) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let served =
            Served { events: Arc::new(tokio::sync::Mutex::new(queued)), tell, current: Arc::default() };
        // An answer in two segments would wait for the acknowledgement of the first.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let server = tokio::spawn(async move {
            drop(axum::serve(listener, routes(served)).await);
        });
        Ok(Self { address, events, told, server })
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Gives the function an event when it asks for the next.
    pub fn give(&self, invocation: Invocation) {
        // The server lives as long as this value, and with it the other end.
        drop(self.events.send(invocation));
    }

    /// The next thing that the function says.
    pub async fn told(&mut self) -> Option<(Instant, Told)> {
        self.told.recv().await
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug, Clone)]
struct Served {
    events: Arc<tokio::sync::Mutex<UnboundedReceiver<Invocation>>>,
    tell: UnboundedSender<(Instant, Told)>,
    /// The event that is being handled.
    current: Arc<Mutex<Option<String>>>,
}

impl Served {
    fn tell(&self, told: Told) {
        drop(self.tell.send((Instant::now(), told)));
    }

    fn current(&self) -> MutexGuard<'_, Option<String>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the end of the event that is being handled, and of no other.
    fn end(&self, request_id: &str, answer: Result<Value, FunctionError>) -> Response {
        if self.current().take_if(|current| current == request_id).is_none() {
            return refusal("InvalidRequestID", "no event with this id is being handled");
        }
        self.tell(Told::Answered(answer));
        accepted()
    }
}

fn routes(served: Served) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(ANSWER_BYTES))
        .with_state(served)
}

async fn next(State(served): State<Served>) -> Response {
    served.tell(Told::Polled);
    let Some(invocation) = served.events.lock().await.recv().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    *served.current() = Some(invocation.request_id.clone());
    let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", invocation.request_id),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", invocation.arn),
        ("lambda-runtime-trace-id", "Root=1-67c2c0b0-0123456789abcdef01234567;Sampled=0".to_owned()),
    ];
    (headers, invocation.payload).into_response()
}

async fn response(State(served): State<Served>, Path(id): Path<String>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(answer) => served.end(&id, Ok(answer)),
        Err(error) => refusal("InvalidRequest", &format!("the answer is no JSON: {error}")),
    }
}

async fn error(State(served): State<Served>, Path(id): Path<String>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(error) => served.end(&id, Err(error)),
        Err(error) => refusal("InvalidRequest", &format!("the error does not read: {error}")),
    }
}

async fn init_error(State(served): State<Served>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(error) => {
            served.tell(Told::NotInitialized(error));
            accepted()
        }
        Err(error) => refusal("InvalidRequest", &format!("the error does not read: {error}")),
    }
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn refusal(kind: &str, text: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "errorType": kind, "errorMessage": text }))).into_response()
}
