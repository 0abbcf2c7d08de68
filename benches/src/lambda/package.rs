//! Sizes of the packages that `./dev package` has made.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use landfall_domain::Stage;

use crate::figure::{Figure, Goal, Report, say};

/// Megabytes of a zip.
const ZIP: f64 = 8.0;
const ZIP_STRETCH: f64 = 6.0;
/// Level of zlib, as `sam deploy` packs.
const LEVEL: u32 = 6;
/// Headers of a zip with one file that is called `bootstrap`: before it, in the directory, at the end.
const HEADERS: u64 = 30 + 9 + 46 + 9 + 22;

/// Adds the size of each package that is there.
pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = folder()?;
    let mut missing = Vec::new();
    for stage in Stage::ALL {
        let bootstrap = folder.join(stage.as_str()).join("bootstrap");
        if !bootstrap.is_file() {
            missing.push(stage.as_str());
            continue;
        }
        let (program, zip) = tokio::task::spawn_blocking(move || sizes(&bootstrap)).await??;
        let figure = Figure::new(format!("{stage}: zip"), "MB", zip).goal(Goal::AtMost(ZIP));
        report.add(figure.stretch(ZIP_STRETCH).limit(format!("the program has {program:.1} MB")))?;
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        say(&format!("packages: {} has none of {missing}; ./dev package makes them", folder.display()))?;
    }
    report.table("Packages, as ./dev package built them")
}

/// `lambda` beside the folder of this program.
fn folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent).context("this program lies in no target folder")?;
    Ok(target.join("lambda"))
}

/// Megabytes of a program, and of the zip with it alone.
fn sizes(bootstrap: &Path) -> anyhow::Result<(f64, f64)> {
    let program = std::fs::read(bootstrap)?;
    let mut encoder = DeflateEncoder::new(Counter::default(), Compression::new(LEVEL));
    encoder.write_all(&program)?;
    Ok((megabytes(program.len() as u64), megabytes(encoder.finish()?.0 + HEADERS)))
}

/// Counts what is written.
#[derive(Debug, Default)]
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a bench are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
