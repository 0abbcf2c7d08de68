//! The `tickets` schema: from the stage to the tables of tickets, what operators ask about the feed, and alerts.
//!
//! Lock order: `tickets.import_meta` of the dataset, its tickets. Two datasets never wait for each other.

mod alert;
mod apply;
mod status;

pub use alert::{NewAlert, raise};
pub use apply::{Applied, apply, clear_stage};
pub use status::{DatasetStatus, budget_used, status};
