//! Which containers the files of a network element are taken from (specs: dumps 2.4).

mod candidate;
mod choice;

pub use candidate::{Candidate, candidates};
pub use choice::{ActiveFilter, Choice, choose};
