//! The user that the server runs as.

use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// The user that distributions make for the server.
const SERVER_USER: &str = "postgres";

/// The user that the server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The one who runs this process.
    Caller {
        /// Its user id.
        uid: u32,
    },
    /// Another one, since this process is root's.
    Dropped {
        /// User id to drop to.
        uid: u32,
        /// Group id to drop to.
        gid: u32,
    },
}

impl Account {
    /// The account for the cluster whose data is in `data`, if it is there already.
    ///
    /// Root drops to the owner of the data, for a new cluster to the user `postgres`.
    pub(super) fn of_cluster(data: &Path) -> Result<Self, PostgresError> {
        let uid = rustix::process::geteuid().as_raw();
        let owner = data.metadata().ok().map(|found| (found.uid(), found.gid()));
        match (uid, owner) {
            (0, Some((0, _)) | None) => Self::server_user(),
            (0, Some((uid, gid))) => Ok(Self::Dropped { uid, gid }),
            (uid, Some((owner, _))) if owner != uid => {
                Err(PostgresError::ForeignCluster { dir: data.to_owned(), owner })
            }
            (uid, _) => Ok(Self::Caller { uid }),
        }
    }

    /// The user that the distribution made for the server.
    fn server_user() -> Result<Self, PostgresError> {
        let passwd = Path::new("/etc/passwd");
        let text = std::fs::read_to_string(passwd).map_err(PostgresError::io("read", passwd))?;
        let (uid, gid) = ids_in(&text, SERVER_USER).ok_or(PostgresError::NoAccount)?;
        Ok(Self::Dropped { uid, gid })
    }

    /// Makes the command run as this user.
    pub(super) fn apply(self, command: &mut Command) {
        if let Self::Dropped { uid, gid } = self {
            // Giving a user id also drops the supplementary groups.
            command.uid(uid).gid(gid);
        }
    }

    /// Gives the path to this user.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Caller { .. } => Ok(()),
            Self::Dropped { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    /// The first folder on the way to `path`, itself included, that this user may not enter.
    pub(super) fn closed_folder(self, path: &Path) -> io::Result<Option<PathBuf>> {
        let Self::Dropped { uid, gid } = self else { return Ok(None) };
        let mut folders: Vec<_> = path.ancestors().collect();
        folders.reverse();
        for folder in folders {
            let found = folder.metadata()?;
            let entry = match () {
                () if found.uid() == uid => 0o100,
                () if found.gid() == gid => 0o010,
                () => 0o001,
            };
            if found.mode() & entry == 0 {
                return Ok(Some(folder.to_owned()));
            }
        }
        Ok(None)
    }
}

/// User and group id of a user, from the text of a passwd(5) file.
fn ids_in(passwd: &str, user: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password) = (fields.next()?, fields.next()?);
        let (uid, gid) = (fields.next()?, fields.next()?);
        (name == user).then_some(())?;
        Some((uid.parse().ok()?, gid.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn ids_are_those_of_the_line_that_names_the_user_exactly() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\n\npostgres:x:101:104:,,,:/var/lib:/bin/sh\n";
        assert_eq!(ids_in(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids_in(passwd, "mysql"), None);
    }

    #[test]
    fn a_folder_is_closed_to_those_whose_search_bit_is_missing() {
        let top = tempfile::tempdir().unwrap();
        let below = top.path().join("below");
        std::fs::create_dir(&below).unwrap();
        let found = top.path().metadata().unwrap();
        let owner = Account::Dropped { uid: found.uid(), gid: found.gid() };
        let closed = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(top.path(), closed).unwrap();
        let stranger = Account::Dropped { uid: found.uid() + 1, gid: found.gid() + 1 };

        assert_eq!(owner.closed_folder(&below).unwrap(), None);
        assert_eq!(stranger.closed_folder(&below).unwrap().as_deref(), Some(top.path()));

        std::fs::set_permissions(top.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        std::fs::set_permissions(&below, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(stranger.closed_folder(&below).unwrap(), None);
    }
}
