//! Members of the archive: by position, or by streaming it again.

use std::fs::File;
use std::path::Path;

use landfall_archive::{Flow, GroupReader, Index, Member, Pick, PickSink, Recipe, Wanted};

use super::block::Block;
use super::pass::AT_ONCE;
use super::{ArchiveDone, ArchiveJob, Clocks, Members, ReadFacts, choice};

/// Counts what it is given. CRCs are checked before: a member that ends is right.
#[derive(Debug, Default)]
struct Counted {
    members: usize,
    bytes: u64,
}

impl PickSink for Counted {
    fn start(&mut self, _index: usize) {}

    fn data(&mut self, _index: usize, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }

    fn end(&mut self, _index: usize) {
        self.members = self.members.saturating_add(1);
    }
}

/// Reads by recipes.
pub(super) struct Reading {
    file: File,
    counted: Counted,
    gets: usize,
    fetched: u64,
    inflated: u64,
}

impl Reading {
    /// Of an archive.
    pub(super) fn open(archive: &Path) -> anyhow::Result<Self> {
        let file = File::open(archive)?;
        Ok(Self { file, counted: Counted::default(), gets: 0, fetched: 0, inflated: 0 })
    }

    /// Reads all members of a recipe, each range at once.
    pub(super) fn follow(&mut self, recipe: &Recipe) -> anyhow::Result<()> {
        for group in &recipe.groups {
            let length = group.range.end.saturating_sub(group.range.start);
            let mut block = Block::of(usize::try_from(length)?);
            let bytes = block.exact(&self.file, group.range.start)?;
            let mut reader = GroupReader::new(group)?;
            reader.push(bytes, &mut self.counted)?;
            self.inflated = self.inflated.saturating_add(reader.inflated());
            reader.finish(&mut self.counted)?;
            self.gets = self.gets.saturating_add(1);
            self.fetched = self.fetched.saturating_add(length);
        }
        Ok(())
    }

    /// What was read, which must be all that was chosen.
    pub(super) fn facts(&self, index: &Index, chosen: &[Member]) -> anyhow::Result<ReadFacts> {
        let facts = counted(&self.counted, chosen)?;
        let (gets, fetched) = (self.gets, self.fetched);
        let (compressed, levels) = (choice::compressed(index, chosen)?, choice::levels(chosen));
        Ok(ReadFacts { gets, fetched, compressed, levels, ..facts })
    }
}

/// A recipe a member, as if each were read by a worker of its own.
pub(super) fn recipes(index: &Index, chosen: &[Member]) -> anyhow::Result<Vec<Recipe>> {
    let wanted: Vec<Wanted> = chosen.iter().map(wanted).collect();
    let batches: Vec<&[Wanted]> = wanted.chunks(1).collect();
    Ok(index.recipes(&batches)?)
}

/// The known members, each from its recipe alone: what a worker is sent.
pub(super) fn known(job: &ArchiveJob) -> anyhow::Result<ArchiveDone> {
    let index = Index::parse(std::fs::read(&job.index)?)?;
    let chosen = choice::chosen(&index, job.layout, Members::Known)?;
    let sent: Vec<Vec<u8>> =
        recipes(&index, &chosen)?.iter().map(Recipe::to_bytes).collect::<Result<_, _>>()?;
    let clocks = Clocks::start()?;
    let mut reading = Reading::open(&job.archive)?;
    for recipe in sent {
        reading.follow(&Recipe::from_bytes(&recipe)?)?;
    }
    let done = clocks.stop()?;
    answer(done, &reading, &index, &chosen)
}

/// Members from the index file: it is read and asked first.
pub(super) fn by_index(job: &ArchiveJob, members: Members) -> anyhow::Result<ArchiveDone> {
    let index = Index::parse(std::fs::read(&job.index)?)?;
    let chosen = choice::chosen(&index, job.layout, members)?;
    drop(index);
    let clocks = Clocks::start()?;
    let index = Index::parse(std::fs::read(&job.index)?)?;
    let mut reading = Reading::open(&job.archive)?;
    for recipe in recipes(&index, &chosen)? {
        reading.follow(&recipe)?;
    }
    let done = clocks.stop()?;
    answer(done, &reading, &index, &chosen)
}

/// Some members in one go, as it must be done without an index.
pub(super) fn rescan(job: &ArchiveJob, members: Members) -> anyhow::Result<ArchiveDone> {
    let index = Index::parse(std::fs::read(&job.index)?)?;
    let chosen = choice::chosen(&index, job.layout, members)?;
    drop(index);
    let clocks = Clocks::start()?;
    let mut pick = Pick::new(chosen.iter().map(wanted).collect());
    let (mut file, mut block, mut sink) = (File::open(&job.archive)?, Block::of(AT_ONCE), Counted::default());
    loop {
        let bytes = block.next(&mut file)?;
        if bytes.is_empty() || pick.push(bytes, &mut sink)? == Flow::Stop {
            break;
        }
    }
    pick.finish(&mut sink)?;
    let done = clocks.stop()?;
    let stats = pick.stats();
    let facts = ReadFacts { gets: 1, fetched: stats.consumed, ..counted(&sink, &chosen)? };
    Ok(ArchiveDone { done, inflated: stats.inflated, read: Some(facts), ..ArchiveDone::default() })
}

fn answer(
    done: super::Done,
    reading: &Reading,
    index: &Index,
    chosen: &[Member],
) -> anyhow::Result<ArchiveDone> {
    let read = Some(reading.facts(index, chosen)?);
    Ok(ArchiveDone { done, inflated: reading.inflated, read, ..ArchiveDone::default() })
}

fn wanted(member: &Member) -> Wanted {
    Wanted { chain: member.chain.clone(), crc32: member.crc32 }
}

fn counted(counted: &Counted, chosen: &[Member]) -> anyhow::Result<ReadFacts> {
    let bytes = chosen.iter().filter_map(|member| member.chain.steps.last()).map(|step| step.size).sum();
    let is_all = counted.members == chosen.len() && counted.bytes == bytes;
    anyhow::ensure!(is_all, "the run does not count: {counted:?} of {} members", chosen.len());
    let crc = chosen.iter().fold(0, |crc, member| crc ^ member.crc32);
    Ok(ReadFacts { members: chosen.len(), bytes, crc, ..ReadFacts::default() })
}
