//! A file that its owner alone reads, as long as its writer runs.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::{Exit, Failure};

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
}

impl PrivateFile {
    /// Writes the file, whole or not at all.
    pub fn write(path: PathBuf, content: &[u8]) -> Result<Self, Failure> {
        let draft = path.with_extension("draft");
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(content)?;
            std::fs::rename(&draft, &path)
        };
        match write() {
            Ok(()) => Ok(Self { path }),
            Err(error) => {
                Err(Failure::of(Exit::Unexpected, error)
                    .while_doing(format!("cannot write {}", path.display())))
            }
        }
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        // A file that stays names a process that has ended; readers see that.
        let _ = std::fs::remove_file(&self.path);
    }
}
