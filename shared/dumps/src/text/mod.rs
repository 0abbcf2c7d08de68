//! Text rules common to all plugins: cleaning, sections, noise, layouts (specs: dumps 3.1 to 3.3, 3.6 to 3.8).
//!
//! [`Survey::of`] looks for echoes, at lines with a `#` only, and at lines until the layout is sure; [`read`] then hands
//! the rows of the whole file to a [`RowSink`]. Lines are borrowed from the file unless cleaning changes them.

mod clean;
mod columns;
mod dialect;
mod grammar;
mod grid;
mod key_value;
mod letters;
mod noise;
mod openings;
mod pairs;
mod prompt;
mod reader;
mod row;
mod scan;
mod scrub;
mod survey;
mod table;
mod warning;
mod words;

pub use clean::{CleanText, Line, Lines, MAX_LINE_BYTES};
pub use dialect::{Dialect, normalize_label};
pub use grammar::{Field, Grammar, LineForm, LineMisfit, Noise, TextColumn, Wrap};
pub use key_value::KeyValue;
pub use pairs::{Part, parts};
pub use reader::{Counted, RowSink, read};
pub use row::Row;
pub use survey::{Layout, Survey};
pub use warning::{MAX_STORED, ParseWarning, WarningCode, Warnings};
pub(crate) use words::split_at;
