//! S3 access: pinned ranged reads in order, HEAD, listing, conditional put.
//!
//! Works with AWS and with any S3-compatible store. Every read names the exact content it means
//! (ARCHITECTURE.md, identity and failures): an object that was replaced in the middle of a read is an error, never a
//! mixture. Keys are passed as they are; only the wire form is encoded, by the SDK.

mod address;
mod bucket;
mod classify;
mod connect;
mod disposition;
mod error;
mod head;
mod list;
mod listed;
mod listed_key;
mod lost_pin;
mod multipart;
pub mod probe;
mod put;
mod read;
mod relocate;
mod store;

pub use address::ObjectAt;
pub use bucket::Versioning;
pub use connect::{Settings, StaticCredentials};
pub use error::{Cause, ObjectError};
pub use head::Head;
pub use landfall_domain::Pin;
pub use list::{ListPages, ListVersionPages};
pub use listed::{Listed, ListedVersion};
pub use lost_pin::PinState;
pub use put::{Condition, FileUpload, Put, PutOptions};
pub use read::{OrderedRead, ReadOptions};
pub use store::ObjectStore;
