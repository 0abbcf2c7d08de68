//! The parser plugins and their registry (specs: dumps 4).

mod alarm_state;
mod assemble;
mod cells;
mod collect;
mod error;
mod lsp;
mod node;
mod parsed;
mod planning;
mod plugin;
mod probes;
mod registry;

pub use alarm_state::AlarmState;
pub use error::RegistryError;
pub use lsp::LspPlugin;
pub use node::NodePlugin;
pub use parsed::{FailureCode, Outcome, ParseFailure, ParsedFile};
pub use plugin::{KeyScope, ParseContext, Plugin};
pub use registry::{Registry, RegistryBuilder};
