//! The parsers alone, each in a process of its own, against a plain reader in Python.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::same_records;
use super::texts::{Place, TEXTS, Text, Until, Written};
use crate::archive::peers;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::machine::{Meter, Processes, Usage};
use crate::scale::Scale;
use crate::worker::{Job, ParseDone, ParseJob, Worker};

/// Bytes of a file, and of the one that its memory is compared with.
const BYTES: u64 = 50_000_000;
const SMALL: u64 = 5_000_000;
/// The reader in Python.
pub(super) const READER: &str = "dumps_reader.py";

/// What the reader in Python tells.
#[derive(Debug, Clone, Copy, Deserialize)]
struct PeerDone {
    cpu_s: f64,
    rss_mib: f64,
    records: u64,
}

/// One file.
struct Input {
    text: Text,
    path: PathBuf,
    written: Written,
}

/// One turn: the large file by the parser and by Python, the small one by the parser.
struct Turn {
    large: ParseDone,
    small: ParseDone,
    peer: Option<PeerDone>,
    usage: Usage,
}

/// Measures one plugin after the other.
pub async fn run(scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let has_python = peers::has_python().await;
    if !has_python {
        say("dumps: there is no python3 here: the rows against the reader in Python are left out")?;
    }
    let folder = tempfile::Builder::new().prefix("landfall-bench-texts-").tempdir()?;
    for text in TEXTS {
        say(&format!("parser {}", text.plugin))?;
        let large = Input::make(text, folder.path().join("large"), scale.bytes(BYTES))?;
        let small = Input::make(text, folder.path().join("small"), scale.bytes(SMALL))?;
        if has_python {
            same_records::check(text.plugin, large.basename(), &small.path).await?;
        }
        let mut turns = Vec::new();
        for _ in 0..scale.runs() {
            turns.push(turn(&large, &small, has_python).await?);
        }
        figures(report, &large, &small, &turns)?;
    }
    report.table(&format!("Parsers alone, files of {} MB", scale.bytes(BYTES) / 1_000_000))
}

impl Input {
    fn make(text: Text, path: PathBuf, bytes: u64) -> anyhow::Result<Self> {
        let place = Place { ne: "BEN-CORE-1".into(), router: Ipv4Addr::new(10, 20, 0, 1) };
        let mut out = BufWriter::new(File::create(&path)?);
        let written = text.write(&mut out, &place, Until::Bytes(bytes))?;
        out.flush()?;
        Ok(Self { text, path, written })
    }

    /// The name that the file has in an archive.
    fn basename(&self) -> &'static str {
        self.text.path.rsplit('/').next().unwrap_or_default()
    }

    fn records(&self) -> u64 {
        self.text.records(self.written.rows).into()
    }

    async fn parse(&self) -> anyhow::Result<ParseDone> {
        let (plugin, basename) = (self.text.plugin.to_owned(), self.basename().to_owned());
        let job = ParseJob { plugin, path: self.path.clone(), basename };
        let mut worker = Worker::prepare(&Job::Parse(job)).await?;
        worker.begin().await?;
        let done: ParseDone = worker.answer().await?;
        // Of a file of nodes the first is read; the others are told as a loss.
        let expected = if self.text.plugin == "node" { "partial" } else { "ok" };
        let (plugin, outcome) = (self.text.plugin, &done.outcome);
        anyhow::ensure!(outcome == expected, "the run does not count: {plugin} ended {outcome}");
        self.check("the parser", done.records)?;
        Ok(done)
    }

    async fn read_in_python(&self) -> anyhow::Result<PeerDone> {
        let done = python(self.text.plugin, &self.path).await?;
        self.check("Python", done.records)?;
        Ok(done)
    }

    fn check(&self, who: &str, records: u64) -> anyhow::Result<()> {
        let (plugin, expected) = (self.text.plugin, self.records());
        anyhow::ensure!(
            records == expected,
            "the run does not count: {who} has {records} of {expected} records of {plugin}"
        );
        Ok(())
    }
}

async fn python(plugin: &str, path: &Path) -> anyhow::Result<PeerDone> {
    peers::answer(READER, peers::script(READER).arg(plugin).arg(path)).await
}

async fn turn(large: &Input, small: &Input, has_python: bool) -> anyhow::Result<Turn> {
    let meter = Meter::start(Processes::default())?;
    let parsed = large.parse().await?;
    let usage = meter.stop()?.with_client(parsed.done.cpu_seconds);
    let peer = if has_python { Some(large.read_in_python().await?) } else { None };
    Ok(Turn { large: parsed, small: small.parse().await?, peer, usage })
}

fn figures(report: &mut Report, large: &Input, small: &Input, turns: &[Turn]) -> anyhow::Result<()> {
    let (plugin, written) = (large.text.plugin, large.written);
    let usages: Vec<Usage> = turns.iter().map(|turn| turn.usage).collect();
    let of = |value: &dyn Fn(&Turn) -> f64| turns.iter().map(value).collect::<Vec<f64>>();
    let speed = of(&|turn| float(written.bytes) / 1e6 / turn.large.done.cpu_seconds);
    let line = median(&of(&|turn| 1e9 * turn.large.done.cpu_seconds / f64::from(written.lines)));
    let figure = Figure::median(format!("{plugin}: speed"), "MB/s of processor time", speed);
    report.add(figure.beside(&usages).peer(format!("{line:.0} ns a line, {} lines", written.lines)))?;
    if let Some(peer) = turns.last().and_then(|turn| turn.peer) {
        let less = of(&|turn| turn.peer.map_or(f64::NAN, |peer| peer.cpu_s) / turn.large.done.cpu_seconds);
        let figure = Figure::median(format!("{plugin}: less than Python"), "times", less).beside(&usages);
        let told = format!("Python {:.2} s, peak memory {:.0} MiB", peer.cpu_s, peer.rss_mib);
        report.add(figure.goal(Goal::AtLeast(10.0)).peer(told))?;
    }
    let peak = of(&|turn| beyond(&turn.large) / float(written.bytes));
    let (at_small, mib) =
        (median(&of(&|turn| beyond(&turn.small) / float(small.written.bytes))), f64::from(1 << 20));
    let told = format!(
        "{:.0} MiB for {} records; a tenth of the file: {at_small:.1} times its bytes",
        median(&of(&|turn| beyond(&turn.large))) / mib,
        large.records()
    );
    let name = format!("{plugin}: peak memory, file and records included");
    report.add(Figure::median(name, "times the file's bytes", peak).peer(told))
}

/// Peak memory beyond that of the process before it began, bytes.
fn beyond(parsed: &ParseDone) -> f64 {
    float(parsed.done.memory_peak.saturating_sub(parsed.done.memory_before))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}
