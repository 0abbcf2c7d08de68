//! Schema `tickets`: how far each dataset is drained, what became of each change file, and the stage that files are
//! copied into (specs: tickets 4, 6).

mod file;
mod meta;
mod reject;
mod stage;

pub use file::{FileRow, FileStatus, NewFile, file_moved, files_of_keys, record_file};
pub use meta::{
    Advance, RunEnd, advance, capture_history, lock_watermark, resolve_places, run_ended, watermark,
};
pub use reject::{NewReject, store_rejects};
pub use stage::{StageRow, StageRows, clear_stage, sweep_stage};
