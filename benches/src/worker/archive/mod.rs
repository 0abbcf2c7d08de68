//! Work on an archive in a local file: what the crate `landfall-archive` does, without store and database.

mod block;
mod choice;
mod limit;
mod pass;
mod read;

use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{Done, ready};
use crate::machine;

/// One part of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArchiveJob {
    /// The archive.
    pub archive: PathBuf,
    /// What it is like.
    pub layout: Layout,
    /// Its index; the indexed pass writes it, those that read members take it.
    pub index: PathBuf,
    /// What is measured.
    pub task: Task,
}

/// What an archive is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// Archives in archives in an archive.
    Nested,
    /// One level.
    Flat,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Task {
    /// Nothing: what the process is without any work.
    Empty,
    /// Walk and SHA-256.
    Pass,
    /// The same, and an index.
    PassIndexed,
    /// The same, with an index for which no member was a target.
    PassBlind,
    /// Members by streaming the archive again.
    Rescan(Members),
    /// Members by the index.
    Seek(Members),
    /// The pass with its index, then the recipes of the known members and these by them.
    Whole,
    /// The least that inflating and hashing can cost: one-shot inflating from and to memory, and SHA-256.
    Limit,
}

/// Six members of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Members {
    /// Those that were called targets in the pass.
    Known,
    /// The same ones, from an index for which they were none.
    Unknown,
    /// Others, of about two MiB where there are such, spread over the archive.
    Other,
}

/// What was done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ArchiveDone {
    /// Time and memory of the measured part.
    pub done: Done,
    /// Bytes inflated at all levels.
    pub inflated: u64,
    /// The digest of the archive, where it was taken.
    pub sha256: String,
    /// The index, where one was made.
    pub index: Option<IndexFacts>,
    /// The members, where some were read.
    pub read: Option<ReadFacts>,
}

/// What an index is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct IndexFacts {
    /// Bytes of its file.
    pub bytes: u64,
    /// Archives it knows.
    pub streams: usize,
    /// Places between blocks at which inflating can begin.
    pub checkpoints: usize,
    /// Members it knows.
    pub members: usize,
}

/// What some members cost.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct ReadFacts {
    /// How many.
    pub members: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Their CRCs, combined by exclusive or.
    pub crc: u32,
    /// Ranges of the object that were read.
    pub gets: usize,
    /// Bytes of those ranges.
    pub fetched: u64,
    /// Bytes that the members take in the object, by the ratios of the streams that hold them.
    pub compressed: u64,
    /// Levels of inflating, summed over the members.
    pub levels: usize,
}

/// Runs one part.
pub(super) fn serve(job: &ArchiveJob) -> anyhow::Result<ArchiveDone> {
    match job.task {
        Task::Empty => Ok(ArchiveDone { done: Clocks::start()?.stop()?, ..ArchiveDone::default() }),
        Task::Pass => pass::plain(job),
        Task::PassIndexed => pass::indexed(job, Some(job.layout)),
        Task::PassBlind => pass::indexed(job, None),
        Task::Whole => pass::whole(job),
        Task::Rescan(members) => read::rescan(job, members),
        Task::Seek(Members::Known) => read::known(job),
        Task::Seek(members) => read::by_index(job, members),
        Task::Limit => limit::serve(job),
    }
}

/// Measures from the word to begin on.
struct Clocks {
    begun: Instant,
    cpu: f64,
    memory_before: u64,
}

impl Clocks {
    fn start() -> anyhow::Result<Self> {
        let memory_before = machine::peak_memory()?;
        ready()?;
        Ok(Self { begun: Instant::now(), cpu: machine::own_seconds(), memory_before })
    }

    fn stop(self) -> anyhow::Result<Done> {
        Ok(Done {
            cpu_seconds: machine::own_seconds() - self.cpu,
            seconds: self.begun.elapsed().as_secs_f64(),
            received: 0,
            memory_before: self.memory_before,
            memory_peak: machine::peak_memory()?,
        })
    }
}

impl Layout {
    /// Whether a rule names this file, lower-cased; the same files that the peers read.
    pub fn is_target(self, basename: &str) -> bool {
        match self {
            Self::Nested => basename.starts_with("cli_") && basename.ends_with("_act_last.out"),
            Self::Flat => {
                let number = basename.strip_prefix("cli_00").and_then(|rest| rest.strip_suffix(".out"));
                number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'6', _]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_files_that_the_peers_read() {
        assert!(Layout::Nested.is_target("cli_n3_act_last.out"));
        assert!(!Layout::Nested.is_target("cli_n3_stdby_last.out"));
        assert!(!Layout::Nested.is_target("cli_n3_act_07.out"));
        assert!(Layout::Flat.is_target("cli_0060.out"));
        assert!(!Layout::Flat.is_target("cli_0072.out"));
        assert!(!Layout::Flat.is_target("cli_last.out"));
    }
}
