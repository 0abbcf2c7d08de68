//! The data folder of one node: its lock, its name, its keys.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use landfall_runtime::Secret;
use uuid::Uuid;

/// A data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another process has it.
    #[error("the data folder {} is in use by another process: stop that one, or choose another with --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be read or written.
    #[error("the data folder {} cannot be used", .dir.display())]
    Io {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A locked data folder.
#[derive(Debug)]
pub struct Home {
    dir: PathBuf,
    node: String,
    secret_key: Secret,
    _lock: File,
}

impl Home {
    /// Opens a data folder, made if missing, and keeps it from other processes.
    pub fn open(dir: &Path) -> Result<Self, HomeError> {
        let failed = |source| HomeError::Io { dir: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(failed)?;
        let dir = dir.canonicalize().map_err(failed)?;
        let lock = File::create(dir.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(HomeError::InUse(dir)),
            Err(TryLockError::Error(source)) => return Err(HomeError::Io { dir, source }),
        }
        let node = kept(&dir.join("node"), || Uuid::new_v4().to_string()).map_err(failed)?;
        let secret = kept(&dir.join("secret-key"), || Uuid::new_v4().simple().to_string()).map_err(failed)?;
        Ok(Self { dir, node, secret_key: Secret::new(secret), _lock: lock })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The start of the names under which all lives of this node hold leases.
    pub fn owner_prefix(&self) -> String {
        format!("node:{}:", self.node)
    }

    /// The secret key of the embedded endpoint; made once.
    pub fn secret_key(&self) -> &Secret {
        &self.secret_key
    }
}

/// The text of a small file that is made once.
fn kept(path: &Path, make: impl FnOnce() -> String) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Ok(_) => write_private(path, make()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_private(path, make()),
        Err(error) => Err(error),
    }
}

/// Written whole or not at all, and readable by nobody else.
fn write_private(path: &Path, text: String) -> io::Result<String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let draft = path.with_extension("draft");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_user_at_a_time_and_keeps_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let first = Home::open(dir.path()).unwrap();
        assert!(matches!(Home::open(dir.path()), Err(HomeError::InUse(_))));
        let prefix = first.owner_prefix();
        drop(first);
        assert_eq!(Home::open(dir.path()).unwrap().owner_prefix(), prefix);
    }
}
