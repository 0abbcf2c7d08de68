//! Ticket change files: CSV dialect, cleaning, keys, places and the rules of geocoding. Pure.
//!
//! [`ChangeFile`] is pushed the bytes of a file as they come and hands on cleaned rows and rejects; it holds no more
//! than one record. `specs: tickets 5` in the code means section 5 of the specification of this feed.

pub mod adopt;
pub mod change_file;
pub mod cleaning;
pub mod columns;
mod counts;
pub mod csv;
mod error;
pub mod geo;
pub mod geocoding;
mod header;
mod json;
pub mod place;

pub use change_file::{ChangeFile, Reject, Row, RowSink};
pub use cleaning::RejectReason;
pub use columns::{COLUMNS, Column};
pub use counts::{FileCounts, too_many_rejects};
pub use error::{FileError, FileRule};
pub use landfall_domain::{ChangeKey, Dataset};
