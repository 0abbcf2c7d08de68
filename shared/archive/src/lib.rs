//! A push-style, bounded walk over nested gzip and tar: bytes in, events out, no input or output of its own.
//!
//! [`Walk`] takes the bytes of an object in blocks of any size and tells a [`Visitor`] what it finds, through all
//! levels of nesting. [`Pick`] reads chosen files of an object that was walked before. Memory grows with the
//! depth of nesting only.

mod chain;
mod damage;
mod error;
mod feed;
mod gzip;
mod limits;
mod magic;
mod path;
mod pick;
mod tar;
mod visitor;
mod walk;
mod warning;

pub use chain::{ChainPath, Step};
pub use error::WalkError;
pub use limits::Limits;
pub use path::{UnsafePath, basename, is_archive_name, normalise, unopened_name};
pub use pick::{Pick, PickError, PickSink, Wanted};
pub use visitor::{FileHeader, Flow, Interest, Visitor};
pub use walk::{OuterEnd, Stats, Walk, WalkEnd};
pub use warning::{Warning, WarningCode};
