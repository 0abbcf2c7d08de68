//! The front door alone: its queue is full before it begins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_domain::{Clock, SystemClock};
use landfall_local::dispatcher::{Dispatcher, DispatcherSettings, InProcess};
use landfall_local::endpoint::NoEvents;
use landfall_local::listing;
use landfall_objects::Versioning;
use landfall_runtime::{Clients, Faults, PostgresQueue, WORK_BUCKET};
use landfall_store::{Store, outbox};
use receive_object::ReceiveObject;
use sqlx::{Connection, PgConnection};

use crate::cluster::{Cluster, Counts};
use crate::machine::{Meter, Usage};
use crate::site::{BUCKET, Site};
use crate::worker::{Body, Job, Keys, PutJob, Sender, Worker};

/// How often is looked whether all is done.
const LOOK: Duration = Duration::from_millis(10);
/// Connections of the platform.
const POOL: u32 = 16;

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Drained {
    /// How many objects there were.
    pub objects: f64,
    /// How many got their state a second.
    pub per_second: f64,
    /// Who used the processor.
    pub usage: Usage,
    /// Statements and transactions.
    pub counts: Counts,
}

/// Puts objects where nobody hears of it, queues their notifications, and lets the front door work them off.
pub async fn run(
    cluster: &Cluster,
    versioning: Versioning,
    keys: Keys,
    objects: u32,
) -> anyhow::Result<Drained> {
    let (name, url) = cluster.database().await?;
    let site = Site::start(versioning, Arc::new(NoEvents)).await?;
    Worker::run(&Job::Put(PutJob {
        address: site.address.clone(),
        sender: Sender::Bare,
        connections: 16,
        objects,
        body: Body::Small,
        keys,
        per_second: None,
    }))
    .await?;
    let store = Store::connect(&url, POOL)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sent = listing::heal(&site.objects, &store, (BUCKET, ""), clock.now()).await?;
    anyhow::ensure!(sent == u64::from(objects), "{sent} of {objects} notifications are queued");
    let clients = Clients {
        store: store.clone(),
        objects: site.objects.clone(),
        work_bucket: WORK_BUCKET.into(),
        clock,
        faults: Faults::none(),
    };
    cluster.checkpoint().await?;
    let before = cluster.counts(&name).await?;
    let meter = Meter::start(cluster.processes())?;
    let begun = Instant::now();
    work_off(clients).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let usage = meter.stop()?;
    store.pool().close().await;
    let counts = cluster.counts(&name).await?.since(&before);
    check(&url, keys, objects).await?;
    site.stop().await;
    let objects = f64::from(objects);
    Ok(Drained { objects, per_second: objects / seconds, usage, counts })
}

/// Runs the front door, and no other stage, until nothing is left for it.
async fn work_off(clients: Clients) -> anyhow::Result<()> {
    let queue = Arc::new(PostgresQueue::new(clients.store.clone(), "bench".into()));
    let clock = Arc::clone(&clients.clock);
    let settings = DispatcherSettings::default();
    let dispatcher = Dispatcher::new(queue, Arc::clone(&clock), Faults::none(), settings);
    let running = dispatcher.clone();
    let pool = clients.store.pool().clone();
    let handler = Arc::new(InProcess::new(ReceiveObject::new(clients), clock));
    let task = tokio::spawn(async move { running.run(vec![handler]).await });
    while left(&pool).await? {
        tokio::time::sleep(LOOK).await;
    }
    dispatcher.stop();
    Ok(task.await?)
}

/// Whether the front door has work. What it hands on stays in the queue.
async fn left(pool: &sqlx::PgPool) -> anyhow::Result<bool> {
    if outbox::is_empty(pool).await? {
        return Ok(false);
    }
    let left = "select not exists (select 1 from ops.outbox where stage = 'receive-object')";
    Ok(!sqlx::query_scalar::<_, bool>(left).fetch_one(pool).await?)
}

async fn check(url: &str, keys: Keys, objects: u32) -> anyhow::Result<()> {
    let expected = if keys == Keys::Dumps { "dispatched" } else { "ignored" };
    let mut conn = PgConnection::connect(url).await?;
    let found: i64 = sqlx::query_scalar("select count(*) from ingest.object where state = $1")
        .bind(expected)
        .fetch_one(&mut conn)
        .await?;
    anyhow::ensure!(found == i64::from(objects), "the run does not count: {found} objects are {expected}");
    Ok(conn.close().await?)
}
