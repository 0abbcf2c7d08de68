//! Schema `tickets`: how far each dataset is drained, what became of each change file, the stage that files are copied
//! into, from there the tables of tickets, and what operators ask about the feed (specs: tickets 4, 6).
//!
//! Lock order: the lease, `tickets.import_meta` of the dataset, the object, its tickets. Two datasets never wait for each
//! other.

pub mod adopt;
mod apply;
mod asking;
mod copy;
mod file;
pub mod geo;
mod meta;
mod reading;
mod reject;
mod stage;
mod status;

pub use apply::{Applied, apply, clear_stage};
pub use asking::{ask_for_drain, asked_drain_arrived};
pub use file::{FileRow, FileStatus, NewFile, file_moved, files_of_keys, forget_failure, record_file};
pub use meta::{Advance, RunEnd, advance, capture_history, lock_watermark, run_ended, watermark};
pub use reading::{
    MapFilter, OpenTicket, SlaCount, StatusCount, map, open_tickets, sla_counts, status_counts,
};
pub use reject::{NewReject, store_rejects};
pub use stage::{StageRows, sweep_stage};
pub use status::{DatasetStatus, budget_used, status};
