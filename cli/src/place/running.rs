//! `running.json`: what a running platform tells the other commands.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use landfall_local::platform::{Database, Platform, Storage};
use landfall_objects::{Settings, StaticCredentials};
use landfall_runtime::{Env, WORK_BUCKET};
use serde::{Deserialize, Serialize};

use super::private_file::PrivateFile;
use crate::{Exit, Failure};

/// The file's name in the data folder.
const NAME: &str = "running.json";
/// The access key of the embedded endpoint.
pub(super) const ACCESS_KEY: &str = "landfall";

/// Where everything of a running platform is. The URL may hold a password: the file is its owner's alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// The process.
    pub pid: i32,
    /// URL of the object store; none for AWS.
    pub endpoint: Option<String>,
    /// The store's region.
    pub region: Option<String>,
    /// Whether the bucket stands in the path.
    pub path_style: bool,
    /// The access key of the embedded endpoint; none where the environment has the keys.
    pub access_key: Option<String>,
    /// The file that holds the secret key of the embedded endpoint.
    pub secret_key_file: Option<PathBuf>,
    /// The watched bucket.
    pub bucket: String,
    /// The bucket of what Landfall keeps for itself; older platforms did not name it.
    #[serde(default = "work_bucket")]
    pub work_bucket: String,
    /// The database.
    pub database_url: String,
    /// Whether the database is the platform's own.
    pub private_database: bool,
    /// When it started.
    pub started: DateTime<Utc>,
}

impl Running {
    /// What a platform says of itself.
    pub fn of(platform: &Platform, (storage, database): (&Storage, &Database), now: DateTime<Utc>) -> Self {
        let settings = platform.storage();
        let embedded = matches!(storage, Storage::Embedded(_));
        Self {
            pid: rustix::process::getpid().as_raw_nonzero().get(),
            endpoint: settings.endpoint.clone(),
            region: settings.region.clone(),
            path_style: settings.force_path_style,
            access_key: embedded.then(|| ACCESS_KEY.to_owned()),
            secret_key_file: embedded.then(|| platform.home().dir().join("secret-key")),
            bucket: platform.bucket().to_owned(),
            work_bucket: platform.clients().work_bucket.to_string(),
            database_url: platform.database_url().to_owned(),
            private_database: matches!(database, Database::Private(_)),
            started: now,
        }
    }

    /// The file of a data folder; none if there is none.
    pub fn read(data: &Path) -> Result<Option<Self>, Failure> {
        let path = data.join(NAME);
        let failed = |error: io::Error| {
            Failure::of(Exit::Unexpected, error).while_doing(format!("{} does not read", path.display()))
        };
        match std::fs::read(&path) {
            Ok(content) => serde_json::from_slice(&content).map(Some).map_err(|error| failed(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether the process is still there.
    pub fn is_alive(&self) -> bool {
        let Some(pid) = rustix::process::Pid::from_raw(self.pid) else { return false };
        match rustix::process::test_kill_process(pid) {
            // It belongs to somebody else, but it is there.
            Ok(()) | Err(rustix::io::Errno::PERM) => true,
            Err(_) => false,
        }
    }

    /// How to reach its objects.
    pub fn settings(&self, env: &Env) -> Result<Settings, Failure> {
        let credentials = match (&self.access_key, &self.secret_key_file) {
            (Some(access), Some(file)) => {
                let secret = std::fs::read_to_string(file).map_err(|error| {
                    Failure::of(Exit::Storage, error).while_doing(format!("cannot read {}", file.display()))
                })?;
                Some(StaticCredentials::new(access, secret.trim()))
            }
            _ => super::settings(env)?.credentials,
        };
        Ok(Settings {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            credentials,
            force_path_style: self.path_style,
        })
    }

    /// The database's URL as it may be printed.
    pub fn shown_database(&self) -> String {
        without_password(&self.database_url)
    }
}

fn work_bucket() -> String {
    WORK_BUCKET.to_owned()
}

/// `running.json` as long as this lives.
#[derive(Debug)]
pub(crate) struct Announcement(#[expect(dead_code, reason = "removed when dropped")] PrivateFile);

impl Announcement {
    /// Writes the file, whole and readable by its owner alone.
    pub fn write(data: &Path, running: &Running) -> Result<Self, Failure> {
        let text = serde_json::to_vec_pretty(running).map_err(io::Error::from)?;
        PrivateFile::write(data.join(NAME), &text).map(Self)
    }
}

/// A URL with `***` in place of its password.
fn without_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}/{path}"))
    };
    hidden().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(pid: i32) -> Running {
        Running {
            pid,
            endpoint: Some("http://127.0.0.1:9000".into()),
            region: None,
            path_style: true,
            access_key: None,
            secret_key_file: None,
            bucket: "landing".into(),
            work_bucket: "work".into(),
            database_url: "postgres://postgres:p@ss@127.0.0.1:5432/landfall".into(),
            private_database: true,
            started: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_file_is_its_owners_alone_and_goes_with_the_announcement() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let running = running(rustix::process::getpid().as_raw_nonzero().get());
        let announcement = Announcement::write(dir.path(), &running).unwrap();
        let mode = std::fs::metadata(dir.path().join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = Running::read(dir.path()).unwrap().unwrap();
        assert_eq!(read, running);
        assert!(read.is_alive());
        drop(announcement);
        assert_eq!(Running::read(dir.path()).unwrap(), None);
    }

    #[test]
    fn a_process_that_has_ended_is_told_from_one_that_runs() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        child.wait().unwrap();
        assert!(!running(pid).is_alive());
        assert!(!running(0).is_alive());
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(running(1).shown_database(), "postgres://postgres:***@127.0.0.1:5432/landfall");
        assert_eq!(without_password("postgres://postgres@/x?host=/run"), "postgres://postgres@/x?host=/run");
    }
}
