//! A database, an object store, and events that a function has not seen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use landfall_domain::notification::{Change, ObjectEvent, WrittenEvent, to_json};
use landfall_domain::{Clock, Envelope, ObjectId, PlanArchive as Message, Run, Stage, SystemClock};
use landfall_dumps::plugins::Registry;
use landfall_objects::PutOptions;
use landfall_runtime::{Clients, Deadline, Faults, WORK_BUCKET, handle_batch};
use landfall_store::Store;
use landfall_testkit::lambda::{LambdaFunction, batch, queue_arn, schedule};
use landfall_tickets::COLUMNS;
use plan_archive::{PlanArchive, Rules};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::dumps::archive::dump;
use crate::machine::Processes;
use crate::planning::register;
use crate::site::{ACCESS_KEY, Address, BUCKET, Site};

/// The queue of plan-archive's dead letters.
const DEAD: &str = "arn:aws:sqs:eu-north-1:123456789012:landfall-plan-archive-dead";
/// Longer than planning takes.
const DEADLINE: Duration = Duration::from_mins(1);

/// What functions work on.
pub struct Scene<'a> {
    site: &'a Site,
    database_url: String,
    store: Store,
    planner: PlanArchive,
    processes: Processes,
    /// Of the next object.
    number: u32,
}

impl<'a> Scene<'a> {
    /// A new database, and the bench's store.
    pub async fn new(cluster: &Cluster, site: &'a Site) -> anyhow::Result<Self> {
        let (_, database_url) = cluster.database().await?;
        let store = Store::connect(&database_url, 2)?;
        let clients = Clients {
            store: store.clone(),
            objects: site.objects.clone(),
            work_bucket: WORK_BUCKET.into(),
            clock: Arc::new(SystemClock),
            faults: Faults::none(),
        };
        let rules = Rules { auto_create_customer: true, ..Rules::default() };
        let planner = PlanArchive::new(clients, rules, Arc::new(Registry::production()?));
        Ok(Self { site, database_url, store, planner, processes: cluster.processes(), number: 0 })
    }

    /// Whose processor time is ours.
    pub fn processes(&self) -> Processes {
        self.processes
    }

    /// Where the objects are.
    pub fn address(&self) -> &Address {
        &self.site.address
    }

    /// Where the rows are.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The function of a stage: its program lies beside this one.
    pub fn function(&self, stage: Stage) -> anyhow::Result<LambdaFunction> {
        let program: PathBuf = std::env::current_exe()?.with_file_name(stage.as_str());
        anyhow::ensure!(program.is_file(), "{} is not built: ./dev bench lambda does", program.display());
        Ok(LambdaFunction::new(stage, program)
            .set("DATABASE_URL", &self.database_url)
            .set("LANDFALL_S3_ENDPOINT", &self.site.address.endpoint)
            .set("LANDFALL_S3_ACCESS_KEY", ACCESS_KEY)
            .set("LANDFALL_S3_SECRET_KEY", &self.site.address.secret)
            .set("LANDFALL_AUTO_CREATE_CUSTOMER", "true")
            .set("LANDFALL_BUCKET", BUCKET)
            .set("LANDFALL_TICKETS_SETTLE_SECONDS", "0"))
    }

    /// An event for a stage that brings something to commit.
    pub async fn event(&mut self, stage: Stage) -> anyhow::Result<Value> {
        self.number += 1;
        let now = SystemClock.now();
        Ok(match stage {
            Stage::ReceiveObject => batch(&queue_arn(stage), now, &[self.notification()]),
            Stage::PlanArchive => batch(&queue_arn(stage), now, &[self.upload().await?]),
            Stage::ParseMember => batch(&queue_arn(stage), now, &[self.element().await?]),
            Stage::SweepState | Stage::GeocodeTickets => schedule(stage, now),
            Stage::DrainChanges => self.change_file().await?,
            Stage::RecordDeadLetters => {
                let unknown = Message::of(ObjectId(i64::from(u32::MAX) + i64::from(self.number)), Run(1));
                batch(DEAD, now, &[Envelope::new(unknown).encode()?])
            }
        })
    }

    /// An event with nothing to do.
    pub fn idle_event(stage: Stage) -> Value {
        match stage {
            Stage::SweepState | Stage::GeocodeTickets => schedule(stage, SystemClock.now()),
            Stage::DrainChanges => json!({ "dataset": "crq" }),
            _ => json!({ "Records": [] }),
        }
    }

    /// Rows that a stage has left behind, each by a commit of its own; none for a sweep, which need not leave any.
    pub async fn committed(&self, stage: Stage) -> anyhow::Result<Option<i64>> {
        let rows = match stage {
            Stage::ReceiveObject => "select count(*) from ingest.attempt where stage = 'receive-object'",
            Stage::PlanArchive => "select count(*) from dump.load",
            Stage::ParseMember => "select count(*) from ingest.attempt where stage = 'parse-member'",
            Stage::RecordDeadLetters => "select count(*) from ops.dead_letter",
            Stage::DrainChanges => "select count(*) from tickets.import_files",
            Stage::SweepState | Stage::GeocodeTickets => return Ok(None),
        };
        Ok(Some(sqlx::query_scalar(rows).fetch_one(self.store.pool()).await?))
    }

    fn key(&self) -> String {
        format!("dumps/bench/net{:05}/CHG-1/GMRE_DUMP_NET_20250118-031500.tgz", self.number)
    }

    /// The front door need not ask the store for a version that the event names.
    fn notification(&self) -> String {
        let event = ObjectEvent {
            change: Change::Created,
            bucket: BUCKET.into(),
            key: self.key(),
            version_id: Some(format!("v{}", self.number)),
            etag: Some("9e107d9d372bb6826bd81d3542a419d6".into()),
            size: Some(20_480),
            time: Some(SystemClock.now()),
            sequencer: None,
        };
        to_json(&[WrittenEvent { event, name: "Put" }])
    }

    /// Puts a change file with one ticket; gives the tick of its drain.
    async fn change_file(&self) -> anyhow::Result<Value> {
        let (header, others) = (COLUMNS.join(","), ",".repeat(COLUMNS.len() - 1));
        let body = format!("{header}\nINC{:012}{others}\n", self.number);
        let (minute, second) = (self.number / 60, self.number % 60);
        let key = format!("automations/inc/changes/2026-06-25T08-{minute:02}-{second:02}.csv");
        self.site.objects.put(BUCKET, &key, body.into(), PutOptions::default()).await?;
        Ok(json!({ "dataset": "inc" }))
    }

    /// Puts an archive of two network elements with every plugin, as the front door would enter it; gives the message
    /// to plan-archive.
    async fn upload(&self) -> anyhow::Result<String> {
        let (key, body) = (self.key(), dump(self.number)?.build());
        self.site.objects.put(BUCKET, &key, body.into(), PutOptions::default()).await?;
        let object = register(self.site, &self.database_url, &key).await?;
        Ok(Envelope::new(Message::of(ObjectId(object), Run(1))).encode()?)
    }

    /// Plans such an archive; gives the message to parse-member about one of its network elements.
    async fn element(&self) -> anyhow::Result<String> {
        let upload = batch(&queue_arn(Stage::PlanArchive), SystemClock.now(), &[self.upload().await?]);
        let (event, deadline) = (serde_json::from_value(upload)?, Deadline::within(DEADLINE));
        let answer = handle_batch(&self.planner, event, deadline, SystemClock.now()).await?;
        anyhow::ensure!(answer.batch_item_failures.is_empty(), "the archive is not planned");
        let bodies: Vec<String> =
            sqlx::query_scalar("delete from ops.outbox where stage = 'parse-member' returning body")
                .fetch_all(self.store.pool())
                .await?;
        bodies.into_iter().next().context("the archive has no network element")
    }
}
