//! Raw deflate against flate2 and the system's gzip: all block types, every split, damage, and starts in the middle.

mod blocks;
mod damage;
mod data;
mod whole;
