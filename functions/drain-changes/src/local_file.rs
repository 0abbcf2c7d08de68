//! A change file that is in no bucket: for development (specs: tickets 9).

use landfall_domain::Sha256Digest;
use landfall_store::StoreError;
use landfall_store::tickets::{self, Advance, Applied, FileStatus};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::applying::{Committed, finish};
use crate::error::DrainError;
use crate::reading::{BadFile, Contents, Reading};
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
    ) -> Result<(Sha256Digest, Result<Contents, BadFile>), DrainError> {
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
        let version = sha256.to_string();
        self.drain.committed(self.run, || self.apply_local_once(&version, contents)).await
    }

    async fn apply_local_once(&self, version: &str, contents: &Contents) -> Result<Committed, StoreError> {
        let (run, dataset, now) = (self.run, self.run.dataset, self.drain.clients.clock.now());
        let Some(mut tx) = self.drain.begin(run, now).await? else { return Ok(Committed::LeaseLost) };
        tickets::lock_watermark(&mut tx, dataset).await?;
        let applied = tickets::apply(&mut tx, dataset.name(), run.id, KEY, false).await?;
        tickets::store_rejects(&mut tx, (dataset, KEY, version), &contents.rejects, now).await?;
        let upserted = applied.inserted.saturating_add(applied.updated);
        let to = Advance { dataset, source_max_key: None, applied_key: Some(KEY), upserted };
        finish(tx, run, to).await?;
        Ok(Committed::Done(applied))
    }
}
