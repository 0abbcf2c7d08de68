//! `--fresh`: removes a data folder's content, if it is one.

use std::io;
use std::path::Path;

use landfall_local::platform::{Home, PlatformError};
use landfall_local::postgres::PrivateCluster;

use crate::{Exit, Failure};

/// Files that every data folder has; a folder without them is not ours.
const MARKS: [&str; 2] = ["lock", "node"];

/// Empties a data folder that no process uses. A folder that holds other things is left alone.
pub(super) async fn wipe(dir: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::of(Exit::Unexpected, error).while_doing(format!("cannot empty {}", dir.display()))
    };
    let mut entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries.peekable(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if entries.peek().is_none() {
        return Ok(());
    }
    if !MARKS.iter().all(|mark| dir.join(mark).exists()) {
        let text = format!("{} is no data folder of landfall: it is not emptied", dir.display());
        return Err(Failure::new(Exit::Arguments, text).advise("choose another one with --data"));
    }
    // Nobody else uses it as long as this lives.
    let _home = Home::open(dir).map_err(PlatformError::from)?;
    PrivateCluster::wipe(&dir.join("postgres")).await.map_err(PlatformError::from)?;
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| name == "lock") {
            continue;
        }
        let removed = if path.is_dir() && !path.is_symlink() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_that_is_no_data_folder_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("thesis.tex"), "all my work").unwrap();
        let failure = wipe(dir.path()).await.unwrap_err();
        assert_eq!(failure.exit(), Exit::Arguments);
        assert!(dir.path().join("thesis.tex").exists());
    }

    #[tokio::test]
    async fn a_data_folder_is_emptied_unless_it_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path()).unwrap();
        std::fs::create_dir(dir.path().join("objects")).unwrap();
        assert!(wipe(dir.path()).await.is_err());
        assert!(dir.path().join("objects").exists());
        drop(home);
        wipe(dir.path()).await.unwrap();
        assert!(!dir.path().join("objects").exists());
        assert!(!dir.path().join("secret-key").exists());
    }
}
