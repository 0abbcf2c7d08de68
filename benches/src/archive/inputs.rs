//! The archives, made once for each scale.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::peers;
use crate::figure::say;
use crate::scale::Scale;
use crate::worker::Layout;

/// An archive, and where its index goes.
#[derive(Debug, Clone)]
pub struct Archive {
    /// Its name in the figures.
    pub name: &'static str,
    /// What it is like.
    pub layout: Layout,
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// The file of the index, made anew in every run of the bench.
    pub index: PathBuf,
    /// That of an index for which no member was a target.
    pub blind_index: PathBuf,
}

/// The archives of a scale: those that are kept below the folder of builds, else new ones.
pub async fn archives(scale: Scale, has_python: bool, indexes: &Path) -> anyhow::Result<Vec<Archive>> {
    let folder = kept(scale)?;
    let kinds = [("nested", Layout::Nested), ("flat", Layout::Flat)];
    let file = |name: &str| folder.join(format!("{name}.tgz"));
    if !kinds.iter().all(|(name, _)| file(name).exists()) {
        anyhow::ensure!(has_python, "python3 is needed once, to make the archives in {}", folder.display());
        say(&format!("archive: making the archives in {}, once (some minutes)", folder.display()))?;
        peers::make_archives(&folder, if scale.is_quick() { "0.1" } else { "1.0" }).await?;
    }
    let archive = |(name, layout)| {
        let path = file(name);
        let [index, blind_index] = ["", "-blind"].map(|end| indexes.join(format!("{name}{end}.lfx")));
        let bytes = path.metadata().with_context(|| format!("{} is not there", path.display()))?.len();
        Ok(Archive { name, layout, path, bytes, index, blind_index })
    };
    kinds.into_iter().map(archive).collect()
}

/// Beside the profile's folder in that of all builds.
fn kept(scale: Scale) -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent).context("the program stands in no folder")?;
    Ok(target.join("bench").join("archives").join(if scale.is_quick() { "quick" } else { "full" }))
}
