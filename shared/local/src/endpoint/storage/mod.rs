//! Contents: blob files, small bytes, how they come in and how they go out.

mod blobs;
mod checksums;
mod download;
mod intake;
mod pins;

pub(super) use blobs::{BlobStore, Content, PendingBlob};
pub(super) use checksums::{Expected, composite_checksum};
pub(super) use download::{Download, Piece, cut};
pub(super) use intake::{IntakeError, Received, receive};
pub(super) use pins::Pinned;
