//! Why a private cluster does not run.

use std::io;
use std::path::{Path, PathBuf};

/// Why a private cluster could not be made, started, used or stopped.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The server's programs are not installed.
    #[error(
        "no postgres server found in {searched}; install one (on Debian and Ubuntu: apt-get install postgresql) \
         or set LANDFALL_PG_BIN to the folder of initdb and postgres"
    )]
    NoPrograms {
        /// The folders that were looked at.
        searched: String,
    },
    /// The cluster was made by another major version than the installed ones.
    #[error(
        "the cluster in {} was made by postgres {made_by}, and only {found} is installed; install postgresql-{made_by}, \
         or choose another folder", .dir.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        dir: PathBuf,
        /// Major version that made it.
        made_by: u32,
        /// Major versions that are installed.
        found: String,
    },
    /// Run as root, and there is no user to drop to.
    #[error(
        "postgres does not run as root, and /etc/passwd has no user postgres to run it as; install postgresql, or do not run as root"
    )]
    NoAccount,
    /// The cluster belongs to another user than the one who runs this process.
    #[error("the cluster in {} belongs to user id {owner}; run as that user or choose another folder", .dir.display())]
    ForeignCluster {
        /// The cluster's folder.
        dir: PathBuf,
        /// User id that owns it.
        owner: u32,
    },
    /// A live process runs the cluster already.
    #[error("another process runs the cluster in {}; stop it first or choose another folder", .dir.display())]
    InUse {
        /// The cluster's folder.
        dir: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb could not make a cluster in {}:\n{output}", .dir.display())]
    Initdb {
        /// The folder it was to be made in.
        dir: PathBuf,
        /// What the program printed.
        output: String,
    },
    /// The server ended before it accepted connections.
    #[error("the postgres server of {} did not start; its log ends with:\n{log}", .dir.display())]
    Start {
        /// The cluster's folder.
        dir: PathBuf,
        /// The last lines of its log.
        log: String,
    },
    /// The server neither ended nor reached the wanted state.
    #[error("the postgres server of {} was not {wanted} after {seconds} s; see {}", .dir.display(), .log.display())]
    TimedOut {
        /// The cluster's folder.
        dir: PathBuf,
        /// What was waited for.
        wanted: &'static str,
        /// How long.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// A file or process operation failed.
    #[error("could not {action} {}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The server runs, but refused a statement.
    #[error("the private postgres could not {action}")]
    Statement {
        /// What was tried.
        action: String,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
}

impl PostgresError {
    /// Makes the adapter that names the operation and the path of an input or output error.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
