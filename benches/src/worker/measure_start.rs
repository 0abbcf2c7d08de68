//! What a function does on its way to its first commit, part by part, in a process that has done nothing before.

use std::sync::Arc;
use std::time::Instant;

use landfall_domain::SystemClock;
use landfall_dumps::plugins::Registry;
use landfall_objects::{ObjectError, ObjectStore};
use landfall_runtime::{Clients, Env, Faults, WORK_BUCKET, queue_from_env};
use landfall_store::Store;
use plan_archive::Rules;

use super::{StartDone, StartJob, ready};
use crate::site::BUCKET;

/// A queue that nothing is sent to.
const QUEUE: &str = "https://sqs.eu-north-1.amazonaws.com/123456789012/landfall-plan-archive";
/// A key that is not there: the answer is as dear as that about one that is.
const KEY: &str = "dumps/none.tgz";

/// Goes the way once, in the order of a function.
pub(super) async fn serve(job: &StartJob) -> anyhow::Result<StartDone> {
    let settings = job.address.settings();
    let env = Env::of([
        ("LANDFALL_QUEUE", "sqs"),
        ("LANDFALL_QUEUE_URL_PLAN_ARCHIVE", QUEUE),
        ("AWS_REGION", "eu-north-1"),
    ]);
    ready()?;
    let mut lap = Lap::start();
    let objects = ObjectStore::connect(&settings).await;
    let s3_client = lap.ms();
    let store = Store::connect(&job.database_url, 2)?;
    let clients = Clients {
        store: store.clone(),
        objects: objects.clone(),
        work_bucket: WORK_BUCKET.into(),
        clock: Arc::new(SystemClock),
        faults: Faults::none(),
    };
    let queue = queue_from_env(&env, &clients).await?;
    let sqs_client = lap.ms();
    let rules = (Rules::from_env(&env)?, Registry::production()?);
    let registry = lap.ms();
    drop(store.pool().acquire().await?);
    let database_connection = lap.ms();
    let mut tx = store.begin().await?;
    let known: bool =
        sqlx::query_scalar("select exists (select from ingest.object where bucket = $1 and key = $2)")
            .bind(BUCKET)
            .bind(KEY)
            .fetch_one(&mut *tx)
            .await?;
    tx.commit().await?;
    let first_transaction = lap.ms();
    anyhow::ensure!(!known, "{KEY} is known");
    head(&objects).await?;
    let first_head = lap.ms();
    head(&objects).await?;
    let second_head = lap.ms();
    drop((queue, rules));
    Ok(StartDone {
        s3_client,
        sqs_client,
        registry,
        database_connection,
        first_transaction,
        first_head,
        second_head,
    })
}

async fn head(objects: &ObjectStore) -> anyhow::Result<()> {
    match objects.head(BUCKET, KEY, None).await {
        Err(ObjectError::NotFound { .. }) => Ok(()),
        other => anyhow::bail!("{KEY} is expected to be absent: {other:?}"),
    }
}

/// A clock that begins again at each reading.
struct Lap(Instant);

impl Lap {
    fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the last reading.
    fn ms(&mut self) -> f64 {
        let now = Instant::now();
        let lap = now.duration_since(self.0);
        self.0 = now;
        lap.as_secs_f64() * 1e3
    }
}
