//! Values as they stand in the texts of nodes, read into typed ones (specs: dumps 3.4).
//!
//! Every reader takes the text of one cell that is not null (see [`is_null`]) and answers `None` for a bad
//! value. Blanks around the text never matter.

mod address;
mod aid;
mod duration;
mod eights;
mod label;
mod names;
mod null;
mod number;
mod percent;
mod signal;
mod timestamp;
mod version;
mod vocabulary;

pub use address::{Addresses, Endpoint, endpoint, ipv4, leftmost_ipv4};
pub use aid::AidParts;
pub use duration::duration;
pub(crate) use eights::const_number;
pub use label::Label;
pub(crate) use names::trim;
pub use names::{nename, text, token, trimmed};
pub use null::is_null;
pub use number::{ratio, size, uint, uints};
pub use percent::Percent;
pub use signal::Signal;
pub(crate) use timestamp::in_century;
pub use timestamp::{has_iso_shape, iso_millis, timestamp, timestamp_prefix};
pub use version::{Version, VersionText};
pub(crate) use vocabulary::vocabulary;
pub use vocabulary::{AdminState, OperState, Vocabulary, word, yes_no};
