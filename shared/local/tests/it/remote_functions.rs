//! Functions that run elsewhere: what they are sent, and each way in which they do not answer.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::future::BoxFuture;
use landfall_domain::Stage;
use landfall_local::dispatcher::{BatchHandler, DeliveryError};
use landfall_local::functions::{FunctionsUrl, RemoteFunction, RemoteSettings};
use landfall_runtime::Deadline;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a function does with its call of this number, from 0.
type Script = Arc<dyn Fn(usize) -> BoxFuture<'static, Response> + Send + Sync>;
type Calls = Arc<Mutex<Vec<(String, Value)>>>;

/// A server that answers as `cargo lambda watch` does.
struct Server {
    url: FunctionsUrl,
    calls: Calls,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    async fn start<F>(script: impl Fn(usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, script)
    }

    fn on<F>(listener: TcpListener, script: impl Fn(usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let calls = Calls::default();
        let script: Script = Arc::new(move |number| Box::pin(script(number)));
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(answer))
            .with_state((Arc::clone(&calls), script));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, calls, _task: AbortOnDropHandle::new(task) }
    }

    fn function(&self, settings: RemoteSettings) -> RemoteFunction {
        RemoteFunction::new(Stage::PlanArchive, self.url.clone(), settings)
    }

    fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }
}

async fn answer(
    State((calls, script)): State<(Calls, Script)>,
    Path(name): Path<String>,
    Json(payload): Json<Value>,
) -> Response {
    let number = {
        let mut calls = calls.lock().unwrap();
        calls.push((name, payload));
        calls.len() - 1
    };
    script(number).await
}

/// Waits for nothing longer than it must.
fn hasty() -> RemoteSettings {
    let short = Duration::from_millis(20);
    RemoteSettings { retry: short, doubt: short, grace: short, tell: short }
}

/// Asks nobody whether the function was started anew.
fn trusting() -> RemoteSettings {
    RemoteSettings { doubt: PATIENCE, ..hasty() }
}

fn event(ids: &[&str]) -> SqsEvent {
    let message = |id: &&str| {
        let mut message = SqsMessage::default();
        message.message_id = Some((*id).to_owned());
        message.body = Some("{}".into());
        message.attributes.insert("ApproximateReceiveCount".into(), "2".into());
        message
    };
    let mut event = SqsEvent::default();
    event.records = ids.iter().map(message).collect();
    event
}

fn failures(ids: &[&str]) -> Response {
    let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    Json(json!({ "batchItemFailures": failures })).into_response()
}

async fn handle(function: &RemoteFunction) -> Result<Vec<String>, DeliveryError> {
    let answer = function.handle(event(&["1", "2"]), Deadline::within(PATIENCE)).await?;
    Ok(answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
}

/// What is said of a function with such an answer.
async fn refusal(answer: impl Fn() -> Response + Send + Sync + 'static) -> String {
    let server = Server::start(move |_| std::future::ready(answer())).await;
    let error = handle(&server.function(trusting())).await.unwrap_err();
    error.to_string().replace(&server.url.to_string(), "http://HOST")
}

#[tokio::test]
async fn a_function_is_called_by_its_name_and_its_answer_names_the_failed_messages() {
    let server = Server::start(|_| async { failures(&["2"]) }).await;
    assert_eq!(handle(&server.function(trusting())).await.unwrap(), ["2"]);
    let calls = server.calls();
    let (name, payload) = &calls[0];
    assert_eq!((calls.len(), name.as_str()), (1, "plan-archive"));
    assert_eq!(payload["Records"][1]["messageId"], "2");
    assert_eq!(payload["Records"][1]["attributes"]["ApproximateReceiveCount"], "2");
}

#[tokio::test]
async fn a_function_that_fails_tells_why() {
    let told = r#"{"errorType":"BatchError","errorMessage":"record 0 of the batch has no message id"}"#;
    let text = refusal(move || (StatusCode::INTERNAL_SERVER_ERROR, told).into_response()).await;
    insta::assert_snapshot!(text, @"the function failed with status 500 (BatchError: record 0 of the batch has no message id): its log is the output of `cargo lambda watch`");
}

#[tokio::test]
async fn a_function_that_cannot_start_answers_no_batch_though_its_status_is_ok() {
    let told = r#"{"errorType":"Init","errorMessage":"DATABASE_URL is not set"}"#;
    insta::assert_snapshot!(refusal(move || told.into_response()).await, @"the function failed with status 200 (Init: DATABASE_URL is not set): its log is the output of `cargo lambda watch`");
}

#[tokio::test]
async fn a_function_that_is_not_there_is_told_from_one_that_fails() {
    let told = r#"{"title":"Missing function"}"#;
    let text = refusal(move || (StatusCode::NOT_FOUND, told).into_response()).await;
    insta::assert_snapshot!(text, @r#"there is no such function at http://HOST ({"title":"Missing function"}): start `cargo lambda watch` at the root of the sources"#);
}

#[tokio::test]
async fn an_answer_without_the_failed_messages_is_none() {
    for answer in ["", "null", "{}", "[]", r#"{"batchItemFailures":null}"#] {
        let text = refusal(move || answer.into_response()).await;
        assert!(text.contains("not of the expected form"), "{answer:?}: {text}");
    }
}

#[tokio::test]
async fn a_function_that_sends_its_caller_elsewhere_is_not_followed() {
    let other = Server::start(|_| async { failures(&[]) }).await;
    let elsewhere = format!("{}/2015-03-31/functions/plan-archive/invocations", other.url);
    let text = refusal(move || Redirect::temporary(&elsewhere).into_response()).await;
    assert!(text.contains("status 307"), "{text}");
    assert!(other.calls().is_empty());
}

#[tokio::test]
async fn where_nobody_listens_it_is_said_what_to_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: FunctionsUrl = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let function = RemoteFunction::new(Stage::PlanArchive, url.clone(), hasty());
    let text = handle(&function).await.unwrap_err().to_string().replace(&url.to_string(), "http://HOST");
    insta::assert_snapshot!(text, @"no functions are reached at http://HOST (Connection refused (os error 111)): start `cargo lambda watch` with the file functions.env of the data folder");
}

#[tokio::test]
async fn a_function_that_does_not_answer_in_time_is_given_up() {
    let server = Server::start(|_| pending()).await;
    let function = server.function(trusting());
    let soon = Deadline::within(Duration::from_millis(50));
    let error = function.handle(event(&["1"]), soon).await.unwrap_err();
    assert!(error.to_string().starts_with("no answer within 0 s"), "{error}");
}

#[tokio::test]
async fn a_call_that_a_later_one_overtakes_is_lost() {
    let server = Server::start(|number| async move {
        match number {
            0 => pending().await,
            _ => failures(&[]),
        }
    })
    .await;
    let error = handle(&server.function(hasty())).await.unwrap_err();
    insta::assert_snapshot!(error, @"it was started anew before it answered, by an edit or after a crash");
    assert_eq!(server.calls()[1].1, json!({"Records": []}));
}

#[tokio::test]
async fn a_call_that_takes_long_is_waited_for() {
    let (done, wait) = tokio::sync::watch::channel(false);
    let server = Server::start(move |number| {
        let (done, mut wait) = (done.clone(), wait.clone());
        async move {
            // One after the other: the first ends once the second waits behind it.
            if number > 0 {
                done.send_replace(true);
                return pending().await;
            }
            wait.wait_for(|done| *done).await.unwrap();
            failures(&["1"])
        }
    })
    .await;
    assert_eq!(handle(&server.function(hasty())).await.unwrap(), ["1"]);
}

#[tokio::test]
async fn after_a_start_that_failed_it_is_asked_again_before_it_is_given_more() {
    let server = Server::start(|number| async move {
        match number {
            0 => r#"{"errorType":"Init","errorMessage":"DATABASE_URL is not set"}"#.into_response(),
            1 => (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response(),
            _ => failures(&[]),
        }
    })
    .await;
    let function = server.function(trusting());
    handle(&function).await.unwrap_err();
    tokio::time::timeout(PATIENCE, function.ready()).await.expect("it answers");
    let asked = server.calls().len();
    assert_eq!(asked, 3, "once in vain, then answered");
    handle(&function).await.unwrap();
    function.ready().await;
    assert_eq!(server.calls().len(), asked + 1, "it is known to answer");
}

#[tokio::test]
async fn it_is_ready_once_it_answers_an_empty_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}").parse().unwrap();
    let function = RemoteFunction::new(Stage::PlanArchive, url, hasty());
    assert!(tokio::time::timeout(Duration::from_millis(100), function.ready()).await.is_err());
    let listener = TcpListener::bind(address).await.unwrap();
    let server = Server::on(listener, |_| async { failures(&[]) });
    tokio::time::timeout(PATIENCE, function.ready()).await.expect("it answers");
    assert_eq!(server.calls()[0].1, json!({"Records": []}));
    let calls = server.calls().len();
    function.ready().await;
    assert_eq!(server.calls().len(), calls, "it is known to answer");
}
