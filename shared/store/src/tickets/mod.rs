//! The `tickets` schema: from the stage to the tables of tickets, what is known of places, and what operators ask
//! about the feed.
//!
//! Lock order: `tickets.import_meta` of the dataset, its tickets. Two datasets never wait for each other.

mod apply;
pub mod geo;

pub use apply::{Applied, apply, clear_stage};
