//! Pinned reads by ranged GETs.

mod content_range;
mod options;
mod ordered;
mod part;

pub use options::ReadOptions;
pub use ordered::OrderedRead;
