//! Command line output as a collector stores it: banner, prompts, an answer in one of two layouts, one
//! notification in the middle, a footer with the right count (dump specification, 3 and 4).
//!
//! All records are valid and their keys are unique, so a parser reads every one of them without a warning.

mod alarm;
mod column;
mod lsp;
mod node;

pub use alarm::AlarmText;
pub use lsp::LspText;
pub use node::NodeText;

/// How an answer lays out its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// One `Key : value` line per field, one block per record.
    #[default]
    KeyValue,
    /// A header, a ruler and one row per record.
    Table,
}

/// Everything up to the answer of `command`: banner, the switch that turns notifications off, the echo.
fn opening(ne: &str, command: &str) -> String {
    format!(
        "Welcome to the GMRE command line\nAuthorized use only\n\n\
         {ne}[1]# set notification off\n{ne}[1]# {command}\n\n"
    )
}

/// The prompt after the answer.
fn closing(ne: &str) -> String {
    format!("{ne}[1]#\n")
}
