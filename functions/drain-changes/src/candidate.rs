//! One file whose turn it is, to its end.

use chrono::{DateTime, Utc};
use landfall_domain::{Sha256Digest, State};
use landfall_objects::PinState;
use landfall_store::tickets::FileStatus;
use landfall_tickets::FileCounts;

use crate::applying::{How, Mark, Work};
use crate::error::DrainError;
use crate::failing::Unapplied;
use crate::moving::Moved;
use crate::reading::{BadFile, ReadFile, digest, read_file};
use crate::report::FileReport;
use crate::running::Running;
use crate::turn::Candidate;

/// Whether a run goes on with the next file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It does.
    Go,
    /// This one fails: nothing behind it has its turn.
    Failed,
    /// Other bytes came under its key: they have their turn when they have settled, and nothing behind them before.
    Replaced,
}

impl Running<'_> {
    /// Reads, applies and moves a candidate.
    pub(crate) async fn take(&mut self, candidate: &Candidate, mark: Mark) -> Result<Next, DrainError> {
        let started = self.drain.clients.clock.now();
        match self.read(candidate, started).await {
            Ok(Ok(read)) => self.take_read(candidate, (&read, started), mark).await,
            Ok(Err(next)) => Ok(next),
            Err(DrainError::Objects(error)) if error.may_be_lost_pin() => self.lost(candidate).await,
            Err(error) => Err(error),
        }
    }

    /// The file in the stage; or what comes next, where its bytes are known to fail.
    async fn read(
        &mut self,
        candidate: &Candidate,
        started: DateTime<Utc>,
    ) -> Result<Result<ReadFile, Next>, DrainError> {
        let (drain, run) = (self.drain, self.run);
        let Candidate { key, found, failed, .. } = candidate;
        let bucket = drain.settings.bucket.as_str();
        if !failed.is_empty() {
            let sha256 = digest(&drain.clients, (bucket, key.as_str()), &candidate.pin()).await?;
            if failed.contains(&sha256) {
                let error = "the same bytes failed before under this key".to_owned();
                let bad = BadFile { counts: FileCounts::default(), error };
                let work = Work { key, found, started };
                return Ok(Err(self.fail(work, (sha256, &bad), candidate.is_current).await?));
            }
        }
        let stage = run.apply.then_some(run.id);
        let place = (run.dataset, bucket, key.as_str());
        Ok(Ok(read_file(&drain.clients, place, &candidate.pin(), stage).await?))
    }

    async fn take_read(
        &mut self,
        candidate: &Candidate,
        (read, started): (&ReadFile, DateTime<Utc>),
        mark: Mark,
    ) -> Result<Next, DrainError> {
        let work = Work { key: &candidate.key, found: &read.found, started };
        let contents = match &read.contents {
            Ok(contents) => contents,
            Err(bad) => return self.fail(work, (read.sha256, bad), candidate.is_current).await,
        };
        let mut file = FileReport::of(work.key.as_str(), read.found.version.as_str(), FileStatus::Applied);
        file.counts = contents.counts.clone();
        file.sha256 = Some(read.sha256);
        if self.run.apply {
            let how = How { guard: mark == Mark::Keep, mark };
            let applied = self.drain.apply(self.run, work, (read, contents), how).await?;
            (file.deduped, file.inserted, file.updated) =
                (applied.deduped, applied.inserted, applied.updated);
            file.outdated = applied.outdated;
            if matches!(mark, Mark::MoveUp | Mark::Set) {
                self.report.watermark = Some(candidate.key.to_string());
            }
            let moved = self.drain.move_away(work.key, work.found, Some(read.sha256)).await?;
            file.moved = moved == Moved::Yes;
        }
        self.report.files.push(file);
        Ok(Next::Go)
    }

    /// A file that cannot be read as a whole. An older version of a key holds nothing up.
    async fn fail(
        &mut self,
        work: Work<'_>,
        (sha256, bad): (Sha256Digest, &BadFile),
        is_current: bool,
    ) -> Result<Next, DrainError> {
        let mut file = FileReport::of(work.key.as_str(), work.found.version.as_str(), FileStatus::Failed);
        file.counts = bad.counts.clone();
        file.sha256 = Some(sha256);
        file.error = Some(bad.error.clone());
        self.report.files.push(file);
        if self.run.apply {
            self.drain.record_unapplied(self.run, work, Some(sha256), Unapplied::Failed(bad)).await?;
        }
        Ok(if is_current { Next::Failed } else { Next::Go })
    }

    /// What the listing showed is not there any more: one HEAD tells whether something else is. A bucket with versions
    /// still has it: it is applied before the one that replaced it, when that one has its turn.
    async fn lost(&mut self, candidate: &Candidate) -> Result<Next, DrainError> {
        let (drain, key, found) = (self.drain, &candidate.key, &candidate.found);
        let state =
            drain.clients.objects.look_again(&drain.settings.bucket, key.as_str(), &candidate.pin()).await?;
        let work = Work { key, found, started: drain.clients.clock.now() };
        let (to, text, next) = match state {
            PinState::Gone => (State::Gone, "removed before it was applied".to_owned(), Next::Go),
            PinState::Replaced { .. } if found.pin.version_id.is_some() => return Ok(Next::Replaced),
            PinState::Replaced { etag } => {
                (State::Superseded, format!("etag {etag} is current now"), Next::Replaced)
            }
            // The store contradicted itself: the next run tries again.
            PinState::Current => return Ok(Next::Replaced),
        };
        if self.run.apply {
            drain.record_lost(self.run, work, (to, text)).await?;
        }
        Ok(next)
    }
}
