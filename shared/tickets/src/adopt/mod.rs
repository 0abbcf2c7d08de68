//! Taking over what the system before knew of tickets: nine tables, whose rows are checked one by one and brought to the
//! columns of ours (specs: tickets 12). Nothing is held but the row at hand.

mod column;
mod geo_row;
mod header;
mod map;
mod meta_row;
mod problem;
mod table;
mod ticket_row;
mod value;

pub use column::{Column, Kind, Role};
pub use header::{Header, HeaderError, RowRead};
pub use map::{MapError, SourceMap, SourceName};
pub use problem::{Note, Problem};
pub use table::Table;
