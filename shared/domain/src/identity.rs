//! Identity of a landed object: (bucket, key, version) (design: identity and states).

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The surrogate key of a landed object version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(pub i64);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts the times an object was worked on: 1 at first, one more with each replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Run(pub i32);

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which version of a key: the store's version id, or `{etag}@{last-modified seconds}` where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectVersion(String);

impl ObjectVersion {
    /// The version of an object in a versioned bucket.
    pub fn from_id(version_id: &str) -> Self {
        Self(version_id.to_owned())
    }

    /// The version of an object in a bucket without versioning.
    pub fn from_etag(etag: &str, last_modified: DateTime<Utc>) -> Self {
        Self(format!("{}@{}", etag.trim_matches('"'), last_modified.timestamp()))
    }

    /// The version id where it is one (present and not `null`), else the form made of ETag and time.
    pub fn new(version_id: Option<&str>, etag: &str, last_modified: DateTime<Utc>) -> Self {
        match version_id {
            Some(id) if id != "null" && !id.is_empty() => Self::from_id(id),
            _ => Self::from_etag(etag, last_modified),
        }
    }

    /// The same bytes written again within one second with other user metadata: a version of its own.
    pub fn with_metadata(&self, digest: &str) -> Self {
        Self(format!("{}#{digest}", self.0))
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names one content of a key: a read that carries it gets this content or an error.
///
/// With both fields empty the first request of a read pins what it finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The store's version id, in a versioned bucket.
    pub version_id: Option<String>,
    /// The ETag without quotes, sent as If-Match.
    pub etag: Option<String>,
}

impl Pin {
    /// Pins by ETag (without quotes), for a store without versions.
    pub fn etag(etag: impl Into<String>) -> Self {
        Self { version_id: None, etag: Some(etag.into()) }
    }

    /// Pins by version.
    pub fn version(version_id: impl Into<String>) -> Self {
        Self { version_id: Some(version_id.into()), etag: None }
    }
}

/// One object version that landed, as the front door records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// The bucket.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// Which version of the key.
    pub version: ObjectVersion,
    /// What later reads are pinned to.
    pub pin: Pin,
    /// When the store says it was written; null where only an event told of it.
    pub last_modified: Option<DateTime<Utc>>,
    /// Size in bytes, where known.
    pub size: Option<u64>,
    /// Digest of the user metadata, where it was read ([`metadata_digest`]).
    pub metadata_digest: Option<String>,
    /// The event's sequencer, for display and to know the same event again.
    pub sequencer: Option<String>,
}

/// A short digest of an object's user metadata (16 hexadecimal digits); names compare in lower case.
pub fn metadata_digest(metadata: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, value) in metadata {
        for part in [name.to_ascii_lowercase().as_bytes(), value.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let mut hex = hex::encode(hash.finalize());
    hex.truncate(16);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 999_000_000).unwrap()
    }

    #[test]
    fn a_version_id_wins_over_the_etag() {
        assert_eq!(ObjectVersion::new(Some("3sL4"), "\"e\"", at(7)).as_str(), "3sL4");
    }

    #[test]
    fn without_a_version_id_quotes_and_milliseconds_do_not_count() {
        assert_eq!(ObjectVersion::new(Some("null"), "\"e\"", at(7)).as_str(), "e@7");
        assert_eq!(ObjectVersion::new(None, "e", at(7)).as_str(), "e@7");
    }

    #[test]
    fn a_b_a_under_one_key_are_three_versions() {
        let versions = [("a", 1), ("b", 2), ("a", 3)].map(|(etag, s)| ObjectVersion::from_etag(etag, at(s)));
        assert_ne!(versions[0], versions[2]);
        assert_ne!(versions[0], versions[1]);
    }

    #[test]
    fn metadata_digests_tell_name_from_value_and_ignore_the_case_of_names() {
        let digest = |pairs: &[(&str, &str)]| {
            metadata_digest(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        assert_eq!(digest(&[("Ticket", "A-1")]), digest(&[("ticket", "A-1")]));
        assert_ne!(digest(&[("ab", "c")]), digest(&[("a", "bc")]));
        assert_eq!(digest(&[]).len(), 16);
    }
}
