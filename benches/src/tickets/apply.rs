//! From the stage to the table: `landfall_store::tickets::apply` beside the same statements by psql, and one upsert.

use std::process::Stdio;

use anyhow::Context;
use landfall_domain::Dataset;
use landfall_store::{Store, tickets};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use uuid::Uuid;

use super::backend::{READING, Reading, Took};
use super::files::File;
use super::scene::Scene;
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::scale::Scale;
use crate::worker::TicketsTask;

const DEDUPE: &str = include_str!("../../../shared/store/src/tickets/apply_dedupe.sql");
const UPDATE: &str = include_str!("../../../shared/store/src/tickets/apply_update.sql");
const INSERT: &str = include_str!("../../../shared/store/src/tickets/apply_insert.sql");
/// The other way: one statement, places by the trigger, row by row.
const UPSERT: &str = include_str!("../../tickets/upsert.sql");

/// Rows that are applied, half of them of stored tickets.
const ROWS: u32 = 100_000;

/// All ways in one round.
struct Round {
    ours: Took,
    psql: Option<Took>,
    upsert: Option<Took>,
}

/// Measures each way on the same stage and table; each is rolled back.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let rows = scale.of(ROWS);
    let (scene, run) = staged(cluster, rows).await?;
    let has_psql = Command::new("psql").arg("--version").stdout(Stdio::null()).status().await.is_ok();
    if !has_psql {
        say("apply: there is no psql here: the rows beside it are left out")?;
    }
    let mut rounds = Vec::new();
    for number in 0..scale.runs() {
        say(&format!("apply: run {}", number + 1))?;
        let ours = ours(&scene, run).await?;
        let (mut psql, mut upsert) = (None, None);
        if has_psql {
            psql = Some(by_psql(&scene, &apart(run)).await?);
            upsert = Some(by_psql(&scene, &with_run(UPSERT, run)).await?);
        }
        rounds.push(Round { ours, psql, upsert });
    }
    scene.site.stop().await;
    figures(report, f64::from(rows), &rounds)
}

/// A table with as many tickets as rows in the stage; half of those are stored.
async fn staged(cluster: &Cluster, rows: u32) -> anyhow::Result<(Scene, Uuid)> {
    let scene = Scene::new(cluster).await?;
    let file =
        |number, first| File { dataset: Dataset::Inc, number, rows, first, other: None, open_in_1000: 100 };
    scene.drain(cluster, &[file(0, 0)]).await?;
    let (changed, run) = (file(1, rows / 2), Uuid::now_v7());
    scene.put(&[changed]).await?;
    scene.run(cluster, TicketsTask::Stage(run, vec![changed.key()])).await?;
    scene.execute(&["vacuum analyze tickets.inc"]).await?;
    Ok((scene, run))
}

async fn ours(scene: &Scene, run: Uuid) -> anyhow::Result<Took> {
    let store = Store::connect(&scene.url, 1)?;
    let mut tx = store.begin().await?;
    let before = Reading::now(&mut tx).await?;
    let applied = tickets::apply(&mut tx, "inc", run, "k", false).await?;
    let took = before.until(Reading::now(&mut tx).await?);
    tx.rollback().await?;
    store.pool().close().await;
    anyhow::ensure!(applied.inserted == applied.updated, "the run does not count: {applied:?}");
    cleaned(scene).await?;
    Ok(took)
}

/// What `apply` runs.
fn apart(run: Uuid) -> String {
    let parts = [DEDUPE, UPDATE, INSERT].map(|part| format!("{};\n", with_run(part, run)));
    format!("select set_config('tickets.places', 'given', true) \\g /dev/null\n{}", parts.concat())
}

/// A statement of the store with its arguments written into it.
fn with_run(statement: &str, run: Uuid) -> String {
    statement
        .replace("{table}", "tickets.inc")
        .replace("$1", &format!("'{run}'::uuid"))
        .replace("$2", "'k'")
        .replace("$3", "false")
}

async fn by_psql(scene: &Scene, statements: &str) -> anyhow::Result<Took> {
    let script = format!("begin;\n{READING};\n{statements};\n{READING};\nrollback;\n");
    let mut psql = Command::new("psql");
    // Not an argument: it holds a password.
    psql.env("PGDATABASE", &scene.database).envs(of_url(&scene.url)?);
    psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
    let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut input = child.stdin.take().context("psql without input")?;
    input.write_all(script.as_bytes()).await?;
    drop(input);
    let output = child.wait_with_output().await?;
    anyhow::ensure!(output.status.success(), "psql ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines();
    let (first, last) = (lines.next().context("psql is silent")?, lines.last().context("psql ended early")?);
    cleaned(scene).await?;
    Ok(Reading::of_line(first)?.until(Reading::of_line(last)?))
}

/// The parts of a URL as libpq takes them from the environment.
fn of_url(url: &str) -> anyhow::Result<[(&'static str, String); 4]> {
    let parts = || {
        let (user, rest) = url.split_once("://")?.1.split_once(':')?;
        let (password, rest) = rest.split_once('@')?;
        let (host, rest) = rest.split_once(':')?;
        Some((user, password, host, rest.split_once('/')?.0))
    };
    let (user, password, host, port) = parts().context("the bench's own URL does not read")?;
    Ok([
        ("PGUSER", user.to_owned()),
        ("PGPASSWORD", password.to_owned()),
        ("PGHOST", host.to_owned()),
        ("PGPORT", port.to_owned()),
    ])
}

/// What was rolled back leaves the table, so that the next way finds it as the first one did.
async fn cleaned(scene: &Scene) -> anyhow::Result<()> {
    scene.execute(&["vacuum tickets.inc", "vacuum tickets.stage", "checkpoint"]).await
}

fn figures(report: &mut Report, rows: f64, rounds: &[Round]) -> anyhow::Result<()> {
    let all = |of: fn(&Round) -> Option<Took>| rounds.iter().filter_map(of).collect::<Vec<Took>>();
    let ways = [
        ("the drain's apply", all(|round| Some(round.ours))),
        ("the same statements by psql", all(|round| round.psql)),
        ("one upsert by psql, places by the trigger", all(|round| round.upsert)),
    ];
    for (name, took) in ways.iter().filter(|(_, took)| !took.is_empty()) {
        let cpu = 1e6 * median(&took.iter().map(|one| one.cpu).collect::<Vec<_>>()) / rows;
        let speeds = took.iter().map(|one| rows / one.wall).collect();
        let told = format!("{cpu:.0} us of the backend's processor time a row");
        report.add(Figure::median(*name, "rows/s", speeds).peer(told))?;
    }
    let pairs: Vec<(Took, Took)> =
        rounds.iter().filter_map(|round| Some((round.ours, round.psql?))).collect();
    if !pairs.is_empty() {
        let cpu = pairs.iter().map(|(ours, psql)| psql.cpu / ours.cpu).collect();
        let wall = median(&pairs.iter().map(|(ours, psql)| psql.wall / ours.wall).collect::<Vec<_>>());
        let figure = Figure::median("speed of the apply, psql's is 1", "times", cpu).goal(Goal::AtLeast(0.9));
        report.add(figure.peer(format!("by processor time; by the clock {wall:.2}")))?;
    }
    report.table(&format!("From the stage to the table: {rows:.0} rows, half of them stored before"))
}
