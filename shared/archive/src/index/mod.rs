//! The seek index: where inflating can begin, and where every member stands (docs/index-format.md).
//!
//! A [`crate::Walk`] with an index keeps a place to begin from in every gzip stream as it goes. Some places become
//! checkpoints: one every few MiB, and the last one before each target. The index is written while the walk runs;
//! [`IndexBuilder::finish`] binds it to the digest of the object.

use std::fmt::Write;

mod builder;
mod catalogue;
mod directory;
mod file;
mod model;
mod place;
mod recorder;

pub use builder::IndexBuilder;
pub(crate) use catalogue::CatalogueRecord;
pub use catalogue::Members;
pub(crate) use directory::MAX_LEVELS;
pub(crate) use file::unpack;
pub use file::{Index, IndexError};
pub(crate) use model::{Checkpoint, MemberRecord, Origin, StreamKind, StreamRecord};
pub use model::{IndexOptions, Member, MemberKind};
pub(crate) use recorder::Recorder;

/// The key under which the index of the object with this digest is kept in the work bucket.
pub fn index_key(sha256: &[u8; 32]) -> String {
    let mut key = format!("index/v{}/", file::FORMAT);
    for byte in sha256 {
        // Writing to a string cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key.push_str(".lfx");
    key
}
