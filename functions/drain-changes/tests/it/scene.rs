//! A bucket, a database, and change files to put into them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use drain_changes::{
    CaptureHistory, DrainByMessage, DrainChanges, DrainError, DrainReport, DrainSettings, Mode, Order,
};
use landfall_domain::{ChangeKey, Dataset, DrainChanges as Message, Envelope};
use landfall_objects::{ObjectError, Pin, ReadOptions};
use landfall_runtime::{Clients, Deadline};
use landfall_testkit::{BUCKET, TestStage, received};
use landfall_tickets::COLUMNS;

/// Longer than files take to settle.
pub const SETTLED: i64 = 121;

/// A drain of incidents, and where it works.
pub struct Scene {
    pub stage: TestStage,
}

/// A row of a change file.
#[derive(Debug, Clone, Default)]
pub struct Row(BTreeMap<&'static str, String>);

impl Row {
    /// An open incident.
    pub fn inc(number: u32) -> Self {
        Self::default().with("ticket_id", &format!("INC{number:012}")).with("normalized_status", "open")
    }

    pub fn with(mut self, column: &'static str, value: &str) -> Self {
        self.0.insert(column, value.to_owned());
        self
    }

    fn line(&self) -> String {
        let value = |column: &&str| self.0.get(*column).cloned().unwrap_or_default();
        COLUMNS.iter().map(value).collect::<Vec<_>>().join(",")
    }
}

/// A change file with these rows.
pub fn csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(Row::line);
    std::iter::once(COLUMNS.join(",")).chain(lines).map(|line| line + "\n").collect()
}

/// A change file with open incidents of these numbers.
pub fn incidents(numbers: std::ops::Range<u32>) -> String {
    csv(&numbers.map(Row::inc).collect::<Vec<_>>())
}

/// The key of a file of incidents that was made at this time of a day.
pub fn key(time: &str) -> String {
    format!("automations/inc/changes/2026-06-25T{time}-00.csv")
}

/// What it is called once it is applied.
pub fn processed(time: &str) -> String {
    format!("automations/inc/processed/2026-06-25T{time}-00.csv")
}

impl Scene {
    pub async fn start() -> Self {
        Self { stage: TestStage::start().await }
    }

    pub async fn unversioned() -> Self {
        Self { stage: TestStage::unversioned().await }
    }

    /// Uploads a file; the front door sees it.
    pub async fn land(&self, time: &str, body: impl Into<String>) -> i64 {
        self.stage.land(&key(time), &[], body.into()).await
    }

    /// The same, and it settles.
    pub async fn settled(&self, time: &str, body: impl Into<String>) -> i64 {
        let id = self.land(time, body).await;
        self.stage.pass(SETTLED);
        id
    }

    pub fn drain_of(clients: Clients) -> DrainChanges {
        let history = Arc::new(CaptureHistory::new(clients.store.clone()));
        DrainChanges::new(clients, DrainSettings::of(BUCKET)).then(history)
    }

    /// Drains incidents as a message asks for it; gives the messages to be given again.
    pub async fn message(&self, faults: &str, receives: u32) -> Vec<String> {
        let drain = Self::drain_of(self.stage.clients_with(faults));
        let body = Envelope::new(Message { dataset: Dataset::Inc, asked: None }).encode().unwrap();
        self.stage.handle(&DrainByMessage::new(drain), received(&[body], receives)).await
    }

    /// Drains that are asked for: of what, and in how many seconds.
    pub async fn asked(&self) -> Vec<String> {
        let asked = "select subject || ' ' || extract(epoch from visible_at - $1)::bigint from ops.outbox
            where stage = 'drain-changes' order by id";
        sqlx::query_scalar(asked).bind(self.stage.now()).fetch_all(self.stage.pool()).await.unwrap()
    }

    /// Drains incidents.
    pub async fn drain(&self) -> DrainReport {
        self.order(Mode::Drain).await.unwrap()
    }

    /// Drains under scripted faults, which end the run.
    pub async fn struck(&self, faults: &str) -> DrainError {
        let drain = Self::drain_of(self.stage.clients_with(faults));
        drain.run(&Order::of(Dataset::Inc), deadline()).await.expect_err("the fault strikes")
    }

    pub async fn order(&self, mode: Mode) -> Result<DrainReport, DrainError> {
        let order = Order { dataset: Dataset::Inc, mode, apply: true };
        Self::drain_of(self.stage.clients()).run(&order, deadline()).await
    }

    pub async fn dry(&self, mode: Mode) -> DrainReport {
        let order = Order { dataset: Dataset::Inc, mode, apply: false };
        Self::drain_of(self.stage.clients()).run(&order, deadline()).await.unwrap()
    }

    /// Texts of a query that goes by the time at which everything stands.
    pub async fn now_texts(&self, sql: &'static str) -> Vec<String> {
        let mut tx = self.stage.pool().begin().await.unwrap();
        let now =
            sqlx::query("select set_config('tickets.now', $1, true)").bind(self.stage.now().to_rfc3339());
        now.execute(&mut *tx).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut *tx).await.unwrap()
    }

    /// Keys below a prefix, without it.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let mut pages = self.stage.clients().objects.list(BUCKET, prefix, None);
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await.unwrap() {
            keys.extend(page.into_iter().map(|one| one.key.trim_start_matches(prefix).to_owned()));
        }
        keys
    }

    pub async fn changes(&self) -> Vec<String> {
        self.keys("automations/inc/changes/").await
    }

    pub async fn processed(&self) -> Vec<String> {
        self.keys("automations/inc/processed/").await
    }

    /// What a key holds.
    pub async fn content(&self, key: &str) -> Option<String> {
        let objects = self.stage.clients().objects;
        let mut read = match objects.read(BUCKET, key, &Pin::default(), ReadOptions::default()).await {
            Ok(read) => read,
            Err(ObjectError::NotFound { .. }) => return None,
            Err(error) => panic!("{error}"),
        };
        let mut content = Vec::new();
        while let Some(block) = read.next().await.unwrap() {
            content.extend_from_slice(&block);
        }
        Some(String::from_utf8(content).unwrap())
    }

    pub async fn watermark(&self) -> String {
        let mark = "select coalesce(metadata ->> 'source_max_key', '') from tickets.import_meta where dataset = 'inc'";
        self.stage.texts(mark).await.remove(0)
    }

    /// Tickets with the file that they come from, without what is the same in all.
    pub async fn tickets(&self) -> Vec<String> {
        self.stage
            .texts(
                "select ltrim(ticket_id, 'INC0') || ' ' || normalized_status || ' ' || substr(source_key, 36, 5)
                 from tickets.inc order by ticket_id",
            )
            .await
    }

    pub async fn count(&self) -> i64 {
        self.stage.count("select count(*) from tickets.inc").await
    }

    /// Alerts: code and what they are about.
    pub async fn alerts(&self) -> Vec<String> {
        self.stage
            .texts("select code || ' ' || split_part(subject, ' ', 1) from ops.alerts order by id")
            .await
    }

    /// All that a drain writes, but for what differs from run to run: times, ids, how often it ran.
    pub async fn left_behind(&self) -> Vec<String> {
        self.stage
            .texts(
                "select 'ticket ' || (to_jsonb(t) - 'ingested_at')::text from tickets.inc t
                 union all select 'file ' || (to_jsonb(f) - array['id', 'started_at', 'finished_at', 'status'])::text
                    from tickets.import_files f
                 union all select 'reject ' || (to_jsonb(r) - 'at')::text from tickets.row_rejects r
                 union all select 'object ' || key || ' ' || state || ' ' || reason from ingest.object where feed = 'tickets'
                 union all select 'mark ' || (metadata - 'last_run')::text from tickets.import_meta
                 union all select 'stage ' || count(*) from tickets.stage
                 order by 1",
            )
            .await
    }
}

pub fn change_key(time: &str) -> ChangeKey {
    ChangeKey::parse(&key(time)).unwrap()
}

pub fn deadline() -> Deadline {
    Deadline::within(Duration::from_mins(10))
}

/// Name and status of the files of a report.
pub fn told(report: &DrainReport) -> Vec<String> {
    report.files.iter().map(|file| format!("{} {}", &file.key[35..40], file.status)).collect()
}
