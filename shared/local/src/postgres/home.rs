//! The folder of a cluster: who holds it, and where its data is.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_domain::Sha256Digest;

use super::account::Account;
use super::programs::{Programs, Search, major_version};
use super::settings::Durability;
use super::{PostgresError, leftover};

/// Where clusters are kept whose own folder the server's user cannot enter.
const ELSEWHERE: &str = "/var/lib/landfall";

/// A log larger than this is put aside at the next start, bytes.
const LARGE_LOG: u64 = 16 << 20;

/// The folder of a cluster, held by this process alone.
#[derive(Debug)]
pub(super) struct Home {
    /// The folder that the caller named.
    dir: PathBuf,
    /// The folder that holds the data and the log; mostly the same.
    root: PathBuf,
    /// The user that the server runs as.
    account: Account,
    /// Open and locked as long as this lives.
    _lock: File,
}

impl Home {
    /// Makes the folder if needed, takes its lock, and stops a server that a killed process left behind.
    pub(super) fn claim(dir: &Path) -> Result<Self, PostgresError> {
        std::fs::create_dir_all(dir).map_err(PostgresError::io("make the folder", dir))?;
        let dir = dir.canonicalize().map_err(PostgresError::io("find the folder", dir))?;
        let lock = lock(&dir)?;
        let (root, account) = match pointed_to(&dir)? {
            Some(root) => (root.clone(), Account::of_cluster(&root.join("data"))?),
            None => place(&dir)?,
        };
        let home = Self { dir, root, account, _lock: lock };
        leftover::stop(&home.data(), &home.log())?;
        Ok(home)
    }

    /// The folder that the caller named.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The cluster's data, `PGDATA`.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The server's log.
    pub(super) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// The user that the server runs as.
    pub(super) fn account(&self) -> Account {
        self.account
    }

    /// Opens the log for appending; a large one is put aside first.
    pub(super) fn open_log(&self) -> Result<File, PostgresError> {
        let log = self.log();
        if log.metadata().is_ok_and(|found| found.len() > LARGE_LOG) {
            std::fs::rename(&log, self.root.join("server.log.1"))
                .map_err(PostgresError::io("put aside", &log))?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).open(&log).map_err(PostgresError::io("open", &log))
    }

    /// The programs that fit the cluster; makes the cluster with them if it is new.
    pub(super) fn prepare(&self, search: &Search, durability: Durability) -> Result<Programs, PostgresError> {
        let version = self.data().join("PG_VERSION");
        let made_by = match std::fs::read_to_string(&version) {
            Ok(text) => major_version(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(PostgresError::io("read", &version)(error)),
        };
        let programs = search.find(&self.dir, made_by)?;
        if made_by.is_none() {
            self.make_cluster(&programs, durability)?;
        }
        Ok(programs)
    }

    /// Runs `initdb` in a folder of another name, renamed when it is complete.
    fn make_cluster(&self, programs: &Programs, durability: Durability) -> Result<(), PostgresError> {
        let unfinished = self.root.join("data.new");
        remove(&unfinished)?;
        std::fs::create_dir_all(&self.root).map_err(PostgresError::io("make the folder", &self.root))?;
        let io = |action| PostgresError::io(action, &unfinished);
        DirBuilder::new().mode(0o700).create(&unfinished).map_err(io("make the folder"))?;
        self.account.give(&unfinished).map_err(io("change the owner of"))?;

        // The same order of text everywhere, whatever the machine's language is.
        let locale = if cfg!(target_os = "linux") { "C.UTF-8" } else { "C" };
        let mut initdb = Command::new(programs.program("initdb"));
        initdb.args(["--username=postgres", "--encoding=UTF8", "--no-instructions"]);
        initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        initdb.arg(format!("--locale={locale}")).arg("--pgdata").arg(&unfinished).current_dir("/");
        if durability == Durability::TestsOnly {
            initdb.arg("--no-sync");
        }
        self.account.apply(&mut initdb);
        let output = initdb.output().map_err(PostgresError::io("run", &programs.program("initdb")))?;
        if !output.status.success() {
            let printed = [output.stdout, output.stderr].concat();
            let output = String::from_utf8_lossy(&printed).into_owned();
            return Err(PostgresError::Initdb { dir: self.dir.clone(), output });
        }
        std::fs::rename(&unfinished, self.data()).map_err(io("rename"))?;
        let root = File::open(&self.root).and_then(|root| root.sync_all());
        root.map_err(PostgresError::io("write", &self.root))
    }

    /// What a small file beside the cluster holds, without the line end.
    pub(super) fn note(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.dir.join(name)).ok().map(|text| text.trim().to_owned())
    }

    /// Writes a small file beside the cluster, readable by its owner only.
    pub(super) fn write_note(&self, name: &str, text: &str) -> Result<(), PostgresError> {
        write_note(&self.dir, name, text)
    }

    /// Removes a small file beside the cluster, if it is there.
    pub(super) fn remove_note(&self, name: &str) -> Result<(), PostgresError> {
        remove(&self.dir.join(name))
    }

    /// Removes the cluster. Leaves the folder with nothing of ours but the lock file, which is still held.
    pub(super) fn wipe(self) -> Result<(), PostgresError> {
        for name in ["data", "data.new", "server.log", "server.log.1"] {
            remove(&self.root.join(name))?;
        }
        if self.root != self.dir {
            remove(&self.root)?;
        }
        ["url", "password", "port", POINTER].into_iter().try_for_each(|name| self.remove_note(name))
    }
}

/// Name of the file that says where the data is, if not beside it.
const POINTER: &str = "cluster-folder";

/// Takes the lock that says that this process runs the cluster.
fn lock(dir: &Path) -> Result<File, PostgresError> {
    let path = dir.join("owner.lock");
    let mut options = OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).open(&path);
    let file = file.map_err(PostgresError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PostgresError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(PostgresError::io("lock", &path)(error)),
    }
}

/// The folder that an earlier start chose, if it was another one.
fn pointed_to(dir: &Path) -> Result<Option<PathBuf>, PostgresError> {
    let pointer = dir.join(POINTER);
    match std::fs::read_to_string(&pointer) {
        Ok(text) => Ok(Some(PathBuf::from(text.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PostgresError::io("read", &pointer)(error)),
    }
}

/// Chooses the folder for the data: `dir` itself, unless the server's user cannot enter it.
fn place(dir: &Path) -> Result<(PathBuf, Account), PostgresError> {
    let account = Account::of_cluster(&dir.join("data"))?;
    let closed = account.closed_folder(dir).map_err(PostgresError::io("look at the folders of", dir))?;
    let Some(closed) = closed else { return Ok((dir.to_owned(), account)) };

    let path = dir.as_os_str().as_encoded_bytes();
    let name: String = Sha256Digest::of(path).to_string().chars().take(16).collect();
    let root = Path::new(ELSEWHERE).join(name);
    tracing::info!(
        closed = %closed.display(),
        "the server's user cannot enter {}, so the cluster is kept in {}", closed.display(), root.display()
    );
    // Without its pointer a cluster there belonged to a folder of this name that has been removed.
    let orphan = root.join("data");
    leftover::stop(&orphan, &root.join("server.log"))?;
    remove(&root)?;
    std::fs::create_dir_all(&root).map_err(PostgresError::io("make the folder", &root))?;
    write_note(dir, POINTER, &root.to_string_lossy())?;
    let account = Account::of_cluster(&orphan)?;
    Ok((root, account))
}

/// Writes a small file at once, readable by its owner only.
fn write_note(dir: &Path, name: &str, text: &str) -> Result<(), PostgresError> {
    let (path, unfinished) = (dir.join(name), dir.join(format!("{name}.new")));
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        writeln!(file, "{text}")?;
        std::fs::rename(&unfinished, &path)
    };
    write().map_err(PostgresError::io("write", &path))
}

/// Removes a file or folder; that it is not there is fine.
fn remove(path: &Path) -> Result<(), PostgresError> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PostgresError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
