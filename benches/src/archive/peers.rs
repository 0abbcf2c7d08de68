//! The same work in Python, as scripts of their own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::process::Command;

/// Who does the whole job in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Three passes, each for itself.
    ThreePasses,
    /// One pass for everything, in the blocks that tarfile reads by itself.
    OnePass,
    /// The same in the blocks that are fastest for it here, of 10 KiB to 1 MiB.
    LargeBlocks,
}

impl Peer {
    fn script(self) -> &'static str {
        match self {
            Self::ThreePasses => "three_passes.py",
            Self::OnePass | Self::LargeBlocks => "one_pass.py",
        }
    }

    /// Bytes that it reads at once, where it is told.
    fn block(self) -> Option<&'static str> {
        (self == Self::LargeBlocks).then_some("65536")
    }
}

/// What a peer tells.
#[derive(Debug, Clone, Deserialize)]
pub struct PeerDone {
    /// Processor time, the start of Python not included, seconds.
    pub cpu_s: f64,
    /// By the clock, likewise.
    pub wall_s: f64,
    /// Peak memory of the process, MiB.
    pub rss_mib: f64,
    /// The digest of the archive.
    pub sha256: String,
    /// Members of all levels.
    pub members: usize,
    /// The CRCs of the targets, combined by exclusive or.
    pub target_crc: u32,
    /// Processor time of reading the targets, where that is a pass of its own.
    pub read_cpu_s: Option<f64>,
}

/// Whether there is a Python to run them.
pub async fn has_python() -> bool {
    let mut python = Command::new("python3");
    python.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().await.is_ok_and(|status| status.success())
}

/// Runs a peer on an archive.
pub async fn run(peer: Peer, archive: &Path) -> anyhow::Result<PeerDone> {
    answer(peer.script(), script(peer.script()).arg(archive).args(peer.block())).await
}

/// Makes the archives that are missing in a folder.
pub async fn make_archives(folder: &Path, scale: &str) -> anyhow::Result<()> {
    let name = "make_archives.py";
    printed(name, script(name).arg(folder).args(["--scale", scale])).await.map(drop)
}

/// The JSON document that a script of this name prints.
pub async fn answer<T: DeserializeOwned>(name: &str, script: &mut Command) -> anyhow::Result<T> {
    serde_json::from_slice(&printed(name, script).await?).context("the peer's answer does not read")
}

/// What a script of this name prints, if it ends well.
pub async fn printed(name: &str, script: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = script.output().await?;
    anyhow::ensure!(output.status.success(), "{name} ended with {}", output.status);
    Ok(output.stdout)
}

/// One of the scripts, to be run.
pub fn script(name: &str) -> Command {
    script_by(Path::new("python3"), name)
}

/// One of the scripts, to be run by this Python.
pub fn script_by(python: &Path, name: &str) -> Command {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
    let mut python = Command::new(python);
    python.arg(path).env("PYTHONDONTWRITEBYTECODE", "1");
    python.stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    python
}
