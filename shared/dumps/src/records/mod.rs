//! Typed records of the plugins (specs: dumps 4). Serialised, they are the records of the dry run.

mod alarm;
mod counters;
mod dpr;
mod identity;
mod lsp;
mod millis;
mod node;
mod record;
mod rest;
mod three_r;
mod trace;

pub use alarm::{AlarmRecord, AlarmSource, Severity};
pub use counters::{MaNotifRecord, NeaBucketRecord};
pub use dpr::{DprLinkRecord, DprRecord, DprType, LinkType, RouterMapRecord};
pub use identity::{MgmtIpSource, NeKey};
pub use lsp::{LspRecord, LspRole, LspState, Protection};
pub use node::NodeRecord;
pub(crate) use record::put_text;
pub use record::{Record, RecordKey, RecordKind};
pub(crate) use rest::Rest;
pub use three_r::{MemberRole, ThreeRGroupRecord, ThreeRMember};
pub use trace::{Attributes, NeaTraceRecord, TraceSeverity};
