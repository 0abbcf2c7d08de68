//! What the planning pass notes of an archive: its target files and warnings, and nothing of the rest
//! (specs: dumps 2.2, 2.7).

mod contents;
mod pass;
mod targets;
mod warning_log;

pub use contents::{Contents, Counts, TargetFile};
pub use pass::Catalogue;
pub use targets::{PluginRef, Targets};
pub use warning_log::WarningLog;
