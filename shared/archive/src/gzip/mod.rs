//! Gzip framing around raw deflate (RFC 1952), push-style.

mod header;
mod inflater;
mod stream;

pub(crate) use stream::{GzipStream, Progress};
