//! The transactional index: what exists. Contents are in [`storage`](super::storage).

mod codec;
mod commit;
mod condition;
mod deletes;
mod grouping;
mod lookup;
mod objects;
mod page;
mod pages;
mod rows;
mod tables;
mod uploads;
mod version_id;

pub(super) use commit::{ChangeError, Index, IndexError};
pub(super) use condition::{EtagTest, ReadCondition, WriteCondition};
pub(super) use deletes::{Deletion, Removed};
pub(super) use lookup::{Found, Selector};
pub(super) use objects::{CopyPlan, NewObject};
pub(super) use page::{Entry, ListQuery, Page};
pub(super) use pages::ListedVersion;
pub(super) use rows::{Checksum, Headers, PartRow, Place, Segment, VersionRow, Versioning, total_len};
pub(super) use tables::{BlobId, Tables, Writer};
pub(super) use uploads::{CompletePlan, NewPart, PartClaim, PartContent};
