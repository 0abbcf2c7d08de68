//! Raw deflate against flate2 and the system's gzip: all block types, every split, damage, and starts in the middle.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "tests")]

mod blocks;
mod damage;
mod data;
mod whole;
