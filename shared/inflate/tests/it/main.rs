//! Raw deflate against flate2 and the system's gzip: all block types, every split, damage, starts in the middle, windows.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "tests")]

mod blocks;
mod codes;
mod damage;
mod data;
mod peer;
mod references;
mod whole;
mod writer;
