//! Sample dump archives and change files made from scratch: for the demo, for tests and for benches.
//!
//! Nothing here depends on the clock, the host or the user: the same calls give the same bytes. Archives
//! hold fixed times, owners and entry order. Their SHA-256 values are therefore stable for one version of
//! the compressor, which the lock file pins.
//!
//! File formats and names follow the dump specification, sections 2 to 4.

pub mod fixtures;

mod cli_text;
mod compress;
mod demo;
mod dump;
mod filler;
mod large;
mod lcg;
#[cfg(test)]
mod planned;
mod tarball;
mod texts;
mod tickets;

pub use cli_text::{AlarmText, Layout, LspText, NodeText};
pub use compress::{corrupt, gzip, truncate};
pub use demo::{DemoObject, demo_objects};
pub use dump::{Damage, Dump, Ec, Node, Role};
pub use filler::{filler, noise};
pub use large::{LargeSummary, PART_BYTES, write_large};
pub use lcg::Lcg;
pub use tarball::{Kind, Tar};
pub use texts::SampleText;
pub use tickets::{SampleGeocoder, last_export, last_of, ticket_objects};
