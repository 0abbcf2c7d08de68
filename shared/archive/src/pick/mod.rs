//! Reading chosen files of an object that was walked before.

mod desk;
mod driver;

pub use desk::{PickSink, Wanted};
pub use driver::{Pick, PickError};
