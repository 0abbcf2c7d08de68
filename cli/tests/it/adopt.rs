//! `landfall dumps adopt`: the state of another system, from files and from a database (specs: dumps 10).

use std::path::Path;
use std::process::Output;

use landfall_domain::Sha256Digest;
use landfall_local::sample::fixtures::{example_two_nodes, origin_a};
use landfall_testkit::TestStage;
use landfall_testkit::database::TestDatabase;
use sqlx::{AssertSqlSafe, PgPool};

use super::command::{json, landfall, told};

/// Digests of two archives, one of them a real one.
fn digests() -> [String; 2] {
    [Sha256Digest::of(&example_two_nodes().bytes), Sha256Digest::of(&origin_a().bytes)].map(|d| d.to_string())
}

/// All five files, with columns in other orders than those of the tables.
fn export(dir: &Path) {
    let [two, a] = digests();
    let other = "c".repeat(64);
    write(dir, "customers", "name,customer_key,aliases,country\nAcme Oy,acme,Acme Group;ac,fi\nGlobex,,,\n");
    write(dir, "networks", "network_key,customer_key\nCore,acme\ncore,globex\n");
    write(
        dir,
        "network_elements",
        "customer_key,network_key,ne_key,ne_type,router_id,mgmt_ip,mgmt_ip_source,version\n\
         acme,core,name:hel-core-01,1830 PSS-32,10.20.0.1,172.20.10.1,reported,R 14.1-2\n\
         acme,core,rid:10.20.0.2,,10.20.0.2,-,none,\n",
    );
    write(
        dir,
        "archives",
        &format!(
            "sha256,customer_key,network_key,capture_ts,capture_precision,origin,snapshot_seq,nes\n\
             {a},acme,core,2025-02-02 22:00:00,second,night,,\n\
             {two},acme,core,2025-02-02T03:15:00Z,second,night,,HEL-CORE-01;TMP-AGG-02\n\
             {other},acme,core,2025-02-02T12:00:00Z,minute,noon,7,\"HEL-CORE-01\"\n"
        ),
    );
    write(dir, "links", &format!("ticket,sha256,hc_id\nchg-1,{two},HC-007\nCHG-1,{a},\nCHG-2,{other},\n"));
}

fn write(dir: &Path, table: &str, content: &str) {
    std::fs::write(dir.join(format!("{table}.csv")), content).unwrap();
}

/// Runs the command on a database.
fn adopt(url: &str, dir: &Path, from: &str, args: &[&str]) -> Output {
    let args = [&["dumps", "adopt", "--from", from], args].concat();
    landfall(dir).env("DATABASE_URL", url).args(args).output().unwrap()
}

/// A folder with an export, and a database.
struct Scene {
    database: TestDatabase,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let scene = Self { database: TestDatabase::create().await, dir: tempfile::tempdir().unwrap() };
        export(scene.dir.path());
        scene
    }

    fn run(&self, args: &[&str]) -> Output {
        adopt(self.database.url(), self.dir.path(), ".", args)
    }

    fn told(&self, args: &[&str]) -> String {
        told(&self.run(args), self.dir.path())
    }

    fn write(&self, table: &str, content: &str) {
        write(self.dir.path(), table, content);
    }
}

/// All that a run writes but the audit, without ids and times.
async fn stored(pool: &PgPool) -> String {
    let rows: Vec<String> = sqlx::query_scalar(
        "select concat_ws(' ', 'customer', customer_key, name, country, region, active) from dump.customer
         union all select concat_ws(' ', 'alias', alias, customer_key)
            from dump.customer_alias join dump.customer using (customer_id)
         union all select concat_ws(' ', 'network', customer_key, network_key)
            from dump.network join dump.customer using (customer_id)
         union all select concat_ws(' ', 'ne', ne_key, ne_name, ne_type, router_id, mgmt_ip, mgmt_ip_source, version)
            from dump.network_element
         union all select concat_ws(' ', 'dump', left(encode(d.sha256, 'hex'), 4), customer_key, network_key,
            d.capture_ts at time zone 'UTC', d.capture_precision, d.origin, 'seq', d.snapshot_seq, d.status, l.adopted,
            l.status, l.open_units, (select array_agg(plan_ne order by plan_ne) from dump.dump_node n
                where n.load_id = d.load_id))
            from dump.capture_dump d join dump.load l using (load_id)
            join dump.customer using (customer_id) join dump.network using (network_id)
         union all select concat_ws(' ', 'digest', left(encode(sha256, 'hex'), 4)) from dump.archive_sha256
         union all select concat_ws(' ', 'link', left(encode(sha256, 'hex'), 4), ticket, nullif(hc_id, ''))
            from dump.dump_link join dump.capture_dump using (dump_id)
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.join("\n")
}

async fn audits(pool: &PgPool) -> i64 {
    let sql = "select count(*) from dump.audit_event where kind = 'adopted'";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn what_the_other_system_knew_is_taken_over_once() {
    let scene = Scene::new().await;
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 0
     TABLE             INSERT  SAME  CONFLICT
     customers              2     0         0
     networks               2     0         0
     network_elements       2     0         0
     archives               3     0         0
     links                  3     0         0

    all is taken over
    ---
    ");
    let first = stored(scene.database.pool()).await;
    insta::assert_snapshot!(first, @"
    alias ac acme
    alias acme group acme
    customer acme Acme Oy FI t
    customer globex Globex t
    digest 75f9
    digest 77b4
    digest cccc
    dump 75f9 acme core 2025-02-02 03:15:00 second night seq 8 COMPLETE t COMPLETE 0 {HEL-CORE-01,TMP-AGG-02}
    dump 77b4 acme core 2025-02-02 22:00:00 second night seq 9 COMPLETE t COMPLETE 0 {UNKNOWN}
    dump cccc acme core 2025-02-02 12:00:00 minute noon seq 7 COMPLETE t COMPLETE 0 {HEL-CORE-01}
    link 75f9 CHG-1 HC-7
    link 77b4 CHG-1
    link cccc CHG-2
    ne name:HEL-CORE-01 HEL-CORE-01 1830 PSS-32 10.20.0.1 172.20.10.1 reported 14.1-2
    ne rid:10.20.0.2 10.20.0.2 none
    network acme core
    network globex core
    ");
    let again = json(&scene.run(&["--json"]));
    for table in again["tables"].as_object().unwrap().values() {
        assert_eq!((&table["insert"], &table["conflict"]), (&0.into(), &0.into()), "{again}");
    }
    assert_eq!(stored(scene.database.pool()).await, first);
    assert_eq!(audits(scene.database.pool()).await, 2);
    let digest: String = sqlx::query_scalar(
        "select detail->'source'->'sha256'->>'links' from dump.audit_event order by audit_id limit 1",
    )
    .fetch_one(scene.database.pool())
    .await
    .unwrap();
    let file = std::fs::read(scene.dir.path().join("links.csv")).unwrap();
    assert_eq!(digest, Sha256Digest::of(&file).to_string());
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    let scene = Scene::new().await;
    let planned = json(&scene.run(&["--dry-run", "--json"]));
    assert_eq!(stored(scene.database.pool()).await, "");
    assert_eq!(audits(scene.database.pool()).await, 0);
    let done = json(&scene.run(&["--json"]));
    assert_eq!((&planned["written"], &done["written"]), (&false.into(), &true.into()));
    for same in ["tables", "conflicts", "sha256", "from"] {
        assert_eq!(planned[same], done[same], "{same}");
    }
}

#[tokio::test]
async fn with_conflicts_nothing_is_written_and_all_are_told() {
    let scene = Scene::new().await;
    assert!(scene.run(&[]).status.success());
    let before = stored(scene.database.pool()).await;
    let [two, a] = digests();
    scene.write(
        "customers",
        "customer_key,name,country,aliases\nacme,Acme Ab,se,\nnew,New,FIN,\nbeta,Beta,,AC\n",
    );
    scene.write("networks", "customer_key,network_key\nnobody,core\nnew,core\nacme,edge\n");
    scene.write(
        "network_elements",
        "customer_key,network_key,ne_key,router_id\nacme,core,name:hel-core-01,10.20.0.3\n\
         acme,edge,name:x,10.20.0.2\nacme,core,name:y,10.20.0.2\nacme,metro,name:z,\n",
    );
    scene.write(
        "archives",
        &format!(
            "sha256,customer_key,network_key,capture_ts,origin,snapshot_seq\n{two},globex,core,2025-02-02T03:15:00Z,night,\n\
             {},acme,core,2025-02-02T12:00:00Z,noon,7\nzz,acme,core,2025-02-02T12:00:00Z,noon,\n",
            "d".repeat(64)
        ),
    );
    scene.write(
        "links",
        &format!("sha256,ticket,hc_id\n{a},x,\n{},CHG-1,\n{},CHG-1,\n", "d".repeat(64), "e".repeat(64)),
    );
    let told = scene.told(&[]).replace(&two, "TWO").replace(&a, "A");
    insta::assert_snapshot!(told, @r#"
    exit 3
     TABLE             INSERT  SAME  CONFLICT
     customers              0     0         3
     networks               2     0         1
     network_elements       1     0         3
     archives               0     0         3
     links                  1     0         2

    Conflicts
     FILE                  ROW  COLUMN        GIVEN                                                             STORED         PROBLEM
     customers.csv           2  name          Acme Ab                                                           Acme Oy        another value is stored
     customers.csv           2  country       SE                                                                FI             another value is stored
     customers.csv           3  country       FIN                                                                              "FIN" is not a country: two letters
     customers.csv           4  aliases       ac                                                                acme           held by another row
     networks.csv            2  customer_key  nobody                                                                           neither in customers nor stored
     network_elements.csv    2  router_id     10.20.0.3                                                         10.20.0.1      another value is stored
     network_elements.csv    4  router_id     10.20.0.2                                                         rid:10.20.0.2  held by another row
     network_elements.csv    5  network_key   metro                                                                            neither in networks nor stored
     archives.csv            2  customer_key  globex                                                            acme           another value is stored
     archives.csv            3  snapshot_seq  7                                                                 dump 1         held by another row
     archives.csv            4  sha256        zz                                                                               not a sha-256 digest: expected 64 hexadecimal digits or 32 bytes, got 2 bytes
     links.csv               2  ticket        x                                                                                "x" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit
     links.csv               4  sha256        eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee                 neither in archives nor stored

    nothing is written: 13 conflicts
    ---
    "#);
    assert_eq!(stored(scene.database.pool()).await, before);
    assert_eq!(audits(scene.database.pool()).await, 1);
    let document = json(&scene.run(&["--json"]));
    assert_eq!((&document["written"], document["conflicts"].as_array().unwrap().len()), (&false.into(), 13));
}

#[test]
fn an_input_that_is_none_is_a_bad_argument() {
    let dir = tempfile::tempdir().unwrap();
    let run = |from: &str| told(&adopt("postgres://u@127.0.0.1:9/d", dir.path(), from, &[]), dir.path());
    insta::assert_snapshot!(run("nowhere"), @"
    exit 2
    ---
    error: cannot read nowhere: No such file or directory (os error 2)
    ");
    write(dir.path(), "archive", "");
    insta::assert_snapshot!(run("."), @"
    exit 2
    ---
    error: ./archive.csv is none of the files that are taken over
    they are customers.csv, networks.csv, network_elements.csv, archives.csv, links.csv
    ");
}

#[tokio::test]
async fn columns_that_are_not_those_of_the_table_are_refused() {
    let scene = Scene::new().await;
    scene.write("links", "sha256,ticket,hc\n");
    insta::assert_snapshot!(scene.told(&[]), @r#"
    exit 2
    ---
    error: cannot take over ./links.csv: links has no column "hc"; its columns are sha256, ticket, hc_id
    "#);
    scene.write("links", "");
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 2
    ---
    error: cannot take over ./links.csv: links needs a column sha256
    ");
    assert_eq!(stored(scene.database.pool()).await, "");
    let empty = tempfile::tempdir().unwrap();
    let output = adopt(scene.database.url(), empty.path(), ".", &[]);
    insta::assert_snapshot!(told(&output, empty.path()), @"
    exit 2
    ---
    error: . has none of customers.csv, networks.csv, network_elements.csv, archives.csv, links.csv
    ");
}

/// Tables over the other system's own types, as an operator would make them.
async fn old_database() -> TestDatabase {
    let old = TestDatabase::empty().await;
    let [two, a] = digests();
    let other = "c".repeat(64);
    let sql = format!(
        "create table customers (name text, customer_key varchar(40), aliases text[], country char(2));
         insert into customers values ('Acme Oy', 'acme', '{{Acme Group,ac}}', 'fi'), ('Globex', null, null, null);
         create table networks (network_key text, customer_key text);
         insert into networks values ('Core', 'acme'), ('core', 'globex');
         create view network_elements as select 'acme' as customer_key, 'core' as network_key, * from (values
            ('name:hel-core-01', '1830 PSS-32', '10.20.0.1'::inet, '172.20.10.1', 'reported', 'R 14.1-2'),
            ('rid:10.20.0.2', null, '10.20.0.2'::inet, '-', 'none', null))
            as t(ne_key, ne_type, router_id, mgmt_ip, mgmt_ip_source, version);
         create table archives (sha256 bytea, customer_key text, network_key text, capture_ts timestamptz,
            capture_precision text, origin text, snapshot_seq integer, nes text[]);
         set timezone = 'Asia/Tokyo';
         insert into archives values
            ('\\x{a}', 'acme', 'core', '2025-02-02 22:00:00Z', 'second', 'night', null, null),
            ('\\x{two}', 'acme', 'core', '2025-02-02 03:15:00Z', 'second', 'night', null, '{{HEL-CORE-01,TMP-AGG-02}}'),
            ('\\x{other}', 'acme', 'core', '2025-02-02 12:00:00Z', 'minute', 'noon', 7, '{{HEL-CORE-01}}');
         create view links as select t.* from (values ('chg-1', '{two}', 'HC-007'), ('CHG-1', '{a}', null),
            ('CHG-2', '{other}', '')) as t(ticket, sha256, hc_id);"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(old.pool()).await.unwrap();
    old
}

#[tokio::test]
async fn tables_and_views_of_a_database_give_what_files_give() {
    let (files, tables) = (Scene::new().await, Scene::new().await);
    let old = old_database().await;
    assert!(files.run(&[]).status.success());
    let output = adopt(tables.database.url(), tables.dir.path(), old.url(), &["--json"]);
    let document = json(&output);
    assert_eq!(document["written"], true, "{document}");
    assert_eq!(stored(tables.database.pool()).await, stored(files.database.pool()).await);
    let again = json(&adopt(tables.database.url(), tables.dir.path(), old.url(), &["--json"]));
    assert_eq!(again["sha256"], document["sha256"]);
    assert_eq!(again["tables"]["archives"], serde_json::json!({ "insert": 0, "same": 3, "conflict": 0 }));
    let mixed = json(&files.run(&["--json"]));
    assert_eq!(mixed["tables"], again["tables"], "what came from a database is the same for files");
    sqlx::query("alter table networks add remark text").execute(old.pool()).await.unwrap();
    let refused = adopt(tables.database.url(), tables.dir.path(), old.url(), &[]);
    insta::assert_snapshot!(told(&refused, tables.dir.path()), @r#"
    exit 2
    ---
    error: cannot take over networks: networks has no column "remark"; its columns are customer_key, network_key
    "#);
}

#[tokio::test]
async fn an_archive_that_was_taken_over_is_a_duplicate_when_it_is_uploaded_and_linked_for_another_ticket() {
    let stage = TestStage::start().await;
    let dir = tempfile::tempdir().unwrap();
    export(dir.path());
    let output = adopt(stage.database_url(), dir.path(), ".", &[]);
    assert!(output.status.success(), "{}", told(&output, dir.path()));
    let fixture = example_two_nodes();
    let land = async |folder: &str| {
        let key = format!("dumps/{folder}/{}", fixture.file_name);
        let id = stage.land(&key, &[("hc-id", "HC-7")], fixture.bytes.clone()).await;
        stage.plan().await;
        id
    };
    let again = land("acme/core/CHG-1").await;
    assert_eq!(stage.state(again).await, "duplicate duplicate");
    let dump = "select 'same content as dump ' || dump_id from dump.dump_link where ticket = 'CHG-1' and hc_id <> ''";
    assert_eq!(
        stage.reason_text(again).await,
        stage.texts(dump).await[0],
        "the dump is named: there is no object"
    );
    let linked = land("acme group/core/CHG-9").await;
    assert_eq!(stage.state(linked).await, "done linked");
    let other = land("globex/core/CHG-1").await;
    assert_eq!(stage.state(other).await, "rejected sha_customer_conflict");
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 3);
    assert_eq!(stage.count("select count(*) from dump.plugin_ledger").await, 0);
    let links = "select ticket || ' ' || hc_id from dump.dump_link join dump.archive_sha256 using (dump_id)
        where sha256 = (select content_sha256 from ingest.object limit 1) order by 1";
    assert_eq!(stage.texts(links).await, ["CHG-1 HC-7", "CHG-9 HC-7"]);
}

#[tokio::test]
async fn a_new_dump_beside_adopted_ones_is_judged_against_them() {
    let stage = TestStage::start().await;
    let dir = tempfile::tempdir().unwrap();
    let row = format!("{},acme,core,2025-02-02T03:00:00Z,night,HEL-CORE-01", "c".repeat(64));
    write(dir.path(), "customers", "customer_key,name\nacme,Acme\n");
    write(dir.path(), "networks", "customer_key,network_key\nacme,core\n");
    write(dir.path(), "archives", &format!("sha256,customer_key,network_key,capture_ts,origin,nes\n{row}\n"));
    assert!(adopt(stage.database_url(), dir.path(), ".", &[]).status.success());
    let fixture = example_two_nodes();
    let land = async |time: &str, origin: &str| {
        let meta = [("origin", origin), ("capture-ts", time)];
        let key = format!("dumps/acme/core/CHG-1/{origin}_{}", fixture.file_name);
        let id = stage.land(&key, &meta, fixture.bytes.clone()).await;
        stage.plan().await;
        stage.state(id).await
    };
    assert_eq!(land("2025-02-02T08:59:59Z", "night").await, "rejected within_6h");
    assert_eq!(land("2025-02-02T09:00:00Z", "night").await, "dispatched plan-archive");
    let numbers = "select snapshot_seq::text from dump.capture_dump order by dump_id";
    assert_eq!(stage.texts(numbers).await, ["1", "2"]);
}
