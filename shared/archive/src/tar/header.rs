//! One 512-byte tar header.

use super::number::header_number;

/// Bytes of a tar block.
pub(super) const BLOCK: usize = 512;

/// What a header stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A directory, or a directory listing.
    Directory,
    /// A link, device, FIFO, sparse file or unknown kind; the text names it.
    Special(&'static str),
}

/// What follows a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A member with its payload.
    Member(Kind),
    /// A member that never has a payload; its size field means something else or nothing.
    Bare(Kind),
    /// A member in GNU's old sparse format: extension blocks may come before the payload.
    OldSparse { extended: bool },
    /// PAX records for the next member.
    PaxNext,
    /// PAX records for all members that follow.
    PaxAll,
    /// GNU: the name of the next member.
    LongName,
    /// GNU: the link target of the next member.
    LongLink,
}

/// A header whose checksum is right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    block: &'a [u8; BLOCK],
}

impl<'a> Header<'a> {
    /// Checks the checksum of `block`.
    pub(super) fn check(block: &'a [u8; BLOCK]) -> Result<Self, &'static str> {
        let stored = header_number(part(block, 148, 8))?;
        let field: u64 = sum(part(block, 148, 8));
        // The checksum is taken with its own field as eight blanks.
        let unsigned = sum(block) - field + 8 * u64::from(b' ');
        if stored == unsigned || Some(stored) == signed(block, unsigned) {
            Ok(Self { block })
        } else {
            Err("bad tar header: checksum")
        }
    }

    /// Whether `block` says itself that it is a tar header, right or not.
    pub(super) fn has_magic(block: &[u8]) -> bool {
        block.get(257..262) == Some(b"ustar")
    }

    pub(super) fn size(self) -> Result<u64, &'static str> {
        header_number(part(self.block, 124, 12))
    }

    /// Writes the name of the header itself, with the ustar prefix if there is one.
    pub(super) fn name_into(self, name: &mut Vec<u8>) {
        name.clear();
        // GNU tar keeps other things where ustar has the prefix; its magic ends in blanks.
        if part(self.block, 257, 6) == b"ustar\0" {
            let prefix = until_nul(part(self.block, 345, 155));
            if !prefix.is_empty() {
                name.extend_from_slice(prefix);
                name.push(b'/');
            }
        }
        name.extend_from_slice(until_nul(part(self.block, 0, 100)));
    }

    pub(super) fn role(self) -> Role {
        let special = |text| Role::Bare(Kind::Special(text));
        match part(self.block, 156, 1) {
            b"\0" | b"0" | b"7" => Role::Member(Kind::File),
            b"1" => special("hard link"),
            b"2" => special("symbolic link"),
            b"3" => special("character device"),
            b"4" => special("block device"),
            b"5" => Role::Bare(Kind::Directory),
            b"6" => special("FIFO"),
            b"D" => Role::Member(Kind::Directory),
            b"S" => Role::OldSparse { extended: part(self.block, 482, 1) != b"\0" },
            b"x" | b"X" => Role::PaxNext,
            b"g" => Role::PaxAll,
            b"L" => Role::LongName,
            b"K" => Role::LongLink,
            b"M" => Role::Member(Kind::Special("part of a multi-volume file")),
            b"V" => Role::Member(Kind::Special("volume label")),
            _ => Role::Member(Kind::Special("member of unknown kind")),
        }
    }

    /// Whether the header is of the time before kinds, when a directory was known by the slash at its end.
    pub(super) fn is_untyped(self) -> bool {
        part(self.block, 156, 1) == b"\0"
    }
}

/// Whether another extension block follows this one of GNU's old sparse format.
pub(super) fn sparse_goes_on(block: &[u8; BLOCK]) -> bool {
    part(block, 504, 1) != b"\0"
}

/// The bytes of a field up to its first NUL.
pub(super) fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn part(block: &[u8; BLOCK], from: usize, length: usize) -> &[u8] {
    block.get(from..from + length).unwrap_or_default()
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

/// The checksum as some old systems took it, with signed bytes, if it is not negative.
fn signed(block: &[u8; BLOCK], unsigned: u64) -> Option<u64> {
    let high = |bytes: &[u8]| bytes.iter().filter(|byte| **byte >= 0x80).count() as u64;
    unsigned.checked_sub(256 * (high(block) - high(part(block, 148, 8))))
}
