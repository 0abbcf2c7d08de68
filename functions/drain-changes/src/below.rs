//! Files at or below the watermark: moves to finish, late ones, and keys that were uploaded again.

use landfall_domain::Sha256Digest;
use landfall_store::StoreError;
use landfall_store::tickets::{self, FileStatus};

use crate::applying::Work;
use crate::error::DrainError;
use crate::failing::Unapplied;
use crate::moving::Moved;
use crate::reading::digest;
use crate::report::FileReport;
use crate::running::Running;
use crate::turn::{Below, Leftover};

impl Running<'_> {
    pub(crate) async fn settle_below(&mut self, below: &Below) -> Result<(), DrainError> {
        let (drain, run) = (self.drain, self.run);
        let Below { key, found, what } = below;
        let work = Work { key, found, started: drain.clients.clock.now() };
        let (why, sha256) = match what {
            Leftover::Settled(status, sha256) => return self.finish_move(work, *status, *sha256).await,
            Leftover::Late => (Unapplied::Late, None),
            Leftover::Again(applied) => {
                let place = (drain.settings.bucket.as_str(), key.as_str());
                let sha256 = match digest(&drain.clients, place, &found.pin).await {
                    Ok(sha256) => sha256,
                    // Replaced or removed since the listing: the next run sees what is there then.
                    Err(error) if error.may_be_lost_pin() => return Ok(()),
                    Err(error) => return Err(error.into()),
                };
                let same = applied.contains(&sha256);
                (if same { Unapplied::Duplicate } else { Unapplied::Reuploaded }, Some(sha256))
            }
        };
        let mut file = FileReport::of(key.as_str(), found.version.as_str(), why.status());
        file.sha256 = sha256;
        if run.apply {
            drain.record_unapplied(run, work, sha256, why).await?;
            if matches!(why, Unapplied::Duplicate) {
                file.moved = drain.move_away(key, found, sha256).await? == Moved::Yes;
            }
        }
        self.report.files.push(file);
        Ok(())
    }

    /// A run before this one ended between the commit and the move.
    async fn finish_move(
        &mut self,
        work: Work<'_>,
        status: FileStatus,
        sha256: Option<Sha256Digest>,
    ) -> Result<(), DrainError> {
        let told = if status == FileStatus::Applied { FileStatus::ArchivedLeftover } else { status };
        let (key, version) = (work.key.as_str(), work.found.version.as_str());
        let mut file = FileReport::of(key, version, told);
        if self.run.apply {
            file.moved = self.drain.move_away(work.key, work.found, sha256).await? == Moved::Yes;
            if file.moved {
                let mut conn = self.drain.clients.store.pool().acquire().await.map_err(StoreError::from)?;
                tickets::file_moved(&mut conn, self.run.dataset, (key, version)).await?;
            }
        }
        self.report.files.push(file);
        Ok(())
    }
}
