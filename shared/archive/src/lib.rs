//! A push-style, bounded walk over nested gzip and tar: bytes in, events out, no input or output of its own.
//!
//! [`Walk`] takes the bytes of an object in blocks of any size and tells a [`Visitor`] what it finds, through all
//! levels of nesting. A walk with an index leaves an [`Index`] behind, by which a [`GroupReader`] reads members from
//! small ranges of the object; [`Pick`] reads them by streaming it again. Memory grows with the depth of nesting, and
//! with the index, only.

mod chain;
mod damage;
mod error;
mod feed;
mod gzip;
mod index;
mod limits;
mod magic;
mod path;
mod pick;
mod seek;
mod tar;
mod visitor;
mod walk;
mod warning;

pub use chain::{ChainPath, Step};
pub use error::WalkError;
pub use index::{Index, IndexBuilder, IndexError, IndexOptions, Member, MemberKind, Members, index_key};
pub use limits::Limits;
pub use path::{UnsafePath, basename, is_archive_name, normalise, unopened_name};
pub use pick::{Pick, PickError, PickSink, Wanted};
pub use seek::{Group, GroupReader, Recipe, RecipeError, SeekError};
pub use visitor::{FileHeader, Flow, Interest, Visitor};
pub use walk::{OuterEnd, Stats, Walk, WalkEnd};
pub use warning::{Warning, WarningCode};
