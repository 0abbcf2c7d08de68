//! Keys of the feed: their suffix and their folders.

use super::field::Field;
use super::raw::RawMetadata;

/// What a key of the feed names, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind<'a> {
    /// A dump archive: `.tgz` or `.tar.gz`.
    Archive,
    /// The metadata of an archive: `.json` after one of these.
    Sidecar {
        /// The key of the archive.
        archive: &'a str,
    },
    /// Nothing this feed wants: `ignored` (`suffix`).
    OtherSuffix,
}

/// Classifies a key of the feed. Suffixes compare in any case.
pub fn classify_key(key: &str) -> KeyKind<'_> {
    if is_archive(key) {
        return KeyKind::Archive;
    }
    match without_suffix(key, ".json") {
        Some(archive) if is_archive(archive) => KeyKind::Sidecar { archive },
        _ => KeyKind::OtherSuffix,
    }
}

fn is_archive(key: &str) -> bool {
    [".tgz", ".tar.gz"].into_iter().any(|suffix| without_suffix(key, suffix).is_some())
}

fn without_suffix<'a>(key: &'a str, suffix: &str) -> Option<&'a str> {
    let (stem, end) = key.split_at_checked(key.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(stem)
}

/// The values of `dumps/{customer}/{network}/{ticket}/{file}`; a key of another layout has none.
pub(super) fn values(key: &str) -> RawMetadata {
    let mut raw = RawMetadata::default();
    let parts: Vec<&str> = key.split('/').collect();
    if let ["dumps", customer, network, ticket, file] = parts.as_slice()
        && classify_key(file) == KeyKind::Archive
    {
        raw.set(Field::Customer, customer);
        raw.set(Field::Network, network);
        raw.set(Field::Ticket, ticket);
    }
    raw
}
