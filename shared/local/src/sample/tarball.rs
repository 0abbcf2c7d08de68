//! Tar archives with raw control over names and entry types.
//!
//! The `tar` crate's own builder refuses unsafe names such as `../x`, which the fixtures need. Here a name
//! is a byte string and is written as it is.

use std::io::{self, Write};

use tar::{EntryType, Header};

/// Modification time of every entry: 2025-01-18 03:00:00 UTC, in epoch seconds.
const MTIME: u64 = 1_737_169_200;
/// The longest name a header holds. A longer one gets a GNU long-name block before it.
const NAME_FIELD: usize = 100;
/// Tar works in blocks of this many bytes.
pub(super) const BLOCK: usize = 512;

/// What an entry is, besides a regular file or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A symbolic link.
    Symlink,
    /// A hard link to another entry.
    HardLink,
    /// A named pipe.
    Fifo,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

impl Kind {
    fn entry_type(self) -> EntryType {
        match self {
            Self::Symlink => EntryType::Symlink,
            Self::HardLink => EntryType::Link,
            Self::Fifo => EntryType::Fifo,
            Self::CharDevice => EntryType::Char,
            Self::BlockDevice => EntryType::Block,
        }
    }
}

/// A GNU tar archive in memory. Entries keep the order of the calls.
#[derive(Debug, Clone, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    /// An archive without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file. The name is a path in any form, also an unsafe one.
    pub fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        self.push(&header(EntryType::Regular, bytes.len()), name, bytes);
        self
    }

    /// Adds a directory; a missing final slash is added.
    pub fn dir(mut self, name: &str) -> Self {
        let name = format!("{}/", name.trim_end_matches('/'));
        self.push(&header(EntryType::Directory, 0), &name, &[]);
        self
    }

    /// Adds a link to `target`, or a device or pipe, which has no use for the target.
    pub fn special(mut self, kind: Kind, name: &str, target: &str) -> Self {
        let mut head = header(kind.entry_type(), 0);
        if let Some(gnu) = head.as_gnu_mut() {
            copy_into(&mut gnu.linkname, target.as_bytes());
        }
        self.push(&head, name, &[]);
        self
    }

    /// Adds a symbolic link.
    pub fn link(self, name: &str, target: &str) -> Self {
        self.special(Kind::Symlink, name, target)
    }

    /// Adds a GNU sparse file that stores `bytes` at offset 0 and has no hole after them.
    pub fn sparse(mut self, name: &str, bytes: &[u8]) -> Self {
        let mut head = header(EntryType::GNUSparse, bytes.len());
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if let Some(gnu) = head.as_gnu_mut() {
            gnu.set_real_size(size);
            if let Some(first) = gnu.sparse.first_mut() {
                first.set_offset(0);
                first.set_length(size);
            }
        }
        self.push(&head, name, bytes);
        self
    }

    /// The archive with its two closing zero blocks.
    pub fn build(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&[0; 2 * BLOCK]);
        self.bytes
    }

    /// Bytes so far, without the end of the archive.
    pub(super) fn written(&self) -> usize {
        self.bytes.len()
    }

    fn push(&mut self, head: &Header, name: &str, bytes: &[u8]) {
        self.bytes.extend_from_slice(&named(head, name.as_bytes()));
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(BLOCK), 0);
    }
}

/// Writes the header blocks of a regular file whose `size` bytes the caller writes next.
pub(super) fn write_file_header(out: &mut impl Write, name: &str, size: usize) -> io::Result<()> {
    out.write_all(&named(&header(EntryType::Regular, size), name.as_bytes()))
}

/// Writes the zeros between a body of `size` bytes and the next block.
pub(super) fn write_padding(out: &mut impl Write, size: usize) -> io::Result<()> {
    let zeros = [0; BLOCK];
    out.write_all(zeros.get(..size.next_multiple_of(BLOCK) - size).unwrap_or_default())
}

/// Writes one whole regular file.
pub(super) fn write_file(out: &mut impl Write, name: &str, bytes: &[u8]) -> io::Result<()> {
    write_file_header(out, name, bytes.len())?;
    out.write_all(bytes)?;
    write_padding(out, bytes.len())
}

/// Writes the two closing zero blocks.
pub(super) fn write_end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

/// A header with everything but the name: fixed time and owner, mode by type.
fn header(kind: EntryType, size: usize) -> Header {
    let mut head = Header::new_gnu();
    head.set_entry_type(kind);
    head.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
    head.set_uid(0);
    head.set_gid(0);
    head.set_mtime(MTIME);
    head.set_size(u64::try_from(size).unwrap_or(u64::MAX));
    head
}

/// The blocks of an entry's header: itself with name and checksum, after a long-name entry where needed.
fn named(head: &Header, name: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    if name.len() > NAME_FIELD {
        // A GNU long name ends with a zero byte, which counts in its size.
        let mut long = header(EntryType::GNULongName, name.len() + 1);
        copy_into(&mut long.as_old_mut().name, b"././@LongLink");
        long.set_cksum();
        blocks.extend_from_slice(long.as_bytes());
        blocks.extend_from_slice(name);
        blocks.resize((blocks.len() + 1).next_multiple_of(BLOCK), 0);
    }
    let mut head = head.clone();
    copy_into(&mut head.as_old_mut().name, name);
    head.set_cksum();
    blocks.extend_from_slice(head.as_bytes());
    blocks
}

/// Copies as much of `text` as the field holds.
fn copy_into(field: &mut [u8], text: &[u8]) {
    for (slot, byte) in field.iter_mut().zip(text) {
        *slot = *byte;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Kind, Tar};

    fn listed(bytes: &[u8]) -> Vec<(String, String, usize)> {
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| {
                let mut entry = entry.unwrap();
                let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
                let kind = format!("{:?}", entry.header().entry_type());
                let mut body = Vec::new();
                entry.read_to_end(&mut body).unwrap();
                (name, kind, body.len())
            })
            .collect()
    }

    #[test]
    fn names_and_bodies_are_written_as_they_are() {
        let long = format!("{}/CLI_Show_Node.out", "d".repeat(150));
        let bytes = Tar::new()
            .dir("EC1830-81-1-ACT")
            .file("../evil/CLI_Show_Node.out", b"abc")
            .file("C:\\dump\\cli\\CLI_Show_LSP.out", &[7; 512])
            .file(&long, &[7; 513])
            .build();
        assert_eq!(
            listed(&bytes),
            [
                ("EC1830-81-1-ACT/".into(), "Directory".into(), 0),
                ("../evil/CLI_Show_Node.out".into(), "Regular".into(), 3),
                ("C:\\dump\\cli\\CLI_Show_LSP.out".into(), "Regular".into(), 512),
                (long, "Regular".into(), 513),
            ]
        );
    }

    #[test]
    fn special_entries_have_their_type_and_no_body() {
        let bytes = Tar::new()
            .link("a", "b")
            .special(Kind::HardLink, "c", "b")
            .special(Kind::Fifo, "d", "")
            .special(Kind::CharDevice, "e", "")
            .special(Kind::BlockDevice, "f", "")
            .sparse("g", &[1; 600])
            .build();
        let kinds: Vec<String> =
            listed(&bytes).into_iter().map(|(_, kind, len)| format!("{kind} {len}")).collect();
        assert_eq!(kinds, ["Symlink 0", "Link 0", "Fifo 0", "Char 0", "Block 0", "GNUSparse 600"]);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let first = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(first.link_name_bytes().unwrap().as_ref(), b"b");
    }

    #[test]
    fn an_empty_archive_is_two_zero_blocks() {
        assert_eq!(Tar::new().build(), vec![0; 1024]);
    }
}
