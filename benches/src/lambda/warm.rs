//! What a warm function adds to the round trip of an event: batches without messages.

use landfall_domain::Stage;
use landfall_testkit::lambda::LambdaRuntime;

use super::scene::Scene;
use super::{bare, ms};
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{Meter, Usage, children_seconds};
use crate::scale::Scale;

/// Events for each function.
const EVENTS: u32 = 2_000;
/// Of those the first, which are not counted: connections are made, and what is lazy.
const WARM_UP: u32 = 50;
/// Milliseconds that an empty batch may take beyond the round trip of a function that does nothing.
const OVERHEAD: f64 = 1.0;

/// A warm process.
struct Warm {
    /// None for the bare one.
    stage: Option<Stage>,
    function: LambdaRuntime,
    round_trips: Vec<f64>,
}

/// Gives events to all functions in turn.
pub async fn run(scene: &Scene<'_>, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let events = scale.of(EVENTS);
    say(&format!("warm batches without messages: {events} for each function"))?;
    let bare = LambdaRuntime::start(&bare::function()?).await?;
    let mut all = vec![Warm { stage: None, function: bare, round_trips: Vec::new() }];
    for stage in Stage::ALL {
        let function = LambdaRuntime::start(&scene.function(stage)?).await?;
        all.push(Warm { stage: Some(stage), function, round_trips: Vec::new() });
    }
    let (meter, children) = (Meter::start(scene.processes())?, children_seconds());
    for number in 0..events + WARM_UP {
        for warm in &mut all {
            let took = round_trip(warm).await?;
            if number >= WARM_UP {
                warm.round_trips.push(took);
            }
        }
    }
    let mut measured = Vec::new();
    for warm in all {
        warm.function.stop().await?;
        measured.push((warm.stage, median(&warm.round_trips)));
    }
    figures(report, &measured, meter.stop()?.with_client(children_seconds() - children))?;
    report.table("Warm functions, an event with nothing to do")
}

async fn round_trip(warm: &mut Warm) -> anyhow::Result<f64> {
    let event = Scene::idle_event(warm.stage.unwrap_or(Stage::ReceiveObject));
    warm.function.ready().await?;
    let answered = warm.function.invoke(&event).await?;
    anyhow::ensure!(answered.answer.is_ok(), "{:?} failed: {answered:?}", warm.stage);
    Ok(ms(answered.took))
}

fn figures(report: &mut Report, measured: &[(Option<Stage>, f64)], usage: Usage) -> anyhow::Result<()> {
    let bare = measured.iter().find(|(stage, _)| stage.is_none()).map_or(f64::NAN, |(_, took)| *took);
    let figure = Figure::new("a function that does nothing: round trip", "ms", bare);
    report.add(figure.beside(&[usage]).limit("the runtime API and its library"))?;
    for (stage, took) in measured {
        let Some(stage) = stage else { continue };
        let beyond = took - bare;
        let note = format!("round trip {took:.2} ms");
        let figure = if stage.settings().trigger.has_schedule() {
            Figure::new(format!("{stage}: a run with nothing to do, beyond that"), "ms", beyond)
        } else {
            Figure::new(format!("{stage}: an empty batch, beyond that"), "ms", beyond)
                .goal(Goal::AtMost(OVERHEAD))
        };
        report.add(figure.beside(&[usage]).limit(note))?;
    }
    Ok(())
}
