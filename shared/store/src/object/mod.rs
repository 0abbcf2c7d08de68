//! `ingest.object` and its history `ingest.event_log`.

mod accounting;
mod landing;
mod query;
mod search;
mod transition;

pub use accounting::{
    Accounting, PresentVersion, StateCount, accounting, known_versions, mark_absent, present_versions,
    recorded_removals, unknown_versions,
};
pub use landing::{NewObject, Registered, mark_removed, register, register_superseded};
pub use query::{
    EventRow, ObjectDetail, ObjectRow, events, find, list_by_key, lock, lock_version, set_content,
    state_before,
};
pub use search::{Filter, find_version, search, versions_of_key};
pub use transition::{Move, end_lost_waits, set_waiting, transition};
