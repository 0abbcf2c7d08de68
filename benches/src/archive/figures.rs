//! What the runs say.

use landfall_archive::IndexOptions;

use super::inputs::Archive;
use super::peers::{Peer, PeerDone};
use super::rounds::Round;
use crate::figure::{Figure, Goal, Report, median};
use crate::machine::Usage;
use crate::worker::{ArchiveDone, IndexFacts, Members, ReadFacts, Task};

const MIB: f64 = 1_048_576.0;
/// Memory of a pass beyond the empty process and the index: in all, MiB, and for a member, bytes.
const MOST_MEMORY: f64 = 16.0;
const MEMBER_MEMORY: f64 = 100.0;
/// Blocks at every level that reading a known member may fetch in vain, and spans for any other.
const BLOCKS: f64 = 2.0;
const SPANS: f64 = 1.0;

/// All rounds of one archive.
struct Table<'a> {
    name: &'static str,
    bytes: f64,
    runs: &'a [Round],
    usages: Vec<Usage>,
}

/// Adds all figures of an archive; gives the title of their table.
pub fn add(report: &mut Report, archive: &Archive, runs: &[Round]) -> anyhow::Result<String> {
    let usages = runs.iter().map(|round| round.usage).collect();
    let table = Table { name: archive.name, bytes: float(archive.bytes), runs, usages };
    let indexed = table.last(Task::PassIndexed);
    let index = indexed.index.ok_or_else(|| anyhow::anyhow!("the pass made no index"))?;
    table.whole_job(report)?;
    table.pass(report)?;
    table.index(report, index)?;
    table.known(report)?;
    table.unknown(report)?;
    table.others(report)?;
    Ok(format!(
        "Seek index, {}.tgz: {:.0} MB in {} archives, {} members, {:.0} MB inflated over all levels",
        archive.name,
        table.bytes / 1e6,
        index.streams,
        index.members,
        float(indexed.inflated) / 1e6
    ))
}

impl Table<'_> {
    fn whole_job(&self, report: &mut Report) -> anyhow::Result<()> {
        report.add(self.time("whole job: pass, index, six members", Task::Whole))?;
        let goals = [
            (Peer::ThreePasses, "Python, three passes", Goal::AtLeast(2.8), 3.5),
            (Peer::OnePass, "Python, one pass", Goal::AtLeast(1.6), 2.0),
            (Peer::LargeBlocks, "Python, one pass in large blocks", Goal::AtLeast(1.6), 2.0),
        ];
        for (peer, name, goal, stretch) in goals {
            let Some(done) = self.peer(peer) else { continue };
            let cpu = self.of(|round| round.peers.get(&peer).map_or(f64::NAN, |done| done.cpu_s));
            let figure = self.median(name, "s of processor time", cpu);
            report.add(figure.peer(clock(done.wall_s, done.rss_mib)))?;
            let times = self.of(|round| {
                ratio(round.peers.get(&peer).map_or(f64::NAN, |done| done.cpu_s), round.cpu(Task::Whole))
            });
            let figure = self.median(&format!("whole job, less than {name}"), "times", times);
            report.add(figure.goal(goal).stretch(stretch))?;
        }
        Ok(())
    }

    fn pass(&self, report: &mut Report) -> anyhow::Result<()> {
        report.add(self.time("limit: libdeflate from and to memory, SHA-256", Task::Limit))?;
        report.add(self.time("pass and SHA-256", Task::Pass))?;
        let indexed = self.time("pass, SHA-256 and index", Task::PassIndexed);
        let speed = self.bytes / 1e6 / median(&self.cpu(Task::PassIndexed));
        report.add(indexed.limit(format!("{speed:.0} MB/s of the object on one core")))?;
        let over = self.of(|round| ratio(round.cpu(Task::PassIndexed), round.cpu(Task::Limit)));
        let figure = self.median("pass with index against the limit", "times", over);
        report.add(figure.goal(Goal::AtMost(1.35)).stretch(1.15))?;
        let overhead = self.of(|round| overhead(round.cpu(Task::PassIndexed), round.cpu(Task::Pass)));
        let figure = self.median("index, processor time on top of the pass", "%", overhead);
        report.add(figure.goal(Goal::AtMost(6.0)).stretch(3.0))
    }

    fn index(&self, report: &mut Report, index: IndexFacts) -> anyhow::Result<()> {
        let share = float(index.bytes) / self.bytes * 100.0;
        let figure = Figure::new(self.named("index, bytes"), "% of the archive", share);
        let told = format!("{:.0} kB, {} checkpoints", float(index.bytes) / 1e3, index.checkpoints);
        report.add(figure.goal(Goal::AtMost(0.3)).stretch(0.15).peer(told))?;
        let beyond =
            self.of(|round| memory(&round.part(Task::PassIndexed)) - memory(&round.part(Task::Empty)));
        let empty = median(&self.of(|round| memory(&round.part(Task::Empty))));
        let figure = Figure::median(self.named("pass with index: peak memory of its own"), "MiB", beyond);
        let told = format!("the empty process has {empty:.1} MiB");
        report.add(figure.goal(Goal::AtMost(most_memory(index))).peer(told))
    }

    fn known(&self, report: &mut Report) -> anyhow::Result<()> {
        let (scan, seek) = (Task::Rescan(Members::Known), Task::Seek(Members::Known));
        report.add(self.time("six known members, archive streamed again", scan))?;
        let read = self.read(seek);
        report.add(self.milliseconds("six known members, by recipe", seek))?;
        let less = self.of(|round| ratio(round.cpu(scan), round.cpu(seek)));
        let figure = self.median("known members, less than streaming again", "times", less);
        report.add(figure.goal(Goal::AtLeast(100.0)))?;
        self.less_than_reading(report, "known members", (seek, Goal::AtLeast(100.0)))?;
        let gets = float(read.gets as u64) / float(read.members as u64);
        report.add(
            Figure::new(self.named("known members, requests"), "a member", gets).goal(Goal::AtMost(1.0)),
        )?;
        let block = float(IndexOptions::default().block_bytes);
        report.add(self.fetched("known members, bytes fetched", &read, BLOCKS * block))
    }

    fn unknown(&self, report: &mut Report) -> anyhow::Result<()> {
        let seek = Task::Seek(Members::Unknown);
        self.by_index(report, "unknown members", (Task::Rescan(Members::Known), seek))?;
        self.less_than_reading(report, "unknown members", (seek, Goal::AtLeast(40.0)))
    }

    /// The six targets, against the pass in which Python reads them.
    fn less_than_reading(
        &self,
        report: &mut Report,
        which: &str,
        (seek, goal): (Task, Goal),
    ) -> anyhow::Result<()> {
        if self.peer(Peer::ThreePasses).is_none() {
            return Ok(());
        }
        let less = self.of(|round| {
            let peer = round.peers.get(&Peer::ThreePasses).and_then(|done| done.read_cpu_s);
            ratio(peer.unwrap_or(f64::NAN), round.cpu(seek))
        });
        let name = format!("{which}, less than Python's pass that reads");
        report.add(self.median(&name, "times", less).goal(goal))
    }

    fn others(&self, report: &mut Report) -> anyhow::Result<()> {
        let scan = Task::Rescan(Members::Other);
        report.add(self.time("six other members, archive streamed again", scan))?;
        self.by_index(report, "other members", (scan, Task::Seek(Members::Other)))
    }

    /// Members that were no targets in the pass.
    fn by_index(&self, report: &mut Report, which: &str, (scan, seek): (Task, Task)) -> anyhow::Result<()> {
        report.add(self.milliseconds(&format!("six {which}, by the index file"), seek))?;
        let less = self.of(|round| ratio(round.cpu(scan), round.cpu(seek)));
        let figure = self.median(&format!("{which}, less than streaming again"), "times", less);
        report.add(figure.goal(Goal::AtLeast(40.0)))?;
        let span = float(IndexOptions::default().span_bytes);
        report.add(self.fetched(&format!("{which}, bytes fetched"), &self.read(seek), SPANS * span))
    }

    /// Bytes fetched, of those that may be: what the members take, and so many bytes a level.
    fn fetched(&self, name: &str, read: &ReadFacts, level: f64) -> Figure {
        let (fetched, compressed) = (float(read.fetched), float(read.compressed));
        let most = allowed(read, level);
        let figure = Figure::new(self.named(name), "of what is allowed", ratio(fetched, most));
        figure.goal(Goal::AtMost(1.0)).peer(format!(
            "{:.0} kB fetched for {:.0} kB that inflate to {:.0} kB; allowed {:.0} kB",
            fetched / 1e3,
            compressed / 1e3,
            float(read.bytes) / 1e3,
            most / 1e3
        ))
    }

    fn time(&self, name: &str, task: Task) -> Figure {
        self.median(name, "s of processor time", self.cpu(task)).peer(self.clock_of(task))
    }

    fn milliseconds(&self, name: &str, task: Task) -> Figure {
        let cpu = self.of(|round| round.cpu(task) * 1e3);
        self.median(name, "ms of processor time", cpu).peer(self.clock_of(task))
    }

    fn clock_of(&self, task: Task) -> String {
        let wall = median(&self.of(|round| round.part(task).done.seconds));
        clock(wall, median(&self.of(|round| memory(&round.part(task)))))
    }

    fn median(&self, name: &str, unit: &'static str, runs: Vec<f64>) -> Figure {
        Figure::median(self.named(name), unit, runs).beside(&self.usages)
    }

    fn named(&self, name: &str) -> String {
        format!("{}: {name}", self.name)
    }

    fn cpu(&self, task: Task) -> Vec<f64> {
        self.of(|round| round.cpu(task))
    }

    fn of(&self, value: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.runs.iter().map(value).collect()
    }

    fn last(&self, task: Task) -> ArchiveDone {
        self.runs.last().map(|round| round.part(task)).unwrap_or_default()
    }

    fn read(&self, task: Task) -> ReadFacts {
        self.last(task).read.unwrap_or_default()
    }

    fn peer(&self, peer: Peer) -> Option<&PeerDone> {
        self.runs.last().and_then(|round| round.peers.get(&peer))
    }
}

/// How many times the second the first is.
fn ratio(one: f64, other: f64) -> f64 {
    one / other
}

/// How much more the first is than the second, percent.
fn overhead(with: f64, without: f64) -> f64 {
    (with / without - 1.0) * 100.0
}

/// Bytes that may be fetched: what the members take in the object, and `level` bytes for each level they stand in.
fn allowed(read: &ReadFacts, level: f64) -> f64 {
    float(read.compressed) + float(read.levels as u64) * level
}

/// What a pass may take beyond the empty process, MiB.
fn most_memory(index: IndexFacts) -> f64 {
    MOST_MEMORY + (float(index.bytes) + MEMBER_MEMORY * float(index.members as u64)) / MIB
}

fn memory(part: &ArchiveDone) -> f64 {
    float(part.done.memory_peak) / MIB
}

fn clock(seconds: f64, mib: f64) -> String {
    format!("{seconds:.2} s by the clock, peak memory {mib:.0} MiB")
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overhead_is_what_comes_on_top() {
        assert!((overhead(2.12, 2.0) - 6.0).abs() < 1e-9);
        assert!(overhead(1.98, 2.0) < 0.0);
    }

    #[test]
    fn the_allowance_counts_every_level_of_every_member() {
        let read = ReadFacts { members: 2, compressed: 1000, levels: 6, ..ReadFacts::default() };
        assert!((allowed(&read, 50.0) - 1300.0).abs() < 1e-9);
    }

    #[test]
    fn the_index_and_its_members_add_to_the_memory_that_is_allowed() {
        let index = IndexFacts { bytes: 1 << 20, streams: 1, checkpoints: 1, members: 1 << 20 };
        assert!((most_memory(index) - 117.0).abs() < 1e-9);
    }
}
