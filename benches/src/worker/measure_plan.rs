//! The planning stage in a process that does nothing else, as on Lambda.

use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_domain::{Clock, Envelope, ObjectId, PlanArchive as Message, Run, SystemClock};
use landfall_dumps::plugins::Registry;
use landfall_objects::ObjectStore;
use landfall_runtime::{Clients, Deadline, Faults, Record, StageHandler, WORK_BUCKET};
use landfall_store::Store;
use plan_archive::{PlanArchive, Rules};

use super::{Done, PlanJob, ready};
use crate::machine;
use crate::site::BUCKET;

/// Longer than any pass of a bench takes.
const DEADLINE: Duration = Duration::from_mins(15);

/// Decides and commits one object.
pub(super) async fn serve(job: &PlanJob) -> anyhow::Result<Done> {
    let clients = Clients {
        store: Store::connect(&job.database_url, 2)?,
        objects: ObjectStore::connect(&job.address.settings()).await,
        work_bucket: WORK_BUCKET.into(),
        clock: Arc::new(SystemClock),
        faults: Faults::none(),
    };
    // Connections, TLS roots and credentials are there before the measurement.
    clients.objects.versioning(BUCKET).await?;
    drop(clients.store.pool().acquire().await?);
    let rules = Rules { auto_create_customer: true, ..Rules::default() };
    let stage = PlanArchive::new(clients, rules, Arc::new(Registry::production()?));
    let record = Record {
        message_id: "1".into(),
        body: Envelope::new(Message::of(ObjectId(job.object_id), Run(1))).encode()?,
        receives: 1,
        is_last: false,
        sent_at: SystemClock.now(),
        source: String::new(),
    };
    let memory_before = machine::peak_memory()?;
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let decided = stage.decide(&record, Deadline::within(DEADLINE)).await;
    let decision = decided.map_err(|problem| anyhow::anyhow!("the pass failed: {problem}"))?;
    stage.commit(&[&decision]).await?;
    Ok(Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received: 0,
        memory_before,
        memory_peak: machine::peak_memory()?,
    })
}
