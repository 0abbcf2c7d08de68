//! Applies the change files of tickets in the order of their names, each in one transaction with its rejects, its row of
//! the ledger and the watermark (specs: tickets 4).

mod applying;
mod asked;
mod below;
mod candidate;
mod config;
mod drain;
mod error;
mod failing;
mod hooks;
mod lease;
mod listing;
mod local_file;
mod moving;
mod order;
mod reading;
mod report;
mod running;
mod turn;
mod waiting;
mod watching;

pub use config::DrainSettings;
pub use drain::DrainChanges;
pub use error::DrainError;
pub use hooks::{AfterDrain, CaptureHistory, HookError};
pub use local_file::LocalFile;
pub use order::{Mode, Order};
pub use report::{DrainReport, DrainStatus, FileReport, HookReport};
