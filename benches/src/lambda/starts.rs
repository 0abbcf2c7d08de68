//! Cold starts: to the first request for an event, and to the first message that is committed.

use landfall_domain::{Stage, Trigger};
use landfall_testkit::lambda::{LambdaFunction, LambdaRuntime};
use serde_json::{Value, json};

use super::scene::Scene;
use super::{bare, ms, range};
use crate::figure::{Figure, Goal, Report, say};
use crate::machine::{Meter, Usage, children_seconds};
use crate::scale::Scale;

/// Starts of each function, at full scale and at the quick one.
const RUNS: (u32, u32) = (20, 5);
/// Milliseconds from the start of the process to the first committed message.
const FIRST_MESSAGE: f64 = 250.0;
const FIRST_MESSAGE_STRETCH: f64 = 120.0;

/// The starts of one function, milliseconds.
#[derive(Debug, Default)]
struct Starts {
    to_poll: Vec<f64>,
    to_message: Vec<f64>,
}

/// Starts all functions in turn, so that they meet the same machine.
pub async fn run(scene: &mut Scene<'_>, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let runs = scale.either(RUNS.0, RUNS.1);
    say(&format!("starts of each function: {runs}"))?;
    let mut all: Vec<Starts> = Stage::ALL.iter().map(|_| Starts::default()).collect();
    let mut bare_starts = Vec::new();
    let mut usages = Vec::new();
    // The first round brings the programs into the page cache.
    for round in 0..=runs {
        let (meter, children) = (Meter::start(scene.processes())?, children_seconds());
        let to_bare = start_bare().await?;
        let mut row = Vec::new();
        for stage in Stage::ALL {
            row.push(start(scene, stage).await?);
        }
        let usage = meter.stop()?.with_client(children_seconds() - children);
        if round == 0 {
            continue;
        }
        usages.push(usage);
        bare_starts.push(to_bare);
        for (starts, (to_poll, to_message)) in all.iter_mut().zip(row) {
            starts.to_poll.push(to_poll);
            starts.to_message.push(to_message);
        }
    }
    figures(report, &bare_starts, all, &usages)?;
    report.table("Starts of the functions, process start to ...")
}

async fn start_bare() -> anyhow::Result<f64> {
    let (mut function, to_poll) = started(&bare::function()?).await?;
    let answered = function.invoke(&json!({})).await?;
    anyhow::ensure!(answered.answer.is_ok(), "the bare function failed: {answered:?}");
    function.stop().await?;
    Ok(to_poll)
}

/// One start: to the first request for an event, and to the answer to the first one.
async fn start(scene: &mut Scene<'_>, stage: Stage) -> anyhow::Result<(f64, f64)> {
    let event = scene.event(stage).await?;
    let before = scene.committed(stage).await?;
    let (mut function, to_poll) = started(&scene.function(stage)?).await?;
    let answered = function.invoke(&event).await?;
    let log = function.log();
    function.stop().await?;
    match &answered.answer {
        Ok(answer) if is_handled(answer) => {}
        other => anyhow::bail!("{stage} did not handle its first event: {other:?}\n{log}"),
    }
    let is_committed = before.is_none() || scene.committed(stage).await? > before;
    anyhow::ensure!(is_committed, "{stage} committed nothing\n{log}");
    Ok((to_poll, ms(answered.since_start)))
}

async fn started(function: &LambdaFunction) -> anyhow::Result<(LambdaRuntime, f64)> {
    let mut function = LambdaRuntime::start(function).await?;
    let to_poll = ms(function.ready().await?);
    Ok((function, to_poll))
}

/// Whether no message of a batch is to be given again; a sweep tells something else.
fn is_handled(answer: &Value) -> bool {
    answer.get("batchItemFailures").is_none_or(|failures| *failures == json!([]))
}

fn figures(
    report: &mut Report,
    bare_starts: &[f64],
    all: Vec<Starts>,
    usages: &[Usage],
) -> anyhow::Result<()> {
    let bare = Figure::median("a function that does nothing: first poll", "ms", bare_starts.to_vec());
    report.add(bare.beside(usages).limit(range(bare_starts)))?;
    for (stage, starts) in Stage::ALL.iter().zip(&all) {
        let figure = Figure::median(format!("{stage}: first poll"), "ms", starts.to_poll.clone());
        report.add(figure.beside(usages).limit(range(&starts.to_poll)))?;
    }
    for (stage, starts) in Stage::ALL.iter().zip(all) {
        let is_run = stage.settings().trigger == Trigger::Schedule;
        let what = if is_run { "first run" } else { "first message committed" };
        let note = range(&starts.to_message);
        let figure = Figure::median(format!("{stage}: {what}"), "ms", starts.to_message);
        let figure = figure.goal(Goal::AtMost(FIRST_MESSAGE)).stretch(FIRST_MESSAGE_STRETCH);
        report.add(figure.beside(usages).limit(note))?;
    }
    Ok(())
}
