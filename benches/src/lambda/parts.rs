//! What a start is made of: each part once in a new process, where nothing has been done before.

use super::range;
use super::scene::Scene;
use crate::figure::{Figure, Report, median, say};
use crate::scale::Scale;
use crate::worker::{Job, StartDone, StartJob, Worker};

/// Processes, at full scale and at the quick one.
const RUNS: (u32, u32) = (20, 5);

/// The name of a part, and how to read it.
type Part = (&'static str, fn(&StartDone) -> f64);

/// In the order in which they happen.
const PARTS: [Part; 7] = [
    ("S3 client: the SDK's settings, root certificates", |done| done.s3_client),
    ("SQS client: the SDK's settings once more", |done| done.sqs_client),
    ("rules and plugins", |done| done.registry),
    ("database: first connection", |done| done.database_connection),
    ("database: first transaction on it", |done| done.first_transaction),
    ("S3: first HEAD, with its connection", |done| done.first_head),
    ("S3: second HEAD", |done| done.second_head),
];

/// Adds a figure for each part.
pub async fn run(scene: &Scene<'_>, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let runs = scale.either(RUNS.0, RUNS.1);
    say(&format!("parts of a start: {runs} processes"))?;
    let job = StartJob { address: scene.address().clone(), database_url: scene.database_url().to_owned() };
    let mut all: Vec<StartDone> = Vec::new();
    for _ in 0..runs {
        let mut worker = Worker::prepare(&Job::Start(job.clone())).await?;
        worker.begin().await?;
        all.push(worker.answer().await?);
    }
    for (name, part) in PARTS {
        let times: Vec<f64> = all.iter().map(part).collect();
        report.add(Figure::new(name, "ms", median(&times)).limit(range(&times)))?;
    }
    report.table("Parts of a start, each in a process that has done only those above it")
}
