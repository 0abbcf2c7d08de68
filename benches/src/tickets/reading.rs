//! Dashboards and maps over 200,000 tickets.

use landfall_domain::Dataset;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::files::File;
use super::scene::Scene;
use super::{ROWS, backend};
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::scale::Scale;

/// Files of incidents; change requests have one.
const FILES: u32 = 10;
/// How often a function is asked.
const ASKED: u32 = 15;
/// The present of a run.
const NOW: &str = "select set_config('tickets.now', '2026-06-25T09:40:00+03:00', true)";

const FUNCTIONS: [(&str, &str); 3] = [
    ("fn_inc_dashboard", "reporting.fn_inc_dashboard()"),
    ("fn_tickets_for_map", "reporting.fn_tickets_for_map()"),
    ("fn_inc_dashboard of one cluster", "reporting.fn_inc_dashboard('cluster 7')"),
];

/// Measures with few and with many open tickets.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    for open_in_1000 in [20, 50] {
        let scene = filled(cluster, scale, open_in_1000).await?;
        let mut conn = scene.connect().await?;
        let open: i64 =
            sqlx::query_scalar("select count(*) from tickets.inc where is_open").fetch_one(&mut conn).await?;
        for (name, call) in FUNCTIONS {
            say(&format!("reading: {name}, {open} open"))?;
            asked(&mut conn, (&format!("{name}, {open} open"), call), scale, report).await?;
        }
        conn.close().await?;
        scene.site.stop().await;
    }
    report.table(&format!(
        "Reading: {} incidents, {} change requests",
        scale.of(ROWS) * FILES,
        scale.of(ROWS)
    ))
}

async fn filled(cluster: &Cluster, scale: Scale, open_in_1000: u32) -> anyhow::Result<Scene> {
    say(&format!("reading: {open_in_1000} of 1000 open"))?;
    let (scene, rows) = (Scene::new(cluster).await?, scale.of(ROWS));
    let file =
        |dataset, number| File { dataset, number, rows, first: number * rows, other: None, open_in_1000 };
    let incidents: Vec<File> = (0..FILES).map(|number| file(Dataset::Inc, number)).collect();
    scene.drain(cluster, &incidents).await?;
    scene.drain(cluster, &[file(Dataset::Crq, 0)]).await?;
    scene.execute(&["vacuum analyze tickets.inc", "vacuum analyze tickets.crq", "checkpoint"]).await?;
    Ok(scene)
}

async fn asked(
    conn: &mut PgConnection,
    (name, call): (&str, &str),
    scale: Scale,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut tx = conn.begin().await?;
    sqlx::query(NOW).execute(&mut *tx).await?;
    let statement = format!("select pg_column_size({call})");
    let before = backend::Reading::now(&mut tx).await?;
    let (mut walls, mut sent) = (Vec::new(), Vec::new());
    for _ in 0..ASKED {
        walls.push(1000.0 * backend::took(&mut tx, &statement).await?.wall);
    }
    let cpu = 1000.0 * before.until(backend::Reading::now(&mut tx).await?).cpu / f64::from(ASKED);
    let scans = "select seq_scan from pg_stat_xact_user_tables where relid = 'tickets.inc'::regclass";
    let whole: i64 = sqlx::query_scalar(scans).fetch_one(&mut *tx).await?;
    let is_small = scale.is_quick();
    anyhow::ensure!(is_small || whole == 0, "{name} read the whole table {whole} times instead of an index");
    for _ in 0..5 {
        let begun = std::time::Instant::now();
        let answer: Vec<u8> =
            sqlx::query_scalar(AssertSqlSafe(format!("select convert_to(({call})::text, 'UTF8')")))
                .fetch_one(&mut *tx)
                .await?;
        sent.push((1000.0 * begun.elapsed().as_secs_f64(), answer.len()));
    }
    tx.rollback().await?;
    let with_sending = median(&sent.iter().map(|(ms, _)| *ms).collect::<Vec<_>>());
    let kb = sent.first().map_or(0, |(_, bytes)| bytes / 1000);
    let told = format!("processor {cpu:.0} ms; {with_sending:.0} ms until a client has its {kb} kB");
    let figure = Figure::median(format!("{name}, p50"), "ms", walls).goal(Goal::AtMost(250.0));
    report.add(if whole == 0 { figure.peer(told).limit("by indexes alone") } else { figure.peer(told) })
}
