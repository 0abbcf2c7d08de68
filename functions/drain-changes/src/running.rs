//! The files of a run, in their order.

use std::time::{Duration, Instant};

use landfall_domain::ChangeKey;
use landfall_runtime::{Deadline, Moment, Point};
use landfall_store::tickets;

use crate::applying::Mark;
use crate::candidate::Next;
use crate::drain::{DrainChanges, RunOf, Task};
use crate::error::DrainError;
use crate::listing::{Found, Listing};
use crate::order::Mode;
use crate::report::{DrainReport, DrainStatus};
use crate::turn::{Bounds, Candidate, Turns, turns};

/// No further file is begun when less than this is left.
const LAST: Duration = Duration::from_mins(1);

/// A run, and what it has done so far.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    pub drain: &'a DrainChanges,
    pub run: RunOf,
    pub report: DrainReport,
    begun: Instant,
    deadline: Deadline,
}

impl<'a> Running<'a> {
    pub(crate) fn begin(drain: &'a DrainChanges, run: RunOf, deadline: Deadline) -> Self {
        let report = DrainReport::of(run.dataset, !run.apply);
        Self { drain, run, report, begun: Instant::now(), deadline }
    }

    pub(crate) async fn work(&mut self, task: Task<'_>) -> Result<(), DrainError> {
        let (drain, run) = (self.drain, self.run);
        let pool = drain.clients.store.pool();
        if run.apply {
            tickets::sweep_stage(pool, drain.clients.clock.now()).await?;
        }
        self.report.watermark_before = tickets::watermark(pool, run.dataset).await?;
        self.report.watermark.clone_from(&self.report.watermark_before);
        // Boxed: each is large, and one of them is not run.
        match task {
            Task::Files(mode) => Box::pin(self.files(mode)).await,
            Task::Local(file) => Box::pin(self.local(file)).await,
        }
    }

    async fn files(&mut self, mode: &Mode) -> Result<(), DrainError> {
        let (drain, run) = (self.drain, self.run);
        drain.pass(Point::Read, Moment::Before)?;
        let listing = Listing::of(&drain.clients.objects, &drain.settings.bucket, run.dataset).await?;
        drain.pass(Point::Read, Moment::After)?;
        self.report.ignored_keys.clone_from(&listing.ignored);
        match mode {
            Mode::Drain => self.in_turn(&listing).await,
            Mode::Reseed => self.reseed(&listing).await,
            Mode::ApplyLate(key) => self.apply_late(&listing, key).await,
            Mode::SkipKey(key) => self.skip(&listing, key).await,
        }
    }

    async fn in_turn(&mut self, listing: &Listing) -> Result<(), DrainError> {
        let mark = self.report.watermark_before.clone();
        let turns = self.turns(listing, mark.as_deref()).await?;
        for below in &turns.below {
            self.settle_below(below).await?;
        }
        self.apply_in_turn(turns).await
    }

    /// All files, as if nothing had been applied yet.
    async fn reseed(&mut self, listing: &Listing) -> Result<(), DrainError> {
        let turns = self.turns(listing, None).await?;
        self.apply_in_turn(turns).await
    }

    async fn turns(&self, listing: &Listing, watermark: Option<&str>) -> Result<Turns, DrainError> {
        let keys: Vec<String> = listing.files.iter().map(|file| file.key.to_string()).collect();
        let clients = &self.drain.clients;
        let ledger = match keys.as_slice() {
            [] => Vec::new(),
            keys => tickets::files_of_keys(clients.store.pool(), self.run.dataset, keys).await?,
        };
        let now = clients.clock.now();
        let settled_before = now.checked_sub_signed(self.drain.settings.settle).unwrap_or(now);
        Ok(turns(listing, &ledger, Bounds { watermark, settled_before }))
    }

    /// Applies files until one cannot be, or time or number is used up; tells the others what they wait for.
    async fn apply_in_turn(&mut self, turns: Turns) -> Result<(), DrainError> {
        let Turns { candidates, failed, mut unsettled, mut behind, .. } = turns;
        let mut failed = failed.map(|(key, _)| key);
        for (done, candidate) in candidates.iter().enumerate() {
            let rest = || candidates.iter().skip(done.saturating_add(1)).map(Candidate::place);
            if self.is_used_up(done) {
                self.report.status = DrainStatus::Partial;
                let left: Vec<_> = candidates.iter().skip(done).map(Candidate::place).collect();
                return self.wait(|drain| async move { drain.wait_for_turn(&left).await }).await;
            }
            match self.take(candidate, self.mark_of(candidate)).await? {
                Next::Go => continue,
                Next::Failed => {
                    behind.splice(0..0, rest());
                    failed = Some(candidate.key.clone());
                }
                // Its new bytes are young.
                Next::Replaced => {
                    unsettled.splice(0..0, rest());
                    self.report.unsettled = self.report.unsettled.saturating_add(1);
                }
            }
            break;
        }
        if failed.is_some() {
            behind.append(&mut unsettled);
        }
        self.tell_waiting(failed, behind, unsettled).await
    }

    fn is_used_up(&self, done: usize) -> bool {
        let settings = &self.drain.settings;
        self.begun.elapsed() >= settings.time || done >= settings.files || self.deadline.is_short_of(LAST)
    }

    /// What the commit of a candidate does to the watermark. In a drain the watermark is below each candidate.
    fn mark_of(&self, candidate: &Candidate) -> Mark {
        let mark = self.report.watermark.as_deref();
        match (candidate.is_current, mark.is_none_or(|mark| candidate.key.as_str() > mark)) {
            (true, true) => Mark::MoveUp,
            (false, true) => Mark::Below,
            (_, false) => Mark::Set,
        }
    }

    async fn tell_waiting(
        &mut self,
        failed: Option<ChangeKey>,
        behind: Vec<(ChangeKey, Found)>,
        unsettled: Vec<(ChangeKey, Found)>,
    ) -> Result<(), DrainError> {
        if let Some(failed) = failed {
            self.report.status = DrainStatus::FileFailed;
            self.report.behind_failed = behind.len();
            return self.wait(|drain| async move { drain.wait_behind(&failed, &behind).await }).await;
        }
        self.report.unsettled = self.report.unsettled.saturating_add(unsettled.len());
        self.wait(|drain| async move { drain.wait_to_settle(&unsettled).await }).await
    }

    /// A dry run tells no object anything.
    async fn wait<F>(&self, tell: impl FnOnce(&'a DrainChanges) -> F) -> Result<(), DrainError>
    where
        F: Future<Output = Result<(), DrainError>>,
    {
        if self.run.apply { tell(self.drain).await } else { Ok(()) }
    }
}
