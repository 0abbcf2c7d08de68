//! The S3 operations: requests in, changes and reads of the index, answers out.

mod answers;
mod buckets;
mod core;
mod deletes;
mod headers;
mod listings;
mod objects;
mod reads;
mod service;
mod uploads;

pub(super) use self::core::Core;
pub(super) use service::Service;
