//! Gzip framing around raw deflate (RFC 1952), push-style.

mod header;
mod stream;

pub(crate) use stream::{BlockStart, GzipStream, Progress};
