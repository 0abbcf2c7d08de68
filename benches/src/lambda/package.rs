//! Sizes of the packages that `./dev package` has made, as that command tells them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use landfall_domain::Stage;
use serde::Deserialize;

use crate::archive::peers::script;
use crate::figure::{Figure, Goal, Report, say};

/// Megabytes of a zip.
const ZIP: f64 = 8.0;
const ZIP_STRETCH: f64 = 6.0;

/// A package, as `package_report.py` tells of it.
#[derive(Debug, Deserialize)]
struct Package {
    function: String,
    architecture: String,
    program_bytes: f64,
    zip_bytes: f64,
}

/// Adds the size of each package that is there.
pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    let folder = folder()?;
    let is_missing = |stage: &Stage| !folder.join(stage.as_str()).join("bootstrap").is_file();
    let missing: Vec<&str> =
        Stage::ALL.iter().filter(|stage| is_missing(stage)).map(|s| s.as_str()).collect();
    if !missing.is_empty() {
        let (folder, missing) = (folder.display(), missing.join(", "));
        say(&format!("packages: {folder} has none of {missing}; ./dev package makes them"))?;
    }
    if missing.len() == Stage::ALL.len() {
        return Ok(());
    }
    for package in packages(&folder).await? {
        let zip = Figure::new(format!("{}: zip", package.function), "MB", package.zip_bytes / 1e6);
        let note = format!("the program has {:.1} MB, {}", package.program_bytes / 1e6, package.architecture);
        report.add(zip.goal(Goal::AtMost(ZIP)).stretch(ZIP_STRETCH).limit(note))?;
    }
    report.table("Packages, as ./dev package built them")
}

/// `lambda` beside the folder of this program.
fn folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent).context("this program lies in no target folder")?;
    Ok(target.join("lambda"))
}

async fn packages(folder: &Path) -> anyhow::Result<Vec<Package>> {
    let mut script = script("../../infra/package_report.py");
    let output = script.arg(folder).args(["--no-start", "--json"]).output().await.context("python3")?;
    anyhow::ensure!(output.status.success(), "package_report.py ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| serde_json::from_str(line).context("a line of package_report.py")).collect()
}
