//! One round: every part once, each in a process of its own.

use std::collections::BTreeMap;

use super::inputs::Archive;
use super::peers::{self, Peer, PeerDone};
use crate::machine::{Meter, Processes, Usage};
use crate::worker::{ArchiveDone, ArchiveJob, Job, Members, Task, Worker};

/// The parts in their order; every other round goes backwards, so that no part has the better place.
const PARTS: [Part; 13] = [
    Part::Ours(Task::Empty),
    Part::Ours(Task::Limit),
    Part::Ours(Task::Pass),
    Part::Ours(Task::PassIndexed),
    Part::Ours(Task::Whole),
    Part::Theirs(Peer::OnePass),
    Part::Theirs(Peer::LargeBlocks),
    Part::Theirs(Peer::ThreePasses),
    Part::Ours(Task::Rescan(Members::Known)),
    Part::Ours(Task::Seek(Members::Known)),
    Part::Ours(Task::Seek(Members::Unknown)),
    Part::Ours(Task::Rescan(Members::Other)),
    Part::Ours(Task::Seek(Members::Other)),
];

#[derive(Debug, Clone, Copy)]
enum Part {
    Ours(Task),
    Theirs(Peer),
}

/// What every part of a round took.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// Ours.
    pub ours: BTreeMap<Task, ArchiveDone>,
    /// The peers in Python; none without Python.
    pub peers: BTreeMap<Peer, PeerDone>,
    /// What the machine did meanwhile.
    pub usage: Usage,
}

/// Writes the indexes and brings the archive into the page cache.
pub async fn warm_up(archive: &Archive) -> anyhow::Result<()> {
    ours(archive, Task::PassBlind).await?;
    ours(archive, Task::PassIndexed).await.map(drop)
}

/// Runs every part.
pub async fn round(archive: &Archive, number: u32, has_python: bool) -> anyhow::Result<Round> {
    let mut parts = PARTS.to_vec();
    if number % 2 == 1 {
        parts.reverse();
    }
    let mut round = Round::default();
    for part in parts {
        let used = match part {
            Part::Theirs(_) if !has_python => continue,
            Part::Ours(task) => {
                let (done, usage) = ours(archive, task).await?;
                round.ours.insert(task, done);
                usage
            }
            Part::Theirs(peer) => {
                let meter = Meter::start(Processes::default())?;
                let done = peers::run(peer, &archive.path).await?;
                let usage = meter.stop()?.with_client(done.cpu_s);
                round.peers.insert(peer, done);
                usage
            }
        };
        round.usage = round.usage.with(used);
    }
    round.check()?;
    Ok(round)
}

async fn ours(archive: &Archive, task: Task) -> anyhow::Result<(ArchiveDone, Usage)> {
    let index = match task {
        Task::PassBlind | Task::Seek(Members::Unknown) => &archive.blind_index,
        _ => &archive.index,
    };
    let (file, index) = (archive.path.clone(), index.clone());
    let job = Job::Archive(ArchiveJob { archive: file, layout: archive.layout, index, task });
    let mut worker = Worker::prepare(&job).await?;
    let meter = Meter::start(Processes::default())?;
    worker.begin().await?;
    let answer: ArchiveDone = worker.answer().await?;
    let usage = meter.stop()?.with_client(answer.done.cpu_seconds);
    Ok((answer, usage))
}

impl Round {
    /// A part of ours.
    pub fn part(&self, task: Task) -> ArchiveDone {
        self.ours.get(&task).cloned().unwrap_or_default()
    }

    /// Processor time of a part of ours, seconds.
    pub fn cpu(&self, task: Task) -> f64 {
        self.ours.get(&task).map_or(f64::NAN, |part| part.done.cpu_seconds)
    }

    /// The round counts only if all did the same work.
    fn check(&self) -> anyhow::Result<()> {
        let whole = self.part(Task::Whole);
        let members = whole.index.map(|index| index.members);
        let crc = whole.read.map(|read| read.crc);
        for task in [Task::Pass, Task::PassIndexed, Task::Limit] {
            let part = self.part(task);
            let is_same = part.sha256 == whole.sha256 && part.inflated == whole.inflated;
            anyhow::ensure!(is_same, "the run does not count: {task:?} read something else");
        }
        for (peer, done) in &self.peers {
            let is_same =
                done.sha256 == whole.sha256 && Some(done.members) == members && Some(done.target_crc) == crc;
            anyhow::ensure!(is_same, "the run does not count: {peer:?} read something else: {done:?}");
        }
        Ok(())
    }
}
