//! The installed server programs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// Where distributions put one folder per major version, and what follows the version in it.
const VERSIONED: [(&str, &str, &str); 3] = [
    ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                   // the project's own RPM packages
    ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew
];

/// The folder of one installed server and its major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    bin: PathBuf,
    major: u32,
}

/// Where to look for programs.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    /// Looked at alone, if given: the variable `LANDFALL_PG_BIN`.
    pub chosen: Option<PathBuf>,
    /// The variable `PATH`.
    pub path: OsString,
}

impl Search {
    /// What the environment says.
    pub(super) fn from_env() -> Self {
        Self {
            chosen: std::env::var_os("LANDFALL_PG_BIN").filter(|v| !v.is_empty()).map(PathBuf::from),
            path: std::env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// The folders to look at, best first.
    fn folders(&self) -> Vec<PathBuf> {
        if let Some(chosen) = &self.chosen {
            return vec![chosen.clone()];
        }
        let on_path = std::env::split_paths(&self.path).filter(|folder| folder.is_absolute());
        on_path.chain(versioned_folders()).collect()
    }

    /// The first installed server of the wanted major version, or the first of all.
    pub(super) fn find(&self, cluster: &Path, wanted: Option<u32>) -> Result<Programs, PostgresError> {
        let folders = self.folders();
        let mut installed = folders.iter().filter_map(|folder| Programs::in_folder(folder)).peekable();
        if installed.peek().is_none() {
            let searched: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
            return Err(PostgresError::NoPrograms { searched: searched.join(", ") });
        }
        let mut found = Vec::new();
        for programs in installed {
            match wanted {
                Some(made_by) if made_by != programs.major => found.push(programs.major.to_string()),
                _ => return Ok(programs),
            }
        }
        found.dedup();
        let made_by = wanted.unwrap_or_default();
        Err(PostgresError::OtherVersion { dir: cluster.to_owned(), made_by, found: found.join(", ") })
    }
}

impl Programs {
    /// The server in this folder, if it is there and runs.
    fn in_folder(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { bin: folder.to_owned(), major })
    }

    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

/// The folders of [`VERSIONED`] that are there, newest version first.
fn versioned_folders() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, prefix, suffix) in VERSIONED {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u32>().ok());
            if let Some(version) = version {
                found.push((version, entry.path().join(suffix)));
            }
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// The major version in what `postgres --version` prints, or in a cluster's `PG_VERSION`.
pub(super) fn major_version(text: &str) -> Option<u32> {
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits = word.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_betas_and_cluster_files() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_version("16\n"), Some(16));
        assert_eq!(major_version("postgres"), None);
    }

    #[test]
    fn a_chosen_folder_without_a_server_is_an_error_that_names_it_and_says_what_to_install() {
        let search = Search { chosen: Some("/nowhere/bin".into()), path: OsString::new() };
        let error = search.find(Path::new("/srv/cluster"), None).unwrap_err();
        insta::assert_snapshot!(error, @"no postgres server found in /nowhere/bin; install one (on Debian and Ubuntu: apt-get install postgresql) or set LANDFALL_PG_BIN to the folder of initdb and postgres");
    }

    #[test]
    fn a_cluster_of_another_major_version_is_an_error_that_names_both() {
        let installed = Search::from_env().find(Path::new("/srv/cluster"), None).unwrap();
        let search = Search { chosen: Some(installed.bin), path: OsString::new() };
        let error = search.find(Path::new("/srv/cluster"), Some(9)).unwrap_err();
        assert!(matches!(&error, PostgresError::OtherVersion { made_by: 9, found, .. }
            if *found == installed.major.to_string()));
    }
}
