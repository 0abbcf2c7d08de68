//! A geocoder for tests: a real HTTP server on this machine that answers what a table says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use geocode_tickets::Pause;
use landfall_domain::FixedClock;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

/// The key that the geocoder takes.
const KEY: &str = "pk.test-key-0123456789";

/// Answers by query in lower case: `{"status": 200, "body": [..]}`.
type Answers = BTreeMap<String, Answer>;

#[derive(Debug, Clone, Deserialize)]
struct Answer {
    status: u16,
    #[serde(default)]
    body: Value,
}

/// What the next requests are answered, before the table counts again.
#[derive(Debug, Clone)]
enum Scripted {
    Answer(Answer),
    Redirect(String),
    Silence,
}

#[derive(Debug, Default)]
struct Served {
    answers: Answers,
    script: VecDeque<Scripted>,
    always: Option<Answer>,
    queries: Vec<String>,
    parameters: Vec<BTreeMap<String, String>>,
}

/// A geocoder that answers what a table says, and 404 otherwise.
#[derive(Debug)]
pub struct Geocoder {
    served: Arc<Mutex<Served>>,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Geocoder {
    /// Starts with a table, `{"query in lower case": {"status": 200, "body": [..]}}`.
    ///
    /// # Panics
    /// Where the table does not read or the port cannot be had.
    pub async fn start(table: Value) -> Self {
        let answers = serde_json::from_value(table).expect("a table of answers");
        let served = Arc::new(Mutex::new(Served { answers, ..Served::default() }));
        let app = axum::Router::new().route("/v1/search", get(search)).with_state(Arc::clone(&served));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("the server runs");
        });
        Self { served, url, task }
    }

    /// With the answers of the scenario of tickets.
    pub async fn of_scenario() -> Self {
        let text = include_str!("../../../tests/fixtures/tickets/geocoder/responses.json");
        Self::start(serde_json::from_str(text).expect("the answers read")).await
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key that it takes; all others are answered 401.
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// Answers a query with this point from now on.
    pub fn knows(&self, query: &str, lat: f64, lng: f64) {
        let body = json!([{ "lat": format!("{lat:.7}"), "lon": format!("{lng:.7}"), "display_name": query }]);
        self.served().answers.insert(query.to_lowercase(), Answer { status: 200, body });
    }

    /// Answers the next request so, whatever it asks for.
    pub fn next(&self, status: u16, body: Value) {
        self.served().script.push_back(Scripted::Answer(Answer { status, body }));
    }

    /// Sends the next request on to another address.
    pub fn next_redirects(&self, to: &str) {
        self.served().script.push_back(Scripted::Redirect(to.to_owned()));
    }

    /// Never answers the next request.
    pub fn next_is_silent(&self) {
        self.served().script.push_back(Scripted::Silence);
    }

    /// Answers all requests so from now on.
    pub fn always(&self, status: u16, body: Value) {
        self.served().always = Some(Answer { status, body });
    }

    /// The queries that were asked, in their order; forgets them.
    pub fn take_queries(&self) -> Vec<String> {
        std::mem::take(&mut self.served().queries)
    }

    /// All parameters of the requests, the key too, in their order.
    pub fn parameters(&self) -> Vec<BTreeMap<String, String>> {
        self.served().parameters.clone()
    }

    fn served(&self) -> MutexGuard<'_, Served> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Geocoder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn search(State(served): State<Arc<Mutex<Served>>>, RawQuery(query): RawQuery) -> Response {
    let parameters = parameters(&query.unwrap_or_default());
    let next = {
        let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
        let query = parameters.get("q").cloned().unwrap_or_default();
        let key = parameters.get("key").cloned();
        served.queries.push(query.clone());
        served.parameters.push(parameters);
        if key.as_deref() == Some(KEY) { served.answer(&query) } else { refused() }
    };
    match next {
        Scripted::Answer(Answer { status, body }) => {
            (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
        }
        Scripted::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Scripted::Silence => std::future::pending().await,
    }
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let decoded = |text| percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

impl Served {
    fn answer(&mut self, query: &str) -> Scripted {
        if let Some(next) = self.script.pop_front() {
            return next;
        }
        let known = self.always.as_ref().or_else(|| self.answers.get(&query.to_lowercase()));
        let unknown = || Answer { status: 404, body: json!({ "error": "Unable to geocode" }) };
        Scripted::Answer(known.cloned().unwrap_or_else(unknown))
    }
}

fn refused() -> Scripted {
    Scripted::Answer(Answer { status: 401, body: json!({ "error": "Invalid key" }) })
}

/// Waits that move a standing clock on instead of taking time; remembers them.
#[derive(Debug)]
pub struct Moves {
    clock: Arc<FixedClock>,
    waits: Mutex<Vec<Duration>>,
}

impl Moves {
    /// For this clock.
    pub fn of(clock: Arc<FixedClock>) -> Self {
        Self { clock, waits: Mutex::new(Vec::new()) }
    }

    /// The waits so far, in whole seconds.
    pub fn seconds(&self) -> Vec<u64> {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.iter().map(Duration::as_secs).collect()
    }
}

#[async_trait]
impl Pause for Moves {
    async fn pause(&self, time: Duration) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(time);
        self.clock.advance(TimeDelta::from_std(time).expect("a time"));
    }
}
