//! When a dump was captured: from metadata, from names, from the first lines of logs, or from the upload time
//! (specs: dumps 2.7).

mod choice;
mod digits;
mod first_lines;
mod form;
mod stamp;
mod window;

pub use choice::{Clues, choose};
pub use first_lines::{FirstLines, find_timestamp};
pub use form::{Form, NameTime, first_in_name, first_position, without_times};
pub use stamp::{CaptureStamp, Precision, Source, UnknownPrecision, UnknownSource};
pub use window::Window;
