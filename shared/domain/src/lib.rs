//! Identities, states, stages, stage messages, dispositions, digests and time: what every part of Landfall
//! agrees on.
//!
//! Nothing here does input or output. Every other crate may use this one; it uses none of them.

mod body_at;
mod change_key;
mod clock;
mod dataset;
mod digest;
mod disposition;
mod eat;
mod finding;
mod identity;
mod key;
mod message;
pub mod notification;
mod reason;
mod route;
mod schedule;
mod skew;
mod stage;
mod state;

pub use body_at::{BODY_BYTES, BodyAt, DamagedBody, Found, INLINE_BYTES, QUEUE_BYTES};
pub use change_key::{ChangeKey, TicketsKey, tickets_key};
pub use clock::{Clock, FixedClock, SystemClock};
pub use dataset::{Dataset, UnknownDataset};
pub use digest::{DigestError, Sha256Digest};
pub use disposition::{Classify, Disposition, Problem, chain_text};
pub use eat::{at_eat_wall_clock, eat_wall_clock};
pub use finding::{Finding, Level};
pub use identity::{Landing, ObjectId, ObjectVersion, Pin, Run, metadata_digest};
pub use key::{KeyError, decode_event_key, encode_event_key};
pub use message::{DrainChanges, Envelope, LoadId, Look, MessageError, ParseMember, PlanArchive, PlanId};
pub use reason::Reason;
pub use route::{Feed, KeyKind, Route, route};
pub use schedule::{Cadence, SCHEDULES, Schedule};
pub use skew::Skew;
pub use stage::{Stage, StageSettings, Trigger, UnknownStage};
pub use state::{State, TransitionError, UnknownState, check_transition};
