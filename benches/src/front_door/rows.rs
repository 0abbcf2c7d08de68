//! What the database takes by itself: the front door's transaction, without queue, store and endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use landfall_domain::{Clock, Feed, Landing, ObjectVersion, Pin, Reason, Stage, State, SystemClock};
use landfall_store::object::{self, NewObject};
use landfall_store::{Store, attempt};

use crate::cluster::Cluster;
use crate::machine::{Meter, Usage};
use crate::site::BUCKET;
use crate::worker::Keys;

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Objects a second.
    pub per_second: f64,
    /// Who used the processor.
    pub usage: Usage,
}

/// Registers objects in batches of the front door's size, some batches at once.
pub async fn run(cluster: &Cluster, objects: u32, at_once: u32) -> anyhow::Result<Written> {
    let (_, url) = cluster.database().await?;
    let store = Store::connect(&url, at_once)?;
    drop(store.begin().await?);
    cluster.checkpoint().await?;
    let size = Stage::ReceiveObject.settings().batch;
    let next = Arc::new(AtomicU32::new(0));
    let meter = Meter::start(cluster.processes())?;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (store, next) = (store.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let first = next.fetch_add(size, Ordering::Relaxed);
                    if first >= objects {
                        return anyhow::Ok(());
                    }
                    commit(&store, first..objects.min(first.saturating_add(size))).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let usage = meter.stop()?;
    store.pool().close().await;
    Ok(Written { per_second: f64::from(objects) / seconds, usage })
}

async fn commit(store: &Store, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let batch: Vec<NewObject> = numbers.map(|number| landed(number, now)).collect();
    let mut tx = store.begin().await?;
    let new = object::register(&mut tx, &batch, now).await?;
    let ids: Vec<i64> = new.iter().map(|r| r.object_id.0).collect();
    attempt::record_batch(&mut tx, Stage::ReceiveObject, &ids, now, now).await?;
    Ok(tx.commit().await?)
}

fn landed(number: u32, now: chrono::DateTime<chrono::Utc>) -> NewObject {
    let version_id = format!("{number:032x}");
    let etag = "0cc175b9c0f1b6a831c399e269772661";
    NewObject {
        landing: Landing {
            bucket: BUCKET.into(),
            key: Keys::Suffix.of(number),
            version: ObjectVersion::new(Some(&version_id), etag, now),
            pin: Pin { version_id: Some(version_id), etag: Some(etag.into()) },
            last_modified: Some(now),
            size: Some(4096),
            metadata_digest: None,
            sequencer: Some(format!("{number:016x}")),
        },
        state: State::Ignored,
        reason: Reason::new("suffix").with_text("a dump archive ends in .tgz or .tar.gz"),
        feed: Some(Feed::Dumps),
    }
}
