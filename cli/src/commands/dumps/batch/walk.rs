//! Finding archives below a folder.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use landfall_domain::KeyKind;
use landfall_dumps::metadata::Ticket;

use super::{Item, left_out};
use crate::uploads::Answers;
use crate::{Exit, Failure};

/// What lies below a folder, in byte order of the paths.
#[derive(Debug, Default)]
pub(in crate::commands::dumps) struct Walk {
    archives: Vec<PathBuf>,
    /// Folders below the root that do not open.
    closed: Vec<(PathBuf, io::Error)>,
}

/// Archives at any depth below a folder. Hidden folders, symlinks and what is no file are passed over.
///
/// # Errors
/// The folder itself cannot be read.
pub(in crate::commands::dumps) fn walk(root: &Path) -> Result<Walk, Failure> {
    let mut found = Walk::default();
    let mut folders = vec![(root.to_owned(), entries(root).map_err(|error| unreadable(root, error))?)];
    while let Some((folder, entries)) = folders.pop() {
        for entry in entries {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if is_open_folder(&entry, kind) => match self::entries(&path) {
                    Ok(entries) => folders.push((path, entries)),
                    Err(error) => found.closed.push((path, error)),
                },
                Ok(kind) if kind.is_file() && is_archive(&path) => found.archives.push(path),
                Ok(_) => {}
                Err(error) => found.closed.push((path, error)),
            }
        }
    }
    Ok(found)
}

impl Walk {
    /// The archives as uploads; their keys end in their paths below `root`.
    pub fn items(self, root: &Path, answers: &Answers) -> Vec<Item> {
        let archive = |path: PathBuf| {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            Item::archive(path, &name, answers)
        };
        let closed = self.closed.into_iter().map(|(path, error)| {
            let failure = unreadable(&path, error);
            Item::skip(path, failure)
        });
        sorted(self.archives.into_iter().map(archive).chain(closed).collect())
    }
}

/// The archives of a folder whose own folders are tickets. A folder that is none, and an archive outside them, is
/// left out and said so.
///
/// # Errors
/// The folder itself cannot be read.
pub(in crate::commands::dumps) fn walk_tickets(root: &Path, answers: &Answers) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    for entry in entries(root).map_err(|error| unreadable(root, error))? {
        let path = root.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if is_open_folder(&entry, kind) => items.extend(ticket_folder(path, answers)),
            Ok(kind) if kind.is_file() && is_archive(&path) => {
                items.push(Item::skip(path, left_out("it lies in no ticket folder")));
            }
            Ok(_) => {}
            Err(error) => {
                let failure = unreadable(&path, error);
                items.push(Item::skip(path, failure));
            }
        }
    }
    Ok(sorted(items))
}

fn ticket_folder(path: PathBuf, answers: &Answers) -> Vec<Item> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Err(error) = name.parse::<Ticket>() {
        return vec![Item::skip(path, Failure::of(Exit::Arguments, error))];
    }
    match walk(&path) {
        Ok(found) => found.items(&path, &answers.with_ticket(&name)),
        Err(failure) => vec![Item::skip(path, failure)],
    }
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    fs::read_dir(folder)?.collect()
}

/// Whether an entry is a folder that is entered. The kind of a symlink is that of the link itself.
fn is_open_folder(entry: &DirEntry, kind: FileType) -> bool {
    kind.is_dir() && !entry.file_name().as_bytes().starts_with(b".")
}

fn is_archive(path: &Path) -> bool {
    KeyKind::of(&path.to_string_lossy()) == KeyKind::Archive
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| a.path.as_os_str().as_bytes().cmp(b.path.as_os_str().as_bytes()));
    items
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with empty files at these paths.
    fn tree(paths: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in paths {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        dir
    }

    fn paths(dir: &tempfile::TempDir) -> Vec<String> {
        let items = walk(dir.path()).unwrap().items(dir.path(), &Answers::default());
        let name = |item: Item| item.path.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned();
        items.into_iter().map(name).collect()
    }

    #[test]
    fn archives_come_in_byte_order_of_their_paths_whatever_their_depth() {
        let dir = tree(&[
            "b.TGZ",
            "a/b/c/d/e/deep.tar.gz",
            "a/z.tgz",
            "a-b/x.tgz",
            "a.tgz",
            "Z.Tar.Gz",
            "a/readme.txt",
            "x.tar",
        ]);
        assert_eq!(
            paths(&dir),
            ["Z.Tar.Gz", "a-b/x.tgz", "a.tgz", "a/b/c/d/e/deep.tar.gz", "a/z.tgz", "b.TGZ"]
        );
    }

    #[test]
    fn hidden_folders_symlinks_and_folders_named_like_archives_are_no_archives() {
        let dir = tree(&["real/a.tgz", ".hidden/b.tgz", "folder.tgz/c.tgz", ".d.tgz"]);
        symlink(dir.path().join("real"), dir.path().join("loop")).unwrap();
        symlink(dir.path().join("real/a.tgz"), dir.path().join("link.tgz")).unwrap();
        symlink(dir.path(), dir.path().join("real/up")).unwrap();
        assert_eq!(paths(&dir), [".d.tgz", "folder.tgz/c.tgz", "real/a.tgz"]);
    }
}
