//! A push-style, bounded walk over nested gzip and tar: bytes in, events out, no input or output of its own.

mod chain;
mod limits;
mod visitor;
mod warning;

pub use chain::{ChainPath, Step};
pub use limits::Limits;
pub use visitor::{FileHeader, Flow, Interest, Visitor};
pub use warning::{Warning, WarningCode};
