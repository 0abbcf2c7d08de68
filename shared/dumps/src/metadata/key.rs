//! Keys of the feed: their suffix and their folders.

use landfall_domain::KeyKind;

use super::field::Field;
use super::raw::RawMetadata;

/// Classifies a key of the feed, as the front door does. Suffixes compare in any case.
pub fn classify_key(key: &str) -> KeyKind<'_> {
    KeyKind::of(key)
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
