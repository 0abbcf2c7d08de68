//! Archives of two network elements with every plugin, from the put to the last row.

use landfall_objects::Versioning;
use sqlx::{Connection, PgConnection};

use super::archive::stored;
use super::copy::{self, TABLES};
use crate::cluster::Cluster;
use crate::figure::{Figure, Report, say};
use crate::front_door::flow::{Flow, Flowed};
use crate::machine::{Usage, shares};
use crate::scale::Scale;
use crate::worker::{Body, Keys, Sender};

/// Archives of a run.
pub const ARCHIVES: u32 = 200;

/// Archives to rows, then the rows alone against COPY.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let flow = Flow {
        sender: Sender::Bare,
        connections: 4,
        objects: scale.of(ARCHIVES),
        body: Body::Dump,
        keys: Keys::Dumps,
        versioning: Versioning::Enabled,
        per_second: None,
    };
    let mut runs = Vec::new();
    for number in 0..scale.runs() {
        say(&format!("{} archives with every plugin: run {}", flow.objects, number + 1))?;
        let run = flow.run(cluster).await?;
        check(&run).await?;
        runs.push(run);
    }
    figures(report, &runs)?;
    report.table(&format!("{} archives of two network elements, every plugin", flow.objects))?;
    say("statements that took most of the database's time, last run:")?;
    for line in runs.last().iter().flat_map(|run| &run.costliest) {
        say(&format!("  {line}"))?;
    }
    if let Some(last) = runs.last() {
        copy::run(cluster, scale, report, &last.url).await?;
    }
    Ok(())
}

/// Every dump is complete and every row is there.
async fn check(run: &Flowed) -> anyhow::Result<()> {
    let mut conn = PgConnection::connect(&run.url).await?;
    let complete: i64 =
        sqlx::query_scalar("select count(*) from dump.capture_dump where status = 'COMPLETE'")
            .fetch_one(&mut conn)
            .await?;
    let mut rows = 0;
    for table in TABLES {
        rows += copy::count(&mut conn, table).await?;
    }
    conn.close().await?;
    let expected = (run.objects, run.objects * f64::from(stored()));
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
    let there = (complete as f64, rows as f64);
    anyhow::ensure!(there == expected, "the run does not count: {there:?} dumps and rows, not {expected:?}");
    Ok(())
}

fn figures(report: &mut Report, runs: &[Flowed]) -> anyhow::Result<()> {
    let usages: Vec<Usage> = runs.iter().map(|run| run.usage).collect();
    let of = |value: fn(&Flowed) -> f64| runs.iter().map(value).collect::<Vec<f64>>();
    let figure = Figure::median("put to the last row", "archives/s", of(|run| run.per_second));
    report.add(figure.beside(&usages).limit(shares(&usages)))?;
    let rows = of(|run| run.per_second * f64::from(stored()));
    let told = format!("{} rows an archive", stored());
    report.add(Figure::median("put to the last row", "rows/s", rows).beside(&usages).peer(told))?;
    let cpu = of(|run| 1e3 * (run.usage.own + run.usage.postgres) / run.objects);
    report.add(Figure::median("processor time, ours and Postgres", "ms an archive", cpu).beside(&usages))?;
    let share = of(|run| 100.0 * run.usage.postgres / (run.usage.own + run.usage.postgres));
    report.add(Figure::median("of that in Postgres", "%", share).beside(&usages))?;
    let statements: Vec<f64> =
        runs.iter().filter_map(|run| Some(run.counts.statements? / run.objects)).collect();
    let commits: Vec<f64> = runs.iter().filter_map(|run| Some(run.counts.commits? / run.objects)).collect();
    if !statements.is_empty() {
        report.add(Figure::median("statements", "an archive", statements))?;
        report.add(Figure::median("commits of more than one statement", "an archive", commits))?;
    }
    let transactions = of(|run| run.counts.transactions / run.objects);
    report.add(Figure::median("transactions, single statements included", "an archive", transactions))
}
