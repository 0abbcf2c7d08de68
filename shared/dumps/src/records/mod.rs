//! Typed records of the plugins (specs: dumps 4). Serialised, they are the records of the dry run.

mod alarm;
mod identity;
mod lsp;
mod node;
mod record;

pub use alarm::{AlarmRecord, AlarmSource, Severity};
pub use identity::{MgmtIpSource, NeKey};
pub use lsp::{LspRecord, LspRole, LspState, Protection};
pub use node::NodeRecord;
pub use record::{Record, RecordKey, RecordKind};
