//! One pass over the archive.

use std::fs::File;

use landfall_archive::{
    FileHeader, Flow, Index, IndexOptions, Interest, Limits, OuterEnd, Stats, Visitor, Walk, Warning,
};
use sha2::{Digest, Sha256};

use super::block::Block;
use super::read::{Reading, recipes};
use super::{ArchiveDone, ArchiveJob, Clocks, IndexFacts, Layout, Members, choice};

/// Bytes read at once.
pub(super) const AT_ONCE: usize = 1 << 20;

/// Takes note of what the walk tells, and wants no content.
struct Listing {
    /// What names the targets, if any.
    targets: Option<Layout>,
    warnings: u64,
}

impl Visitor for Listing {
    fn is_target(&self, basename: &str) -> bool {
        self.targets.is_some_and(|layout| layout.is_target(basename))
    }

    fn file(&mut self, _header: FileHeader<'_>) -> Interest {
        Interest::Skip
    }

    fn data(&mut self, _bytes: &[u8]) {}

    fn file_end(&mut self, _crc32: u32) -> Flow {
        Flow::Continue
    }

    fn file_broken(&mut self) {}

    fn warning(&mut self, _warning: Warning) {
        self.warnings = self.warnings.saturating_add(1);
    }
}

struct Passed {
    sha256: [u8; 32],
    stats: Stats,
    index: Option<Vec<u8>>,
}

/// Walk and digest.
pub(super) fn plain(job: &ArchiveJob) -> anyhow::Result<ArchiveDone> {
    let clocks = Clocks::start()?;
    let passed = pass(job, Some(job.layout), Walk::new(Limits::default()))?;
    let done = clocks.stop()?;
    Ok(ArchiveDone { done, ..told(&passed) })
}

/// Walk, digest and index, with these targets.
pub(super) fn indexed(job: &ArchiveJob, targets: Option<Layout>) -> anyhow::Result<ArchiveDone> {
    let clocks = Clocks::start()?;
    let mut passed = pass(job, targets, with_index())?;
    let done = clocks.stop()?;
    let index = passed.index.take().ok_or_else(|| anyhow::anyhow!("the walk gave no index"))?;
    std::fs::write(&job.index, &index)?;
    let index = Some(facts(&Index::parse(index)?)?);
    Ok(ArchiveDone { done, index, ..told(&passed) })
}

/// The whole job: the pass, then the known members by recipes from its index.
pub(super) fn whole(job: &ArchiveJob) -> anyhow::Result<ArchiveDone> {
    let clocks = Clocks::start()?;
    let mut passed = pass(job, Some(job.layout), with_index())?;
    let index = passed.index.take().ok_or_else(|| anyhow::anyhow!("the walk gave no index"))?;
    let index = Index::parse(index)?;
    let chosen = choice::chosen(&index, job.layout, Members::Known)?;
    let mut reading = Reading::open(&job.archive)?;
    for recipe in recipes(&index, &chosen)? {
        reading.follow(&recipe)?;
    }
    let done = clocks.stop()?;
    let read = Some(reading.facts(&index, &chosen)?);
    Ok(ArchiveDone { done, index: Some(facts(&index)?), read, ..told(&passed) })
}

fn with_index() -> Walk {
    Walk::with_index(Limits::default(), IndexOptions::default())
}

fn pass(job: &ArchiveJob, targets: Option<Layout>, mut walk: Walk) -> anyhow::Result<Passed> {
    let mut file = File::open(&job.archive)?;
    let mut listing = Listing { targets, warnings: 0 };
    let (mut sha256, mut block, mut object_bytes) = (Sha256::new(), Block::of(AT_ONCE), 0_u64);
    loop {
        let bytes = block.next(&mut file)?;
        if bytes.is_empty() {
            break;
        }
        object_bytes = object_bytes.saturating_add(bytes.len() as u64);
        sha256.update(bytes);
        walk.push(bytes, &mut listing)?;
    }
    let end = walk.finish(&mut listing)?;
    let is_whole = end.outer == OuterEnd::Whole && listing.warnings == 0;
    anyhow::ensure!(is_whole, "the run does not count: the archive is damaged");
    let sha256 = sha256.finalize().into();
    let index = walk.take_index().map(|index| index.finish(sha256, object_bytes)).transpose()?;
    Ok(Passed { sha256, stats: walk.stats(), index })
}

fn told(passed: &Passed) -> ArchiveDone {
    let sha256 = hex::encode(passed.sha256);
    ArchiveDone { sha256, inflated: passed.stats.inflated, ..ArchiveDone::default() }
}

fn facts(index: &Index) -> anyhow::Result<IndexFacts> {
    let mut members = 0_usize;
    for member in index.members() {
        member?;
        members = members.saturating_add(1);
    }
    let (bytes, streams, checkpoints) = (index.bytes(), index.streams(), index.checkpoints());
    Ok(IndexFacts { bytes, streams, checkpoints, members })
}
