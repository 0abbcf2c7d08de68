//! What SQS refuses for reasons of its own or of the account's: nothing is lost by it, and the log says why.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_domain::{Clock, Stage, SystemClock};
use landfall_runtime::{Faults, QueueUrls, SqsQueue, StageQueue, handing_on};
use landfall_store::Store;
use landfall_store::outbox::{self, NewMessage};
use landfall_testkit::database::TestDatabase;
use landfall_testkit::{Refusing, SqsEndpoint};
use tracing_subscriber::fmt::MakeWriter;

use crate::queue_conformance::rig::nowhere;

const STAGE: Stage = Stage::PlanArchive;

/// What SQS answers in its JSON protocol: status, code and text.
const REFUSALS: [(u16, &str, &str); 6] = [
    (403, "com.amazon.coral.service#AccessDeniedException", "not authorized to perform: sqs:sendmessage"),
    (
        403,
        "com.amazon.coral.service#ExpiredTokenException",
        "The security token included in the request is expired",
    ),
    // A URL of another region or account names no queue here.
    (400, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist."),
    (403, "com.amazonaws.sqs#OverLimit", "Too many messages in flight."),
    (400, "com.amazonaws.sqs#RequestThrottled", "Rate exceeded"),
    (503, "com.amazon.coral.service#ServiceUnavailableException", "Service is unable to handle request."),
];

/// What was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

async fn queue_at(url: &str, store: &Store) -> SqsQueue {
    let urls = QueueUrls::of([(STAGE, format!("{url}/000000000000/plan-archive"))]);
    let (settings, parts) = (SqsEndpoint::at(url).settings(), (store.clone(), "w".into()));
    SqsQueue::connect(&settings, urls, parts, nowhere().await, Faults::none()).await
}

#[tokio::test]
async fn a_refused_message_stays_in_the_outbox_and_the_log_names_the_refusal() {
    let database = TestDatabase::create().await;
    let store = Store::over(database.pool().clone());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for (sent, (status, code, text)) in (1_i64..).zip(REFUSALS) {
        let body = format!(r#"{{"__type":"{code}","message":"{text}"}}"#);
        let server = Refusing::serve(status, &[("content-type", "application/x-amz-json-1.0")], &body).await;
        let queue = queue_at(server.url(), &store).await;
        let message = NewMessage {
            stage: STAGE,
            tenant: String::new(),
            subject: String::new(),
            body: code.to_owned(),
            visible_at: now(),
        };
        let written = async {
            let mut conn = store.pool().acquire().await.unwrap();
            outbox::send(&mut conn, &[message], now()).await
        };
        handing_on(&queue, now, written).await.unwrap();

        let waiting = "select count(*) from ops.outbox where attempts = 1 and lease_owner is null";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(store.pool()).await.unwrap();
        assert_eq!(waiting, sent, "{code}: it is sent again later");
        let (told, name) = (log.take(), code.split('#').next_back().unwrap());
        assert!(told.contains("WARN") && told.contains("messages were not sent"), "{code}: {told}");
        assert!(told.contains(name) && told.contains(text), "{code}: {told}");

        let refused = queue.receive(STAGE, (now(), Duration::from_secs(1)), 1).await.unwrap_err();
        assert!(refused.to_string().contains(name), "{code}: {refused}");
    }
    let letters: i64 =
        sqlx::query_scalar("select count(*) from ops.dead_letter").fetch_one(store.pool()).await.unwrap();
    assert_eq!(letters, 0, "none of it is the message's fault");
}
