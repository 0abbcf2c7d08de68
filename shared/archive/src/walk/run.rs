//! What all levels of a walk share: counts, limits, the place, and the way to the visitor.

use landfall_inflate::Mode;

use crate::damage::{Cause, Damage};
use crate::index::{Recorder, StreamKind};
use crate::{
    ChainPath, FileHeader, Flow, Interest, Limits, Step, Visitor, WalkError, Warning, WarningCode, basename,
};

/// What a walk has counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Object bytes pushed.
    pub consumed: u64,
    /// Bytes inflated at all levels; a plain tar object counts its own bytes. Up to a buffer more may be counted
    /// of an archive that broke, depending on how the object was cut.
    pub inflated: u64,
    /// Entries of all levels: files, directories, links and others, not the metadata in front of them.
    pub entries: u64,
    /// Archives opened, the outer object included.
    pub archives: u64,
    /// Depth of the deepest archive opened; the outer object is 0.
    pub deepest: usize,
}

/// Why the walk does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    Failed(WalkError),
    /// The visitor has what it wants.
    Stopped,
}

/// The part of the shared state that outlives a push.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) stats: Stats,
    /// The way to the archive or file at hand.
    pub(super) chain: ChainPath,
    /// Whether a file was announced and not yet ended.
    pub(super) file_open: bool,
    /// The first damage of the outer object.
    pub(super) outer: Option<Damage>,
    /// Writes the index, if there is to be one.
    pub(super) recorder: Option<Recorder>,
}

/// The shared state during a push.
pub(super) struct Run<'a> {
    pub(super) limits: &'a Limits,
    pub(super) book: &'a mut Book,
    pub(super) visitor: &'a mut dyn Visitor,
}

impl Run<'_> {
    /// How many bytes may still be inflated before the total, or its ratio to the object bytes, is over its limit by one.
    pub(super) fn room(&self) -> u64 {
        let stats = &self.book.stats;
        let most = self.limits.total_bytes.min(self.limits.most_from(ratio_base(stats.consumed)));
        most.saturating_sub(stats.inflated).saturating_add(1)
    }

    /// Counts bytes inflated from the archive at `depth`; `offset` is the place in it.
    pub(super) fn count_inflated(&mut self, bytes: usize, depth: usize, offset: u64) -> Result<(), Halt> {
        let stats = &mut self.book.stats;
        stats.inflated = stats.inflated.saturating_add(bytes as u64);
        let (total, limit, consumed) = (stats.inflated, self.limits.total_bytes, stats.consumed);
        if total > limit {
            let chain_path = self.archive_path(depth);
            return Err(Halt::Failed(WalkError::TotalLimit { total, limit, chain_path, offset }));
        }
        self.check_ratio(ratio_base(consumed), depth, offset)
    }

    /// Checks the inflated total against `consumed` object bytes.
    pub(super) fn check_ratio(&self, consumed: u64, depth: usize, offset: u64) -> Result<(), Halt> {
        let (total, ratio) = (self.book.stats.inflated, self.limits.ratio);
        if total <= self.limits.most_from(consumed) {
            return Ok(());
        }
        let chain_path = self.archive_path(depth);
        Err(Halt::Failed(WalkError::Bomb { total, consumed, ratio, chain_path, offset }))
    }

    /// Counts an entry; `offset` is that of its payload in the tar at hand.
    pub(super) fn count_entry(&mut self, offset: u64) -> Result<(), Halt> {
        let entries = self.book.stats.entries.saturating_add(1);
        self.book.stats.entries = entries;
        let limit = self.limits.entries;
        if entries <= limit {
            return Ok(());
        }
        let chain_path = self.book.chain.joined();
        Err(Halt::Failed(WalkError::MemberLimit { entries, limit, chain_path, offset }))
    }

    /// Counts an archive that is opened.
    pub(super) fn count_archive(&mut self, depth: usize) {
        let stats = &mut self.book.stats;
        stats.archives = stats.archives.saturating_add(1);
        stats.deepest = stats.deepest.max(depth);
    }

    pub(super) fn enter(&mut self, step: Step) {
        self.book.chain.steps.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.book.chain.steps.pop();
    }

    /// Asks the visitor about the archive entered last.
    pub(super) fn archive_interest(&mut self) -> Interest {
        self.visitor.archive(&self.book.chain)
    }

    /// Announces the file entered last, of the tar at `depth`.
    pub(super) fn file(&mut self, depth: usize) -> Interest {
        self.book.file_open = true;
        let interest = self.visitor.file(FileHeader { chain: &self.book.chain });
        if let (Some(recorder), Some(step)) = (&mut self.book.recorder, self.book.chain.steps.last())
            && self.visitor.is_target(&basename(&step.path))
        {
            recorder.want(depth);
        }
        interest
    }

    pub(super) fn file_end(&mut self, crc32: u32) -> Result<(), Halt> {
        self.book.file_open = false;
        match self.visitor.file_end(crc32) {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(Halt::Stopped),
        }
    }

    /// The archive at `depth` on the way to what is at hand.
    fn archive_path(&self, depth: usize) -> String {
        let steps = self.book.chain.steps.iter().take(depth).cloned().collect();
        ChainPath { steps }.joined()
    }

    /// The bytes of the archive entered last are known to be a tar, or gzip.
    pub(super) fn stream_opened(&mut self, depth: usize, kind: StreamKind) {
        if let Some(recorder) = &mut self.book.recorder {
            recorder.open(
                depth,
                kind,
                depth.checked_sub(1).and_then(|above| self.book.chain.steps.get(above)),
            );
        }
    }

    /// So many bytes of the object were needed so far.
    pub(super) fn object_needed(&mut self, bytes: u64) {
        if let Some(recorder) = &mut self.book.recorder {
            recorder.set_object_at(bytes);
        }
    }

    /// How far inflating goes at `depth` before it stops.
    pub(super) fn inflate_mode(&self, depth: usize) -> Mode {
        match &self.book.recorder {
            Some(recorder) if recorder.looks_for_block(depth) => Mode::Block,
            _ => Mode::Greedy,
        }
    }

    /// The archives at `depth` and below are behind us.
    pub(super) fn streams_closed(&mut self, depth: usize) {
        if let Some(recorder) = &mut self.book.recorder {
            recorder.close_from(depth);
        }
    }

    /// The member entered last, of the tar at `depth`, was read to its end.
    pub(super) fn member_read(&mut self, depth: usize, crc32: u32, is_archive: bool) {
        if let (Some(recorder), Some(step)) = (&mut self.book.recorder, self.book.chain.steps.last()) {
            recorder.member(depth, step, (crc32, is_archive));
        }
    }

    /// Warns about the archive or member at hand.
    pub(super) fn warn(&mut self, code: WarningCode, offset: u64, text: String) {
        let chain_path = self.book.chain.joined();
        self.visitor.warning(Warning { code, chain_path, offset, text });
    }

    /// Reports damage of the archive at `depth`.
    pub(super) fn report(&mut self, depth: usize, damage: Damage) {
        let (chain_path, text) = (self.archive_path(depth), damage.to_string());
        let code = WarningCode::WCorruptMember;
        self.visitor.warning(Warning { code, chain_path, offset: damage.offset, text });
        if depth == 0 && self.book.outer.is_none() {
            self.book.outer = Some(damage);
        }
    }

    /// Drops what is open below and in the archive at `depth`, because it broke.
    pub(super) fn drop_open(&mut self, depth: usize) {
        if self.book.file_open {
            self.book.file_open = false;
            self.visitor.file_broken();
        }
        self.book.chain.steps.truncate(depth);
    }
}

/// The text of the outer object's end (specs: dumps 2.6).
pub(super) fn outer_text(damage: &Damage) -> String {
    match damage.cause {
        Cause::Truncated => "outer_truncated".to_owned(),
        Cause::Bad | Cause::NotArchive => damage.to_string(),
    }
}

/// Fine steps while the object is small, whole blocks later.
const FINE_STEP: u64 = 512;
const FINE_UNTIL: u64 = 1 << 20;
const STEP: u64 = 64 << 10;

/// The step in which object bytes are taken at `consumed`.
pub(super) fn step_at(consumed: u64) -> u64 {
    if consumed < FINE_UNTIL { FINE_STEP } else { STEP }
}

/// The object bytes that count for the ratio while a step is at work: up to the end of the step. So the verdict
/// does not depend on how the object was cut into blocks.
fn ratio_base(consumed: u64) -> u64 {
    consumed.checked_next_multiple_of(step_at(consumed.saturating_sub(1))).unwrap_or(u64::MAX)
}
