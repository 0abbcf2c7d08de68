//! The embedded S3 endpoint: small puts and gets, one large get.

use std::sync::Arc;

use bytes::Bytes;
use landfall_domain::{Clock, SystemClock};
use landfall_local::dispatcher::{Dispatcher, DispatcherSettings};
use landfall_local::endpoint::{EventSink, NoEvents};
use landfall_local::platform::OutboxSink;
use landfall_objects::{PutOptions, Versioning};
use landfall_runtime::{Faults, PostgresQueue};
use landfall_store::Store;

use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, say};
use crate::machine::{self, Meter, Usage, shares};
use crate::scale::Scale;
use crate::site::{BUCKET, Site};
use crate::worker::{Body, Done, GetJob, Job, Keys, PutJob, Sender, Worker};

/// Small puts and gets of a run.
const SMALL: u32 = 20_000;
/// Bytes of the large object.
const LARGE: usize = 64 * 1024 * 1024;
/// Times it is read.
const LARGE_GETS: u32 = 16;
/// Connections of the clients.
const CONNECTIONS: u32 = 16;
/// Connections of a platform to its database.
const POOL: u32 = 16;

/// Who hears of the writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sink {
    Nobody,
    Outbox,
}

/// Measures the endpoint, with and without its notifications.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    say(&format!("endpoint: load averages {}", machine::load()))?;
    let puts_goal = Some(Goal::AtLeast(3000.0));
    let cases = [
        ("4 KiB puts, no events, bare client", Sink::Nobody, Sender::Bare, puts_goal),
        ("4 KiB puts, no events, AWS SDK client", Sink::Nobody, Sender::Sdk, None),
        ("4 KiB puts, events to the outbox, bare client", Sink::Outbox, Sender::Bare, puts_goal),
        ("4 KiB puts, events to the outbox, AWS SDK client", Sink::Outbox, Sender::Sdk, None),
    ];
    for (name, sink, sender, goal) in cases {
        say(name)?;
        let mut runs = Vec::new();
        for _ in 0..scale.runs() {
            runs.push(puts(&cluster, sink, sender, scale.of(SMALL)).await?);
        }
        add(report, name, "puts/s", &runs, goal)?;
    }
    gets(scale, report, &cluster).await?;
    report.table("Embedded S3 endpoint, 16 connections")?;
    say(&format!("endpoint: load averages {}", machine::load()))?;
    cluster.stop().await
}

async fn puts(cluster: &Cluster, sink: Sink, sender: Sender, objects: u32) -> anyhow::Result<(f64, Usage)> {
    let (_, url) = cluster.database().await?;
    let store = Store::connect(&url, POOL)?;
    let site = Site::start(Versioning::Enabled, event_sink(sink, &store)).await?;
    let job = PutJob {
        address: site.address.clone(),
        sender,
        connections: CONNECTIONS,
        objects,
        body: Body::Small,
        keys: Keys::Suffix,
        per_second: None,
    };
    cluster.checkpoint().await?;
    let (done, usage) = timed(cluster, Job::Put(job)).await?;
    site.stop().await;
    store.pool().close().await;
    Ok((f64::from(objects) / done.seconds, usage))
}

/// The outbox sink writes; nobody takes the messages.
fn event_sink(sink: Sink, store: &Store) -> Arc<dyn EventSink> {
    if sink == Sink::Nobody {
        return Arc::new(NoEvents);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let queue = Arc::new(PostgresQueue::new(store.clone(), "bench".into()));
    let idle = Dispatcher::new(queue, Arc::clone(&clock), Faults::none(), DispatcherSettings::default());
    Arc::new(OutboxSink::start(store.clone(), BUCKET.into(), clock, idle))
}

async fn gets(scale: Scale, report: &mut Report, cluster: &Cluster) -> anyhow::Result<()> {
    let site = Site::start(Versioning::Enabled, Arc::new(NoEvents)).await?;
    let objects = scale.of(SMALL) / 10;
    Worker::run(&Job::Put(PutJob {
        address: site.address.clone(),
        sender: Sender::Bare,
        connections: CONNECTIONS,
        objects,
        body: Body::Small,
        keys: Keys::Suffix,
        per_second: None,
    }))
    .await?;
    let large = Bytes::from(landfall_local::sample::noise(LARGE, 1));
    site.objects.put(BUCKET, "large", large, PutOptions::default()).await?;
    let small: Vec<String> = (0..objects).map(|number| Keys::Suffix.of(number)).collect();
    let cases = [
        ("4 KiB gets", "gets/s", small, CONNECTIONS, scale.of(SMALL), None),
        ("64 MiB gets, one connection", "MB/s", vec!["large".into()], 1, LARGE_GETS, Some(400.0)),
        ("64 MiB gets, four connections", "MB/s", vec!["large".into()], 4, LARGE_GETS, None),
    ];
    for (name, unit, keys, connections, requests, goal) in cases {
        say(name)?;
        let mut runs = Vec::new();
        for _ in 0..scale.runs() {
            let job = GetJob { address: site.address.clone(), connections, requests, keys: keys.clone() };
            let (done, usage) = timed(cluster, Job::Get(job)).await?;
            let amount = if unit == "MB/s" { megabytes(done.received) } else { f64::from(requests) };
            runs.push((amount / done.seconds, usage));
        }
        add(report, name, unit, &runs, goal.map(Goal::AtLeast))?;
    }
    site.stop().await;
    Ok(())
}

async fn timed(cluster: &Cluster, job: Job) -> anyhow::Result<(Done, Usage)> {
    let mut worker = Worker::prepare(&job).await?;
    let meter = Meter::start(cluster.processes())?;
    worker.begin().await?;
    let done = worker.done().await?;
    let usage = meter.stop()?.with_client(done.cpu_seconds);
    Ok((done, usage))
}

fn add(
    report: &mut Report,
    name: &str,
    unit: &'static str,
    runs: &[(f64, Usage)],
    goal: Option<Goal>,
) -> anyhow::Result<()> {
    let usages: Vec<Usage> = runs.iter().map(|(_, usage)| *usage).collect();
    let speeds = runs.iter().map(|(speed, _)| *speed).collect();
    let mut figure = Figure::median(name, unit, speeds).limit(shares(&usages));
    if let Some(goal) = goal {
        figure = figure.goal(goal);
    }
    report.add(figure.beside(&usages))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
