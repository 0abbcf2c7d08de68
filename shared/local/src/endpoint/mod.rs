//! The embedded S3 endpoint: the `s3s` protocol layer over our own storage.
//!
//! It serves one folder of one machine. It is made for development, for the demo and for a self-hosted
//! installation of one node: it does not replicate, has one key pair, no access policies and no encryption.
//! What it does do, it does as S3 does: conditional writes are atomic, readers never see half an object, and a
//! write that was answered survives a crash. What it does not do, it answers with `NotImplemented`.
//!
//! How it stores (design 8):
//! - Contents are opaque blob files named by number, or lie in the index when they are small. Keys are never
//!   paths. A blob is on disk (fsync) before anything refers to it, and it is never changed.
//! - One transactional index holds buckets, versions and uploads. All changes go through one committer thread that
//!   applies what is queued in one transaction: conditions are judged inside it, and concurrent writers share the
//!   price of one commit.
//! - A completed multipart upload and a copy refer to the blobs that are there: no bytes move.
//!
//! Deviations from S3 that a caller could notice: a copy of a multipart object keeps its ETag; there is one owner
//! and one region; `LastModified` of a multipart object is the time of its completion.

mod config;
mod events;
mod index;
mod protocol;
mod refusal;
mod request;
mod server;
mod storage;

pub use config::EndpointConfig;
pub use events::{EventSink, NoEvents, ObjectWritten, SinkError, WriteKind};
pub use server::{Endpoint, EndpointError};
