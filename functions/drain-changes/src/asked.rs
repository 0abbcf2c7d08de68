//! Single files that an operator asks for: one that came late, one to pass over.

use landfall_domain::ChangeKey;
use landfall_store::tickets::FileStatus;

use crate::applying::{Mark, Work};
use crate::candidate::Next;
use crate::error::DrainError;
use crate::failing::Unapplied;
use crate::listing::{Found, Listing};
use crate::moving::Moved;
use crate::report::{DrainStatus, FileReport};
use crate::running::Running;
use crate::turn::Candidate;

impl Running<'_> {
    /// One file that came late or again, whatever the watermark says; newer rows win.
    pub(crate) async fn apply_late(&mut self, listing: &Listing, key: &ChangeKey) -> Result<(), DrainError> {
        let found = current(listing, key)?.clone();
        if self.report.watermark.as_deref().is_none_or(|mark| key.as_str() > mark) {
            return Err(refused(key, "it is not late: it has its turn in the next drain"));
        }
        let candidate = Candidate { key: key.clone(), found, is_current: true, failed: Vec::new() };
        if self.take(&candidate, Mark::Keep).await? != Next::Go {
            self.report.status = DrainStatus::FileFailed;
        }
        Ok(())
    }

    /// Passes over the file that is next.
    pub(crate) async fn skip(&mut self, listing: &Listing, key: &ChangeKey) -> Result<(), DrainError> {
        let (drain, found) = (self.drain, current(listing, key)?);
        let is_above =
            |other: &ChangeKey| self.report.watermark.as_deref().is_none_or(|mark| other.as_str() > mark);
        if listing.files.iter().find(|file| is_above(&file.key)).is_none_or(|next| next.key != *key) {
            return Err(refused(key, "it is not the next one: drain what comes before it"));
        }
        let work = Work { key, found, started: drain.clients.clock.now() };
        let mut file = FileReport::of(key.as_str(), found.version.as_str(), FileStatus::Skipped);
        if self.run.apply {
            drain.record_unapplied(self.run, work, None, Unapplied::Skipped).await?;
            self.report.watermark = Some(key.to_string());
            file.moved = drain.move_away(key, found, None).await? == Moved::Yes;
        }
        self.report.files.push(file);
        Ok(())
    }
}

fn current<'a>(listing: &'a Listing, key: &ChangeKey) -> Result<&'a Found, DrainError> {
    let file = listing.files.iter().find(|file| file.key == *key);
    file.and_then(|file| file.versions.last())
        .ok_or_else(|| refused(key, "there is no such file in changes/"))
}

fn refused(key: &ChangeKey, problem: &'static str) -> DrainError {
    DrainError::Order { key: key.to_string(), problem }
}
