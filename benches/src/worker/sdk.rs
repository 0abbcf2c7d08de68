//! Puts by our own store, on the AWS SDK.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landfall_objects::{ObjectStore, PutOptions};
use tokio::time::Instant;

use super::requests::body;
use super::wire::due;
use super::{Done, PutJob, ready};
use crate::machine;
use crate::site::BUCKET;

/// Puts all objects over some connections.
pub(super) async fn serve(job: PutJob) -> anyhow::Result<Done> {
    let objects = ObjectStore::connect(&job.address.settings()).await;
    let bodies = (0..job.objects).map(|number| body(job.body, number)).collect::<Result<Vec<_>, _>>()?;
    // Credentials and connections are made at the first request.
    objects.versioning(BUCKET).await?;
    ready()?;
    let (begun, cpu) = (Instant::now(), machine::own_seconds());
    let (job, bodies, next) = (Arc::new(job), Arc::new(bodies), Arc::new(AtomicU32::new(0)));
    let tasks: Vec<_> = (0..job.connections)
        .map(|_| {
            let (objects, job, bodies, next) =
                (objects.clone(), Arc::clone(&job), Arc::clone(&bodies), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let place = usize::try_from(number).unwrap_or(usize::MAX);
                    let Some(body) = bodies.get(place) else { return anyhow::Ok(()) };
                    if let Some(due) = due(begun, place, job.per_second) {
                        tokio::time::sleep_until(due).await;
                    }
                    objects.put(BUCKET, &job.keys.of(number), body.clone(), PutOptions::default()).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(Done {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: machine::own_seconds() - cpu,
        received: 0,
        memory_before: 0,
        memory_peak: machine::peak_memory()?,
    })
}
