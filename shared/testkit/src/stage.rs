//! The parts of one test of a single stage: a database and an embedded endpoint, and nobody who works by himself.
//!
//! A test hands a handler its events and looks at what is stored; messages move only when the test moves them.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_archive::Limits;
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_domain::{Clock, FixedClock, Stage};
use landfall_dumps::plan::PlanOptions;
use landfall_dumps::plugins::Registry;
use landfall_local::endpoint::{Endpoint, EndpointConfig, NoEvents};
use landfall_objects::{ObjectStore, Put, PutOptions, Settings, StaticCredentials, Versioning};
use landfall_runtime::{Clients, Deadline, Faults, StageHandler, WORK_BUCKET, handle_batch};
use landfall_store::dump::{self, BackfillFilter};
use landfall_store::{Store, partition};
use plan_archive::{Backfill, Backfilled, PlanArchive, Rules};
use receive_object::ReceiveObject;
use serde_json::Value;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::database::TestDatabase;
use crate::lambda::{LambdaFunction, LambdaRuntime};

/// The bucket of all stage tests.
pub const BUCKET: &str = "landing";

/// The key of the endpoint.
const ACCESS_KEY: &str = "landfall";
const SECRET_KEY: &str = "secret";

/// A database, an object store and a clock that stands still, for tests that call one handler.
pub struct TestStage {
    clients: Clients,
    clock: Arc<FixedClock>,
    database: TestDatabase,
    endpoint: Endpoint,
    _folder: TempDir,
}

impl std::fmt::Debug for TestStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestStage").field("database", &self.database).finish_non_exhaustive()
    }
}

impl TestStage {
    /// With a versioned bucket.
    pub async fn start() -> Self {
        Self::with_bucket(Versioning::Enabled).await
    }

    /// With a bucket without versions.
    pub async fn unversioned() -> Self {
        Self::with_bucket(Versioning::Unversioned).await
    }

    async fn with_bucket(versioning: Versioning) -> Self {
        let database = TestDatabase::create().await;
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::at("2025-03-01T09:00:00Z".parse().expect("a time")));
        let config = EndpointConfig::new(folder.path(), ACCESS_KEY, SECRET_KEY);
        let endpoint = Endpoint::start(config, Arc::new(NoEvents), clock.clone()).await.expect("an endpoint");
        let objects = ObjectStore::connect(&Settings {
            endpoint: Some(endpoint.url()),
            region: Some("us-east-1".into()),
            credentials: Some(StaticCredentials::new(ACCESS_KEY, SECRET_KEY)),
            force_path_style: true,
        })
        .await;
        objects.ensure_bucket(BUCKET, versioning).await.expect("a bucket");
        objects.ensure_bucket(WORK_BUCKET, Versioning::Unversioned).await.expect("a bucket");
        let store = Store::over(database.pool().clone());
        partition::ensure(store.pool(), clock.now(), 2).await.expect("partitions");
        let (work_bucket, faults) = (WORK_BUCKET.into(), Faults::none());
        let clients = Clients { store, objects, work_bucket, clock: clock.clone(), faults };
        Self { clients, clock, database, endpoint, _folder: folder }
    }

    /// What a handler is given.
    pub fn clients(&self) -> Clients {
        self.clients.clone()
    }

    /// The same with faults, as a script.
    pub fn clients_with(&self, faults: &str) -> Clients {
        Clients { faults: faults.parse().expect("a script of faults"), ..self.clients() }
    }

    /// The database.
    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// How many requests the store has got so far.
    pub fn requests(&self) -> u64 {
        self.endpoint.requests()
    }

    /// How another process reaches the database.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// A stage's program as a function that works here, by the true time.
    pub fn function(&self, stage: Stage, program: &str) -> LambdaFunction {
        let function = LambdaFunction::new(stage, program);
        self.variables().into_iter().fold(function, |function, (name, value)| function.set(name, value))
    }

    /// The variables by which another process finds the database and the object store.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("DATABASE_URL", self.database_url().to_owned()),
            ("LANDFALL_S3_ENDPOINT", self.endpoint.url()),
            ("LANDFALL_S3_ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("LANDFALL_S3_SECRET_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// The same batch once more, to a program that knows it and to a new one of its function, fails nowhere and changes
    /// nothing.
    pub async fn repeats_change_nothing(
        &self,
        function: &LambdaFunction,
        program: &mut LambdaRuntime,
        batch: &Value,
    ) {
        let before = self.fingerprint().await;
        let mut another = LambdaRuntime::start(function).await.expect("the program starts");
        for program in [program, &mut another] {
            let failed = program.invoke_batch(batch).await.expect("the batch is answered");
            assert!(failed.is_empty(), "{failed:?}");
        }
        assert_eq!(self.fingerprint().await, before);
    }

    /// The time at which everything stands.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the time on.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Puts an object with user metadata.
    pub async fn put(&self, key: &str, metadata: &[(&str, &str)], body: impl Into<Bytes>) -> Put {
        let metadata = metadata.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let options = PutOptions { metadata, ..PutOptions::default() };
        self.clients.objects.put(BUCKET, key, body.into(), options).await.expect("the put succeeds")
    }

    /// Removes an object, or one version of it.
    pub async fn delete(&self, key: &str, version_id: Option<&str>) {
        self.clients.objects.delete(BUCKET, key, version_id).await.expect("the delete succeeds");
    }

    /// The notification about a put, as a store sends it.
    pub fn notification(&self, key: &str, put: &Put) -> String {
        let event = ObjectEvent {
            change: Change::Created,
            bucket: BUCKET.into(),
            key: key.into(),
            version_id: put.version_id.clone(),
            etag: Some(put.etag.clone()),
            size: None,
            time: Some(self.now()),
            sequencer: None,
        };
        to_json(&[WrittenEvent { event, name: "Put" }])
    }

    /// Puts an object and lets the front door see it; gives its id.
    pub async fn land(&self, key: &str, metadata: &[(&str, &str)], body: impl Into<Bytes>) -> i64 {
        let put = self.put(key, metadata, body).await;
        self.tell(self.notification(key, &put)).await;
        let newest = sqlx::query_scalar("select max(object_id) from ingest.object where key = $1");
        newest.bind(key).fetch_one(self.pool()).await.expect("the object is known")
    }

    /// Lets the front door see a notification.
    pub async fn tell(&self, notification: String) {
        let event = sqs_event(&[notification]);
        assert!(self.handle(&ReceiveObject::new(self.clients()), event).await.is_empty());
    }

    /// Plans whatever waits for it, creating customers.
    pub async fn plan(&self) {
        self.plan_by(Rules::default(), production()).await;
    }

    /// The same with other plugins than a production system has.
    pub async fn plan_for(&self, registry: Arc<Registry>) {
        self.plan_by(Rules::default(), registry).await;
    }

    /// The same where files over so many bytes are not read.
    pub async fn plan_up_to(&self, spool_limit: u64) {
        let options = PlanOptions { spool_limit, ..PlanOptions::default() };
        self.plan_by(Rules { options, ..Rules::default() }, production()).await;
    }

    async fn plan_by(&self, rules: Rules, registry: Arc<Registry>) {
        let rules = Rules { auto_create_customer: true, ..rules };
        let planner = PlanArchive::new(self.clients(), rules, registry);
        self.plan_with(&planner).await;
    }

    /// A planner that suffers these faults, for tests that look at it more closely.
    pub fn planner_with(&self, faults: &str) -> PlanArchive {
        let rules = Rules { auto_create_customer: true, ..Rules::default() };
        PlanArchive::new(self.clients_with(faults), rules, production())
    }

    async fn plan_with(&self, planner: &PlanArchive) {
        let event = self.take(Stage::PlanArchive).await;
        assert!(self.handle(planner, event).await.is_empty(), "all are planned");
    }

    /// Backfills a plugin over all dumps, with force or without; gives what was done for each.
    pub async fn backfill(
        &self,
        registry: Arc<Registry>,
        (plugin, force): (&str, bool),
        dry_run: bool,
    ) -> Vec<Backfilled> {
        let parts = (registry, Limits::default());
        let backfill = Backfill::new(self.clients(), parts, plugin, force).expect("a plugin that there is");
        let candidates = dump::backfill_candidates(self.pool(), &BackfillFilter::default()).await;
        let mut done = Vec::new();
        for candidate in candidates.expect("the dumps are listed") {
            done.push(backfill.run(&candidate, dry_run).await.expect("the dump is backfilled"));
        }
        done
    }

    /// Hands a handler a batch; gives the ids of the messages that are to be given again.
    pub async fn handle<H: StageHandler>(&self, handler: &H, event: SqsEvent) -> Vec<String> {
        self.handle_within(handler, event, Duration::from_mins(10)).await
    }

    /// The same with so much time left.
    pub async fn handle_within<H: StageHandler>(
        &self,
        handler: &H,
        event: SqsEvent,
        time: Duration,
    ) -> Vec<String> {
        let answer = handle_batch(handler, event, Deadline::within(time), self.now()).await;
        let failures = answer.expect("each message has an id").batch_item_failures;
        failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// Takes the due messages of a stage off the queue, oldest first, as one batch.
    pub async fn take(&self, stage: Stage) -> SqsEvent {
        let taken = sqlx::query_as::<_, (i64, String)>(
            "with taken as (delete from ops.outbox where stage = $1 and visible_at <= $2 returning id, body)
             select id, body from taken order by id",
        );
        let taken = taken.bind(stage.as_str()).bind(self.now()).fetch_all(self.pool()).await;
        let bodies: Vec<String> =
            taken.expect("the queue answers").into_iter().map(|(_, body)| body).collect();
        sqs_event(&bodies)
    }

    /// Rows of a query that gives one text column.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(self.pool()).await.expect("the query gives texts")
    }

    /// A single number.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect("the query counts")
    }

    /// Runs a statement of the test's own.
    pub async fn execute(&self, sql: &'static str) -> u64 {
        sqlx::query(sql).execute(self.pool()).await.expect("the statement runs").rows_affected()
    }

    /// `state reason` of an object.
    pub async fn state(&self, object_id: i64) -> String {
        let state =
            sqlx::query_scalar("select state || ' ' || reason from ingest.object where object_id = $1");
        state.bind(object_id).fetch_one(self.pool()).await.expect("the object is known")
    }

    /// The text beside an object's reason.
    pub async fn reason_text(&self, object_id: i64) -> String {
        let text =
            sqlx::query_scalar("select coalesce(reason_text, '') from ingest.object where object_id = $1");
        text.bind(object_id).fetch_one(self.pool()).await.expect("the object is known")
    }

    /// A digest of all rows that effects leave behind, attempts and the queue included: equal before and after
    /// something that must change nothing.
    pub async fn fingerprint(&self) -> Vec<String> {
        self.texts(
            "select 'object ' || row_to_json(o)::text from ingest.object o
             union all select 'event ' || row_to_json(e)::text from ingest.event_log e
             union all select 'attempt ' || row_to_json(a)::text from ingest.attempt a
             union all select 'step ' || row_to_json(s)::text from ingest.step s
             union all select 'outbox ' || row_to_json(m)::text from ops.outbox m
             union all select 'letter ' || row_to_json(d)::text from ops.dead_letter d
             union all select 'dump ' || row_to_json(d)::text from dump.capture_dump d
             union all select 'load ' || row_to_json(l)::text from dump.load l
             union all select 'link ' || row_to_json(l)::text from dump.dump_link l
             union all select 'node ' || row_to_json(n)::text from dump.dump_node n
             union all select 'ne ' || row_to_json(n)::text from dump.network_element n
             union all select 'ledger ' || row_to_json(p)::text from dump.plugin_ledger p
             union all select 'warning ' || row_to_json(w)::text from dump.parse_warning w
             union all select 'sidecar ' || row_to_json(u)::text from dump.sidecar_use u
             union all select 'audit ' || row_to_json(a)::text from dump.audit_event a
             union all select 'lsp ' || row_to_json(r)::text from dump.lsp_entry r
             union all select 'alarm ' || row_to_json(r)::text from dump.alarm_state_entry r
             union all select 'entry ' || row_to_json(r)::text from dump.dpr_entry r
             union all select 'trace ' || row_to_json(r)::text from dump.nea_trace r
             union all select 'bucket ' || row_to_json(r)::text from dump.nea_bucket_count r
             union all select 'counts ' || row_to_json(r)::text from dump.ma_notif_bucket_count r
             union all select 'group ' || row_to_json(r)::text from dump.three_r_group r
             union all select 'member ' || row_to_json(r)::text from dump.three_r_link r
             union all select 'dpr link ' || row_to_json(r)::text from dump.dpr_link r
             union all select 'router ' || row_to_json(r)::text from dump.dpr_router_map r
             order by 1",
        )
        .await
    }
}

/// The plugins of a production system.
pub fn production() -> Arc<Registry> {
    Arc::new(Registry::production().expect("the plugins agree"))
}

/// A batch of messages `m0`, `m1` ... with these bodies, received for the first time.
pub fn sqs_event(bodies: &[String]) -> SqsEvent {
    received(bodies, 1)
}

/// The same, received so many times.
pub fn received(bodies: &[String], times: u32) -> SqsEvent {
    let message = |(index, body): (usize, &String)| {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("m{index}"));
        message.body = Some(body.clone());
        message.attributes.insert("ApproximateReceiveCount".into(), times.to_string());
        message
    };
    let mut event = SqsEvent::default();
    event.records = bodies.iter().enumerate().map(message).collect();
    event
}
