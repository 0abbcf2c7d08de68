//! An upload in few words, and what became of it.

use aws_lambda_events::event::sqs::SqsEvent;
use landfall_domain::Stage;
use landfall_local::sample::fixtures::capture_on;
use landfall_local::sample::{Dump, Ec, Node, NodeText, Role};
use landfall_testkit::TestStage;

use crate::scene::{lenient, planner};

/// An upload: ticket T-1 of network north, element NE1, origin a, at 2025-01-18 09:00.
#[derive(Debug, Clone, Copy)]
pub struct New {
    pub network: &'static str,
    /// Ticket and health check, `T-1` or `T-1/HC-1`.
    pub link: &'static str,
    /// As in a file name: `20250118-090000`, or `20250118` for a date alone.
    pub time: &'static str,
    pub origin: &'static str,
    pub ne: &'static str,
    /// Equal contents have equal names.
    pub content: &'static str,
    pub overwrite: bool,
}

/// The upload that most others differ from in one thing.
pub const NEW: New = New {
    network: "north",
    link: "T-1",
    time: "20250118-090000",
    origin: "a",
    ne: "NE1",
    content: "new",
    overwrite: false,
};

/// What most uploads meet.
pub const OLD: New = New { content: "old", ..NEW };

/// A content of the customer's own: one that is known is known over all customers.
pub fn own(customer: &str, new: New) -> New {
    New { content: Box::leak(format!("{customer}{}", new.content).into_boxed_str()), ..new }
}

/// A dump of one element. Its names hold no time.
fn body(ne: &str, content: &str) -> Vec<u8> {
    let node = NodeText::new(ne, "10.20.0.1".parse().unwrap()).render();
    let ec = Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", node).file("log/messages", content);
    Dump::new("CORE", capture_on(0)).node(Node::new(ne).ec(ec)).build()
}

/// Uploads and plans; gives the object.
pub async fn upload(stage: &TestStage, customer: &str, new: New) -> i64 {
    let object = land(stage, customer, new).await;
    let event = stage.take(Stage::PlanArchive).await;
    assert!(stage.handle(&planner(stage, lenient()), event).await.is_empty());
    object
}

/// Uploads; gives the message that asks for a plan.
pub async fn landed(stage: &TestStage, customer: &str, new: New) -> SqsEvent {
    land(stage, customer, new).await;
    stage.take(Stage::PlanArchive).await
}

async fn land(stage: &TestStage, customer: &str, new: New) -> i64 {
    let (ticket, hc_id) = new.link.split_once('/').map_or((new.link, None), |(t, hc)| (t, Some(hc)));
    let New { network, content, time, .. } = new;
    let key = format!("dumps/{customer}/{network}/{ticket}/{content}_{time}.tgz");
    let mut metadata =
        vec![("origin", new.origin), ("overwrite", if new.overwrite { "true" } else { "false" })];
    metadata.extend(hc_id.map(|hc| ("hc-id", hc)));
    stage.land(&key, &metadata, body(new.ne, content)).await
}

/// The verdict, with the code of a refusal and the warnings of a new dump.
pub async fn verdict(stage: &TestStage, object: i64) -> String {
    let sql = "select concat_ws(' ', s.outcome, case when o.state = 'rejected' then o.reason end,
            (select string_agg(w.code, ' ' order by w.code) from dump.parse_warning w
             join dump.load l using (load_id) where l.object_id = o.object_id and w.code like 'W_SAME_DAY%'))
         from ingest.step s join ingest.object o using (object_id) where o.object_id = $1";
    sqlx::query_scalar(sql).bind(object).fetch_one(stage.pool()).await.unwrap()
}

/// The stored dump of a customer gets these links instead of its own.
pub async fn link(stage: &TestStage, customer: &str, links: &str) {
    let dump = "select dump_id from dump.capture_dump join dump.customer using (customer_id) where customer_key = $1";
    let dump: i64 = sqlx::query_scalar(dump).bind(customer).fetch_one(stage.pool()).await.unwrap();
    let wipe = sqlx::query("delete from dump.dump_link where dump_id = $1");
    wipe.bind(dump).execute(stage.pool()).await.unwrap();
    for link in links.split_whitespace() {
        let (ticket, hc_id) = link.split_once('/').unwrap_or((link, ""));
        let add =
            "insert into dump.dump_link (dump_id, ticket, hc_id, created_at) values ($1, $2, $3, now())";
        let add = sqlx::query(add).bind(dump).bind(ticket).bind(hc_id);
        add.execute(stage.pool()).await.unwrap();
    }
}

/// The links of a customer's oldest dump.
pub async fn links(stage: &TestStage, customer: &str) -> String {
    let sql = "select coalesce(string_agg(ticket || case when hc_id <> '' then '/' || hc_id else '' end, ' '
            order by ticket, hc_id), '')
         from dump.dump_link where dump_id = (select min(dump_id) from dump.capture_dump
            join dump.customer using (customer_id) where customer_key = $1)";
    sqlx::query_scalar(sql).bind(customer).fetch_one(stage.pool()).await.unwrap()
}

/// Marks a customer's dumps as failed whole.
pub async fn fail(stage: &TestStage, customer: &str) {
    let sql = "update dump.capture_dump set status = 'FAILED'
         where customer_id = (select customer_id from dump.customer where customer_key = $1)";
    sqlx::query(sql).bind(customer).execute(stage.pool()).await.unwrap();
}
