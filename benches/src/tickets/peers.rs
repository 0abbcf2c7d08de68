//! The same work in Python, with pandas and psycopg.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::archive::peers::{answer, script_by};

/// What a peer tells.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct PeerDone {
    /// Processor time, imports not included, seconds.
    pub cpu_s: f64,
    /// By the clock, likewise.
    pub wall_s: f64,
    /// Peak memory, MiB.
    pub rss_mib: f64,
    /// Rows that were kept.
    pub rows: u64,
}

/// Reads and cleans files.
pub async fn clean(python: &Path, files: &[PathBuf]) -> anyhow::Result<PeerDone> {
    run(python, "tickets_clean.py", None, files).await
}

/// Reads and cleans files, and upserts their rows.
pub async fn load(python: &Path, url: &str, files: &[PathBuf]) -> anyhow::Result<PeerDone> {
    run(python, "tickets_load.py", Some(url), files).await
}

async fn run(python: &Path, name: &str, url: Option<&str>, files: &[PathBuf]) -> anyhow::Result<PeerDone> {
    let mut script = script_by(python, name);
    if let Some(url) = url {
        // Not an argument: it holds a password.
        script.env("DATABASE_URL", url);
    }
    answer(name, script.args(files)).await
}
