//! What a state means to the one who waits for it, and what can be done about it.

use landfall_domain::State;
use landfall_dumps::guard::{exit_code, is_metadata_code};

use crate::Exit;

/// The exit code of an object in this state (specs: dumps 7.5).
pub(crate) fn exit_of(state: State, reason: &str) -> Exit {
    exit_code(state, reason).into()
}

/// What an operator can do about an object in this state.
pub(crate) fn advice(state: State, reason: &str, object_id: i64) -> String {
    let replay = format!("landfall replay {object_id}");
    match (state, reason) {
        (State::Waiting, reason) if is_metadata_code(reason) => {
            "put what is missing into a sidecar beside it, KEY.json; without one it is rejected when the wait is over".into()
        }
        (State::Received | State::Waiting | State::Dispatched, _) => {
            "nothing: it is being worked on; `landfall status` shows the backlog".into()
        }
        (State::Blocked, _) => "nothing: it is judged again when the rules change".into(),
        (State::Done, "partial") => {
            format!("see the failed rows and warnings above; once their cause is mended: {replay}")
        }
        (State::Done | State::Duplicate | State::Superseded, _) => "nothing: all is done".into(),
        (State::Ignored, "sidecar" | "own_output" | "skipped") => "nothing: it is no input of its own".into(),
        (State::Ignored, "late_sidecar") => {
            "nothing, or replay its archive: the replay takes it; landfall replay KEY without .json".into()
        }
        (State::Ignored, _) => "put it under a key that a feed watches, with a suffix that the feed takes".into(),
        (State::Rejected, "customer_unknown") => {
            format!("store the customer, or start with LANDFALL_AUTO_CREATE_CUSTOMER=true; then: {replay}")
        }
        (State::Rejected, "within_6h" | "hc_exists") => {
            "if it is to replace the other dump: landfall put FILE --to KEY --overwrite".into()
        }
        (State::Rejected, reason) if is_metadata_code(reason) => {
            "put it again with other metadata: landfall put FILE --to KEY --customer .. --network .. --ticket ..".into()
        }
        (State::Rejected, _) => format!("once what the rule complains of has changed: {replay}"),
        (State::Quarantined | State::Invalid, "E_TOTAL_LIMIT" | "E_MEMBER_LIMIT" | "E_BOMB") => {
            format!("if the archive is to be trusted, raise the limit (docs/configuration.md), then: {replay}")
        }
        (State::Quarantined | State::Invalid, _) => {
            format!("the file itself is bad: put a good one under its key; after a new release also: {replay}")
        }
        (State::Failed, _) => {
            format!("once the cause is mended: landfall dead list, landfall dead redrive ID, or {replay}")
        }
        (State::Gone, _) => "it left the bucket before it was read: put it again".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_advice() {
        for state in State::ALL {
            assert!(!advice(state, "x", 7).is_empty(), "{state}");
        }
    }
}
