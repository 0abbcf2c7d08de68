//! Commands over a database alone: objects that landed, failed and are brought back.

use std::path::Path;
use std::process::Output;

use chrono::{DateTime, Utc};
use landfall_domain::{
    Envelope, Feed, Landing, LoadId, ObjectId, ObjectVersion, ParseMember, Pin, PlanArchive, PlanId, Reason,
    Run, Stage, State,
};
use landfall_store::dead_letter::{self, DeadKind, NewDeadLetter};
use landfall_store::object::{self, Move, NewObject};
use landfall_testkit::database::TestDatabase;
use sqlx::PgPool;
use uuid::Uuid;

use super::command::{json, landfall, told};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

/// A database with objects in it, and a folder to run commands in.
struct Scene {
    database: TestDatabase,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self { database: TestDatabase::create().await, dir: tempfile::tempdir().unwrap() }
    }

    fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    fn run(&self, args: &[&str]) -> Output {
        landfall(self.dir()).env("DATABASE_URL", self.database.url()).args(args).output().unwrap()
    }

    fn told(&self, args: &[&str]) -> String {
        told(&self.run(args), self.dir())
    }

    /// An object that was dispatched and ended so.
    async fn object(&self, key: &str, end: State, reason: Reason) -> ObjectId {
        let landing = Landing {
            bucket: "landing".into(),
            key: key.into(),
            version: ObjectVersion::from_id(&format!("v-{key}")),
            pin: Pin::version(format!("v-{key}")),
            last_modified: Some(at(0)),
            size: Some(1_234),
            metadata_digest: None,
            sequencer: None,
        };
        let new = NewObject {
            landing,
            state: State::Dispatched,
            reason: Reason::new("plan-archive"),
            feed: Some(Feed::Dumps),
        };
        let mut conn = self.pool().acquire().await.unwrap();
        let id = object::register(&mut conn, &[new], at(1)).await.unwrap().first().unwrap().object_id;
        let row = object::lock(&mut conn, id).await.unwrap().unwrap();
        object::transition(&mut conn, &row, &Move { to: end, reason, run: Run(1) }, at(2)).await.unwrap();
        id
    }

    /// A load that reads an object in its first run; gives its id.
    async fn load(&self, object_id: ObjectId, plan_id: PlanId) -> LoadId {
        let sql = "
            with customer as (
                insert into dump.customer (customer_key, name) values ('acme', 'acme') returning customer_id
            ), network as (
                insert into dump.network (customer_id, network_key) select customer_id, 'core' from customer
                returning customer_id, network_id
            ), dump as (
                insert into dump.capture_dump (customer_id, network_id, capture_ts, capture_precision,
                    capture_ts_source, origin, snapshot_seq, sha256, source_bucket, source_key, source_version,
                    status, created_at)
                select customer_id, network_id, $3, 'second', 'name', 'nightly', 1, sha256(''), 'landing', 'k', 'v',
                    'RUNNING', $3 from network
                returning dump_id
            )
            insert into dump.load (dump_id, object_id, run, source_bucket, source_key, source_version, source_size,
                sha256, capture_ts, capture_precision, capture_ts_source, origin, plan_id, plan, outer_whole, status,
                open_units, created_at)
            select dump_id, $1, 1, 'landing', 'k', 'v', 1, sha256(''), $3, 'second', 'name', 'nightly', $2, '{}',
                true, 'RUNNING', 1, $3 from dump
            returning load_id";
        let query = sqlx::query_scalar(sql).bind(object_id.0).bind(plan_id.0).bind(at(0));
        LoadId(query.fetch_one(self.pool()).await.unwrap())
    }

    /// A dead letter about an object's planning.
    async fn dead_letter(&self, object_id: ObjectId, run: Run) -> i64 {
        let body = Envelope::new(PlanArchive::of(object_id, run)).encode().unwrap();
        self.bury(Stage::PlanArchive, body).await
    }

    async fn bury(&self, stage: Stage, body: String) -> i64 {
        let letter = NewDeadLetter {
            stage,
            body,
            object_id: None,
            kind: DeadKind::Failed,
            reason: Reason::new("receives_used_up").with_text("received 5 times without success"),
            attempts: 5,
            created_at: at(1),
        };
        let mut conn = self.pool().acquire().await.unwrap();
        dead_letter::bury(&mut conn, &letter, at(3)).await.unwrap();
        sqlx::query_scalar("select max(id) from ops.dead_letter").fetch_one(self.pool()).await.unwrap()
    }

    async fn state(&self, id: ObjectId) -> (State, Run) {
        let row = object::find(self.pool(), id).await.unwrap().unwrap();
        (row.state, row.run)
    }

    async fn queued(&self) -> Vec<(String, String)> {
        sqlx::query_as("select stage, body from ops.outbox order by id").fetch_all(self.pool()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_sends_the_message_and_reopens_the_object_in_one_step() {
    let scene = Scene::new().await;
    let id =
        scene.object("dumps/acme/core/CHG-1/a.tgz", State::Failed, Reason::new("receives_used_up")).await;
    let letter = scene.dead_letter(id, Run(1)).await.to_string();

    insta::assert_snapshot!(scene.told(&["dead", "redrive", &letter, "--dry-run"]), @r"
    exit 0
    1 would be sent to plan-archive again, object 1 goes back to dispatched
    ---
    ");
    assert_eq!(scene.state(id).await, (State::Failed, Run(1)));
    assert!(scene.queued().await.is_empty());

    insta::assert_snapshot!(scene.told(&["dead", "redrive", "--all"]), @r"
    exit 0
    1 is sent to plan-archive again, object 1 goes back to dispatched
    ---
    ");
    assert_eq!(scene.state(id).await, (State::Dispatched, Run(1)));
    insta::assert_debug_snapshot!(scene.queued().await, @r#"
    [
        (
            "plan-archive",
            "{\"v\":1,\"body\":{\"object_id\":1,\"run\":1}}",
        ),
    ]
    "#);

    insta::assert_snapshot!(scene.told(&["dead", "redrive", &letter]), @r"
    exit 0
    1 was sent again before
    ---
    ");
    assert_eq!(scene.queued().await.len(), 1);
    insta::assert_snapshot!(scene.told(&["dead", "list"]), @r"
    exit 0
    no dead letters
    ---
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_of_a_network_element_reopens_its_object_by_its_load() {
    let scene = Scene::new().await;
    let id =
        scene.object("dumps/acme/core/CHG-1/a.tgz", State::Failed, Reason::new("receives_used_up")).await;
    let plan_id = PlanId(Uuid::from_u128(7));
    let load_id = scene.load(id, plan_id).await;
    let message = |plan_id| {
        let (ne, plugins) = ("HEL-CORE-01".to_owned(), vec!["lsp".to_owned()]);
        Envelope::new(ParseMember { load_id, plan_id, ne, plugins, resume: None }).encode().unwrap()
    };
    let stale = scene.bury(Stage::ParseMember, message(PlanId(Uuid::nil()))).await.to_string();
    let letter = scene.bury(Stage::ParseMember, message(plan_id)).await.to_string();

    let explained = json(&scene.run(&["explain", &id.to_string(), "--json"]));
    assert_eq!(explained["dead_letters"].as_array().unwrap().len(), 2);

    let found = json(&scene.run(&["dead", "redrive", &stale, "--json"]));
    assert_eq!(found[0]["reopened"], false);
    assert_eq!(scene.state(id).await.0, State::Failed);

    let found = json(&scene.run(&["dead", "redrive", &letter, "--json"]));
    assert_eq!(found[0]["reopened"], true);
    assert_eq!(found[0]["object_id"], id.0);
    assert_eq!(scene.state(id).await, (State::Dispatched, Run(1)));
    assert_eq!(scene.queued().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_of_an_older_run_does_not_reopen_the_object() {
    let scene = Scene::new().await;
    let id =
        scene.object("dumps/acme/core/CHG-1/a.tgz", State::Failed, Reason::new("receives_used_up")).await;
    let letter = scene.dead_letter(id, Run(7)).await.to_string();
    let found = json(&scene.run(&["dead", "redrive", &letter, "--json"]));
    insta::assert_compact_json_snapshot!(found, @r#"[{"id": 1, "object_id": 1, "reopened": false, "sent": true, "stage": "plan-archive"}]"#);
    assert_eq!(scene.state(id).await.0, State::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_a_new_run_and_is_refused_while_one_is_at_work() {
    let scene = Scene::new().await;
    let key = "dumps/acme/core/CHG-1/a.tgz";
    let id = scene.object(key, State::Quarantined, Reason::new("E_NO_TARGETS")).await;

    insta::assert_snapshot!(scene.told(&["replay", key, "--dry-run"]), @r"
    exit 0
    object 1 (dumps/acme/core/CHG-1/a.tgz) would go from quarantined to plan-archive as run 2
    ---
    ");
    assert_eq!(scene.state(id).await, (State::Quarantined, Run(1)));

    insta::assert_snapshot!(scene.told(&["replay", key]), @r"
    exit 0
    object 1 (dumps/acme/core/CHG-1/a.tgz) goes from quarantined to plan-archive as run 2
    ---
    ");
    assert_eq!(scene.state(id).await, (State::Dispatched, Run(2)));
    insta::assert_debug_snapshot!(scene.queued().await, @r#"
    [
        (
            "plan-archive",
            "{\"v\":1,\"body\":{\"object_id\":1,\"run\":2}}",
        ),
    ]
    "#);

    insta::assert_snapshot!(scene.told(&["replay", key]), @r"
    exit 3
    ---
    error: object 1 is dispatched: it is still being worked on
    `landfall explain` shows what it waits for
    ");
    assert_eq!(scene.queued().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_no_feed_takes_is_not_replayed() {
    let scene = Scene::new().await;
    scene.object("misc/readme.txt", State::Failed, Reason::new("front_door")).await;
    insta::assert_snapshot!(scene.told(&["replay", "misc/readme.txt"]), @r"
    exit 3
    ---
    error: object 1 (misc/readme.txt) is worked on by no stage: no_feed: no feed takes this key: watched are dumps/, automations/
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_named_by_id_by_key_or_by_the_start_of_a_key() {
    let scene = Scene::new().await;
    let first = scene.object("dumps/a/n/T-1/x.tgz", State::Done, Reason::new("complete")).await;
    let longer = scene.object("dumps/a/n/T-1/x.tgz.tgz", State::Done, Reason::new("complete")).await;
    let named = |text: &str| json(&scene.run(&["explain", text, "--json"]))["object"]["object_id"].as_i64();
    assert_eq!(named(&first.to_string()), Some(first.0));
    assert_eq!(named("dumps/a/n/T-1/x.tgz"), Some(first.0));
    assert_eq!(named("dumps/a/n/T-1/x.tgz."), Some(longer.0));
    insta::assert_snapshot!(scene.told(&["explain", "dumps/a"]), @r#"
    exit 2
    ---
    error: several keys start with "dumps/a":
      2 dumps/a/n/T-1/x.tgz.tgz
      1 dumps/a/n/T-1/x.tgz
    name one of them by its id or its whole key
    "#);
    insta::assert_snapshot!(scene.told(&["explain", "dumps/b"]), @r#"
    exit 2
    ---
    error: no object has the key "dumps/b", and no key starts so
    `landfall objects --key-prefix PREFIX` lists what is there
    "#);
    insta::assert_snapshot!(scene.told(&["explain", "99999"]), @r"
    exit 2
    ---
    error: there is no object 99999
    `landfall objects --key-prefix PREFIX` lists what is there
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_object_is_explained_with_its_dead_letter_and_what_to_do() {
    let scene = Scene::new().await;
    let id =
        scene.object("dumps/acme/core/CHG-1/a.tgz", State::Failed, Reason::new("receives_used_up")).await;
    scene.dead_letter(id, Run(1)).await;
    insta::assert_snapshot!(scene.told(&["explain", &id.to_string()]), @r"
    exit 0
    object 1 landing/dumps/acme/core/CHG-1/a.tgz
      state    failed, receives_used_up
      since    2023-11-14T22:13:22Z
      version  v-dumps/acme/core/CHG-1/a.tgz
      run      1
      size     1234 bytes

    Life
     AT                    RUN  FROM        TO          REASON
     2023-11-14T22:13:21Z    1  -           dispatched  plan-archive
     2023-11-14T22:13:22Z    1  dispatched  failed      receives_used_up

    What happens next
      no message about it is on its way
      dead letter 1 of plan-archive: receives_used_up: received 5 times without success

    What can be done
      once the cause is mended: landfall dead list, landfall dead redrive ID, or landfall replay 1
    ---
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_explained_with_the_sidecars_that_counted_or_came_late() {
    let scene = Scene::new().await;
    let id = scene.object("dumps/night.tgz", State::Rejected, Reason::new("meta_missing:ticket")).await;
    let sidecars =
        "insert into ingest.object (bucket, key, version, state, reason, feed, first_seen, state_since)
         select 'landing', 'dumps/night.tgz.json', version, 'ignored', reason, 'dumps', now(), now()
         from (values ('v1', 'sidecar'), ('v2', 'late_sidecar'), ('v0', 'sidecar')) as t(version, reason)";
    sqlx::query(sidecars).execute(scene.pool()).await.unwrap();
    let counted = "insert into dump.sidecar_use values ($1, 1, 'dumps/night.tgz.json', 'v1', now())";
    sqlx::query(counted).bind(id.0).execute(scene.pool()).await.unwrap();
    let told = scene.told(&["explain", &id.to_string()]);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("  sidecar  ")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    sidecar  object 2 dumps/night.tgz.json version v1: counted in run 1
    sidecar  object 3 dumps/night.tgz.json version v2: came too late to count; a replay takes it
    ");
    let found = json(&scene.run(&["explain", &id.to_string(), "--json"]));
    assert_eq!(found["sidecars"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_filtered() {
    let scene = Scene::new().await;
    scene.object("dumps/a/n/T-1/x.tgz", State::Done, Reason::new("complete")).await;
    scene.object("dumps/a/n/T-1/y.tgz", State::Done, Reason::new("partial")).await;
    scene.object("dumps/b/n/T-1/z.tgz", State::Rejected, Reason::new("within_6h")).await;
    let keys = |args: &[&str]| -> Vec<String> {
        let found = json(&scene.run(&[&["objects", "--json"], args].concat()));
        found.as_array().unwrap().iter().map(|o| o["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&["--state", "done"]), ["dumps/a/n/T-1/y.tgz", "dumps/a/n/T-1/x.tgz"]);
    assert_eq!(keys(&["--reason", "within_6h"]), ["dumps/b/n/T-1/z.tgz"]);
    assert_eq!(keys(&["--key-prefix", "dumps/a/", "--limit", "1"]), ["dumps/a/n/T-1/y.tgz"]);
    assert_eq!(keys(&["--feed", "tickets"]), Vec::<String>::new());
    insta::assert_snapshot!(scene.told(&["objects", "--state", "rejected"]), @r"
    exit 0
     ID  STATE     REASON     FEED   SIZE     SINCE                 KEY
      3  rejected  within_6h  dumps  1.23 kB  2023-11-14T22:13:22Z  dumps/b/n/T-1/z.tgz
    ---
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_listed_then_applied_once() {
    let database = TestDatabase::empty().await;
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = landfall(dir.path())
            .env("DATABASE_URL", database.url())
            .arg("migrate")
            .args(args)
            .output()
            .unwrap();
        told(&output, dir.path())
    };
    let planned = run(&["--dry-run"]);
    assert!(planned.contains("would apply 0001 ingest"), "{planned}");
    let applied = run(&[]);
    assert_eq!(applied, planned.replace("would apply", "applied"));
    insta::assert_snapshot!(run(&["--dry-run"]), @r"
    exit 0
    the schema is up to date
    ---
    ");
}
