//! The platform with functions that run elsewhere: they are given only what `functions.env` tells them, and leave the
//! same rows as handlers of the platform's own process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use landfall_domain::{Clock, Stage, SystemClock};
use landfall_local::functions::RemoteSettings;
use landfall_runtime::{Clients, Deadline, Env, StageHandler, handle_batch, walk_limits};
use landfall_testkit::{TestPlatform, production};
use parse_member::ParseMember;
use plan_archive::{PlanArchive, Rules};
use receive_object::ReceiveObject;
use serde_json::Value;
use sweep_state::SweepState;
use tokio::net::TcpListener;

use crate::scene::{assert_undisturbed, put};

/// The functions, each as its `main` builds it.
struct Functions {
    receive: ReceiveObject,
    plan: PlanArchive,
    parse: ParseMember,
    sweep: SweepState,
    seen: Mutex<Vec<(String, Value)>>,
}

impl Functions {
    async fn of(platform: &TestPlatform) -> Arc<Self> {
        let env = Env::of(platform.platform().function_variables());
        let clients = Clients::from_env(&env).await.unwrap();
        let limits = walk_limits(&env).unwrap();
        Arc::new(Self {
            receive: ReceiveObject::new(clients.clone()),
            plan: PlanArchive::new(clients.clone(), Rules::from_env(&env).unwrap(), production()),
            parse: ParseMember::new(clients.clone(), production(), "lambda:test", limits),
            sweep: SweepState::new(clients, production()),
            seen: Mutex::default(),
        })
    }

    async fn handle<H: StageHandler>(handler: &H, payload: Value) -> Value {
        let event: SqsEvent = serde_json::from_value(payload).unwrap();
        let now = SystemClock.now();
        let answer: SqsBatchResponse =
            handle_batch(handler, event, Deadline::within(Duration::from_mins(1)), now).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }

    fn serve(self: Arc<Self>, listener: TcpListener) {
        let router =
            Router::new().route("/2015-03-31/functions/{name}/invocations", post(call)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    }

    /// How often each message was received by then, over all calls.
    fn receives(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let records = seen.iter().filter_map(|(_, payload)| payload.get("Records")?.as_array());
        let times = |record: &Value| {
            record.pointer("/attributes/ApproximateReceiveCount")?.as_str().map(str::to_owned)
        };
        records.flatten().filter_map(times).collect()
    }

    fn were_called(&self, stage: Stage) -> bool {
        self.seen.lock().unwrap().iter().any(|(name, _)| name == stage.as_str())
    }
}

async fn call(
    State(functions): State<Arc<Functions>>,
    Path(name): Path<String>,
    Json(payload): Json<Value>,
) -> Json<Value> {
    functions.seen.lock().unwrap().push((name.clone(), payload.clone()));
    Json(match name.parse().unwrap() {
        Stage::ReceiveObject => Functions::handle(&functions.receive, payload).await,
        Stage::PlanArchive => Functions::handle(&functions.plan, payload).await,
        Stage::ParseMember => Functions::handle(&functions.parse, payload).await,
        Stage::SweepState => serde_json::to_value(functions.sweep.run().await.unwrap()).unwrap(),
        Stage::RecordDeadLetters | Stage::DrainChanges | Stage::GeocodeTickets => {
            unreachable!(
                "self-hosted there are no queues of dead letters, and change files are drained by this process"
            )
        }
    })
}

#[tokio::test]
async fn functions_elsewhere_come_to_the_same_and_no_message_is_tried_before_they_answer() {
    // Connections are taken, and nobody answers yet: as while the functions are built.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let platform = TestPlatform::configured(|config| {
        config.functions = Some(url);
        config.remote = RemoteSettings { retry: Duration::from_millis(20), ..RemoteSettings::default() };
    })
    .await;
    put(&platform).await;
    assert_eq!(platform.count("select count(*) from ingest.object").await, 0);
    let functions = Functions::of(&platform).await;
    Arc::clone(&functions).serve(listener);
    platform.settle().await;
    assert_undisturbed(&platform, "functions elsewhere").await;
    let receives = functions.receives();
    assert!(receives.len() > 4 && receives.iter().all(|times| times == "1"), "{receives:?}");
    for stage in Stage::QUEUED.into_iter().filter(|stage| *stage != Stage::DrainChanges) {
        assert!(functions.were_called(stage), "{stage}");
    }
    platform.stop().await;
}
