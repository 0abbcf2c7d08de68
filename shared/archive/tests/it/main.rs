//! The walk and the pick, against other readers and against damage.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "tests"
)]

mod builder;
mod damage;
mod gzip_streams;
mod index_damage;
mod index_files;
mod index_format;
mod index_hostile;
mod index_random;
mod index_windows;
mod limits;
mod members;
mod nesting;
mod not_archives;
mod oracles;
mod pick;
mod reader;
mod recipe_hostile;
mod record;
mod reread;
mod seek;
mod seek_oracles;
mod streams;
mod tar_forms;
