//! A change file that is in no bucket: for development (specs: tickets 9).

use chrono::{DateTime, Utc};
use landfall_domain::Sha256Digest;
use landfall_runtime::{Moment, Point};
use landfall_store::tickets::{self, Advance, Applied, FileStatus};
use landfall_store::{StoreError, lease, retrying};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::applying::Committed;
use crate::error::DrainError;
use crate::reading::{Contents, Reading};
use crate::report::{DrainStatus, FileReport};
use crate::running::Running;

/// The key of rows that come with no file of the bucket; greater than all real keys.
const KEY: &str = "local";
/// Bytes read at once.
const BLOCK: usize = 1 << 20;

/// A file of this machine, from its begin.
pub type LocalFile<'f> = dyn AsyncRead + Send + Unpin + 'f;

impl Running<'_> {
    /// Reads and applies it; nothing of it is applied if it cannot be read as a whole.
    pub(crate) async fn local(&mut self, file: &mut LocalFile<'_>) -> Result<(), DrainError> {
        let (sha256, contents) = self.read_local(file).await?;
        let version = sha256.to_string();
        let mut told = FileReport::of(KEY, &version, FileStatus::Applied);
        told.sha256 = Some(sha256);
        match contents {
            Ok(contents) => {
                if self.run.apply {
                    let applied = self.apply_local(sha256, &contents).await?;
                    (told.deduped, told.inserted, told.updated) =
                        (applied.deduped, applied.inserted, applied.updated);
                }
                told.counts = contents.counts;
            }
            Err(bad) => {
                told.status = FileStatus::Failed;
                told.counts = bad.counts;
                told.error = Some(bad.error);
                self.report.status = DrainStatus::FileFailed;
            }
        }
        self.report.files.push(told);
        Ok(())
    }

    async fn read_local(
        &self,
        file: &mut LocalFile<'_>,
    ) -> Result<(Sha256Digest, Result<Contents, crate::reading::BadFile>), DrainError> {
        let stage = self.run.apply.then_some(self.run.id);
        let mut reading = Reading::of(&self.drain.clients, self.run.dataset, stage);
        let mut block = Vec::with_capacity(BLOCK);
        while file.take(BLOCK as u64).read_to_end(&mut block).await? > 0 {
            reading.push(&block).await?;
            block.clear();
        }
        Ok(reading.finish().await?)
    }

    async fn apply_local(&self, sha256: Sha256Digest, contents: &Contents) -> Result<Applied, DrainError> {
        let dataset = self.run.dataset;
        self.drain.pass(Point::Commit, Moment::Before)?;
        let committed =
            retrying("drain_changes", || self.apply_local_once(&sha256, contents, self.now())).await?;
        self.drain.pass(Point::Commit, Moment::After)?;
        match committed {
            Committed::Done(applied) => Ok(applied),
            Committed::LeaseLost => Err(DrainError::LeaseLost { dataset }),
        }
    }

    async fn apply_local_once(
        &self,
        sha256: &Sha256Digest,
        contents: &Contents,
        now: DateTime<Utc>,
    ) -> Result<Committed, StoreError> {
        let (run, dataset) = (self.run.id, self.run.dataset);
        let mut tx = self.drain.clients.store.begin().await?;
        if !lease::holds(&mut tx, dataset.lease(), &run.to_string(), now).await? {
            return Ok(Committed::LeaseLost);
        }
        tickets::lock_watermark(&mut tx, dataset).await?;
        let applied = tickets::apply(&mut tx, dataset.name(), run, KEY, false).await?;
        let version = sha256.to_string();
        tickets::store_rejects(&mut tx, (dataset, KEY, &version), &contents.rejects, now).await?;
        let upserted = applied.inserted.saturating_add(applied.updated);
        let to = Advance { dataset, source_max_key: None, applied_key: Some(KEY), upserted };
        tickets::advance(&mut tx, to).await?;
        tickets::clear_stage(&mut tx, run).await?;
        tx.commit().await?;
        Ok(Committed::Done(applied))
    }

    fn now(&self) -> DateTime<Utc> {
        self.drain.clients.clock.now()
    }
}
