//! The rows alone: the platform's inserts against COPY of the same rows.

use std::time::Instant;

use anyhow::Context;
use landfall_domain::LoadId;
use landfall_dumps::plugins::{ParseContext, Registry};
use landfall_dumps::records::Record;
use landfall_store::dump::store_records;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::archive::{ROWS, places, texts_of};
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{Meter, Usage, shares};
use crate::scale::Scale;

/// The record tables, each behind those it refers to.
pub const TABLES: [&str; 10] = [
    "lsp_entry",
    "alarm_state_entry",
    "dpr_entry",
    "nea_trace",
    "nea_bucket_count",
    "ma_notif_bucket_count",
    "three_r_group",
    "three_r_link",
    "dpr_link",
    "dpr_router_map",
];
/// The schema of the copies that refer to nothing.
const BARE: &str = "bench_bare";

/// One way of filling the tables.
struct Filled {
    seconds: f64,
    usage: Usage,
}

/// A load's element: which of the two of its dump it is.
struct Owner {
    load_id: i64,
    ne_id: i64,
    element: usize,
}

/// What each of the two elements of a dump has, by plugin.
type Files = [Vec<File>; 2];

/// The records of a file, with its plugin and its chain path.
type File = (&'static str, String, Vec<Record>);

/// Compares the two on the rows that a run left in a database.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report, url: &str) -> anyhow::Result<()> {
    let mut conn = PgConnection::connect(url).await?;
    let mut rows = 0;
    let mut bodies = Vec::new();
    for table in TABLES {
        rows += count(&mut conn, table).await?;
        bodies.push((table, copied_out(&mut conn, table).await?));
    }
    bare_copies(&mut conn).await?;
    let owners = owners(&mut conn).await?;
    let files = [files(0)?, files(1)?];
    let (mut inserts, mut copies, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..scale.runs() {
        say(&format!("rows alone: run {}", number + 1))?;
        emptied(cluster, &mut conn, "dump").await?;
        inserts.push(inserted(cluster, &mut conn, &owners, &files).await?);
        complete(&mut conn, "dump", rows).await?;
        emptied(cluster, &mut conn, "dump").await?;
        copies.push(copied_in(cluster, &mut conn, "dump", &bodies).await?);
        complete(&mut conn, "dump", rows).await?;
        emptied(cluster, &mut conn, BARE).await?;
        bare.push(copied_in(cluster, &mut conn, BARE, &bodies).await?);
        complete(&mut conn, BARE, rows).await?;
    }
    conn.close().await?;
    figures(report, number(rows), (&inserts, &copies, &bare))
}

fn figures(
    report: &mut Report,
    rows: f64,
    (inserts, copies, bare): (&[Filled], &[Filled], &[Filled]),
) -> anyhow::Result<()> {
    let ways = [
        ("the platform's inserts", inserts),
        ("COPY into the same tables", copies),
        ("COPY into copies without foreign keys", bare),
    ];
    for (name, runs) in ways {
        let usages: Vec<Usage> = runs.iter().map(|run| run.usage).collect();
        let speeds = runs.iter().map(|run| rows / run.seconds).collect();
        report.add(Figure::median(name, "rows/s", speeds).beside(&usages).limit(shares(&usages)))?;
    }
    let usages: Vec<Usage> = inserts.iter().map(|run| run.usage).collect();
    let against = |peers: &[Filled], of: fn(&Filled) -> f64| {
        inserts.iter().zip(peers).map(|(run, peer)| of(peer) / of(run)).collect::<Vec<f64>>()
    };
    let clock = against(copies, |run| run.seconds);
    let told = format!(
        "by processor time {:.2}",
        median(&against(copies, |run| run.usage.own + run.usage.postgres))
    );
    let figure = Figure::median("speed of the inserts, COPY into the same tables is 1", "times", clock);
    report.add(figure.beside(&usages).goal(Goal::AtLeast(0.5)).peer(told))?;
    let clock = against(bare, |run| run.seconds);
    let figure = Figure::median("speed of the inserts, COPY without foreign keys is 1", "times", clock);
    report.add(figure.beside(&usages).goal(Goal::AtLeast(0.5)))?;
    report.table(&format!("The rows alone: {rows:.0} rows of ten tables, one connection, one transaction"))
}

/// Rows of a record table.
pub async fn count(conn: &mut PgConnection, table: &str) -> anyhow::Result<i64> {
    count_in(conn, "dump", table).await
}

async fn count_in(conn: &mut PgConnection, schema: &str, table: &str) -> anyhow::Result<i64> {
    let select = format!("select count(*) from {schema}.{table}");
    Ok(sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(conn).await?)
}

async fn complete(conn: &mut PgConnection, schema: &str, rows: i64) -> anyhow::Result<()> {
    let mut there = 0;
    for table in TABLES {
        there += count_in(conn, schema, table).await?;
    }
    anyhow::ensure!(there == rows, "the run does not count: {there} rows of {rows} in {schema}");
    Ok(())
}

async fn copied_out(conn: &mut PgConnection, table: &str) -> anyhow::Result<Vec<u8>> {
    use futures::TryStreamExt as _;

    let mut body = Vec::new();
    let mut stream = conn.copy_out_raw(&format!("copy dump.{table} to stdout")).await?;
    while let Some(block) = stream.try_next().await? {
        body.extend_from_slice(&block);
    }
    Ok(body)
}

/// Tables with the same columns, checks and indexes; foreign keys are not among what is copied.
async fn bare_copies(conn: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query(AssertSqlSafe(format!("create schema {BARE}"))).execute(&mut *conn).await?;
    for table in TABLES {
        let create = format!("create table {BARE}.{table} (like dump.{table} including all)");
        sqlx::query(AssertSqlSafe(create)).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn emptied(cluster: &Cluster, conn: &mut PgConnection, schema: &str) -> anyhow::Result<()> {
    let tables = TABLES.map(|table| format!("{schema}.{table}")).join(", ");
    sqlx::query(AssertSqlSafe(format!("truncate {tables}"))).execute(conn).await?;
    cluster.checkpoint().await
}

async fn copied_in(
    cluster: &Cluster,
    conn: &mut PgConnection,
    schema: &str,
    bodies: &[(&str, Vec<u8>)],
) -> anyhow::Result<Filled> {
    let (meter, begun) = (Meter::start(cluster.processes())?, Instant::now());
    let mut tx = conn.begin().await?;
    for (table, body) in bodies {
        let mut copy = tx.copy_in_raw(&format!("copy {schema}.{table} from stdin")).await?;
        copy.send(body.as_slice()).await?;
        copy.finish().await?;
    }
    tx.commit().await?;
    Ok(Filled { seconds: begun.elapsed().as_secs_f64(), usage: meter.stop()? })
}

/// The statements that parse-member uses, a network element and plugin at a time.
async fn inserted(
    cluster: &Cluster,
    conn: &mut PgConnection,
    owners: &[Owner],
    files: &Files,
) -> anyhow::Result<Filled> {
    let (meter, begun) = (Meter::start(cluster.processes())?, Instant::now());
    let mut tx = conn.begin().await?;
    for owner in owners {
        for (plugin, chain_path, records) in files.get(owner.element).context("a dump has two elements")? {
            let place = (LoadId(owner.load_id), owner.ne_id, *plugin);
            store_records(&mut tx, place, chain_path, records).await?;
        }
    }
    tx.commit().await?;
    Ok(Filled { seconds: begun.elapsed().as_secs_f64(), usage: meter.stop()? })
}

async fn owners(conn: &mut PgConnection) -> anyhow::Result<Vec<Owner>> {
    let select = "select load_id, ne_id, ne_key like '%AGG%' from dump.dump_node order by load_id, ne_id";
    let rows: Vec<(i64, i64, bool)> = sqlx::query_as(select).fetch_all(conn).await?;
    let owner = |(load_id, ne_id, second)| Owner { load_id, ne_id, element: usize::from(second) };
    Ok(rows.into_iter().map(owner).collect())
}

/// What the plugins find in the files of an element.
fn files(element: usize) -> anyhow::Result<Vec<File>> {
    let registry = Registry::production()?;
    let [first, second] = places(0);
    let place = if element == 0 { first } else { second };
    let mut files = Vec::new();
    for text in texts_of(element).filter(|text| text.plugin != "node") {
        let basename = text.path.rsplit('/').next().unwrap_or_default().to_owned();
        let context = ParseContext { basename, ..ParseContext::default() };
        let plugin = registry.plugin(text.plugin).context("a text without its plugin")?;
        let parsed = plugin.parse(&text.render(&place, ROWS)?, &context);
        let chain_path = format!("GMRE_DUMP_NET_20250118-031500.tgz!/{}!/{}", place.ne, text.path);
        files.push((text.plugin, chain_path, parsed.records));
    }
    Ok(files)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}
