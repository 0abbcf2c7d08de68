//! The walk: gzip and tar at every level, limits over all of them.

mod body;
mod driver;
mod level;
mod run;

pub use driver::{OuterEnd, Walk, WalkEnd};
pub use run::Stats;
