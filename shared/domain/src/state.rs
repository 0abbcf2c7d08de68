//! The states of an object and the one table of transitions between them (design: identity and states).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an object stands. Each object version is in exactly one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Seen.
    Received,
    /// Waiting for its group, sidecar or turn.
    Waiting,
    /// Handed to a stage.
    Dispatched,
    /// No route or target; judged again when the rules change.
    Blocked,
    /// Every effect is committed.
    Done,
    /// Same content or same landing already handled.
    Duplicate,
    /// A newer version of the key took over, or a pinned read lost this one.
    Superseded,
    /// Not input.
    Ignored,
    /// Integrity failed.
    Invalid,
    /// A rule or guard said no.
    Rejected,
    /// Permanent error; never retried by itself.
    Quarantined,
    /// Retries used up, or dead-lettered.
    Failed,
    /// Vanished before it was worked on.
    Gone,
}

impl State {
    /// All states, in the order in which tables show them.
    pub const ALL: [Self; 13] = [
        Self::Received,
        Self::Waiting,
        Self::Dispatched,
        Self::Blocked,
        Self::Done,
        Self::Duplicate,
        Self::Superseded,
        Self::Ignored,
        Self::Invalid,
        Self::Rejected,
        Self::Quarantined,
        Self::Failed,
        Self::Gone,
    ];

    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Waiting => "waiting",
            Self::Dispatched => "dispatched",
            Self::Blocked => "blocked",
            Self::Done => "done",
            Self::Duplicate => "duplicate",
            Self::Superseded => "superseded",
            Self::Ignored => "ignored",
            Self::Invalid => "invalid",
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
            Self::Gone => "gone",
        }
    }

    /// Whether work on the object has ended.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Received | Self::Waiting | Self::Dispatched | Self::Blocked)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown object state {0:?}")]
pub struct UnknownState(pub String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// A move that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an object does not go from {} to {to}", from.map_or("nothing", State::as_str))]
pub struct TransitionError {
    /// The state it is in; none for a new object.
    pub from: Option<State>,
    /// The state it was to get.
    pub to: State,
}

/// Says whether an object may move from one state to another; `from` is none for a new object.
///
/// Final states are left only by a replay or redrive (to `dispatched`, with a new run), and `done` and
/// `quarantined` change into each other when a later end of the same work tells better. What the front door gave
/// up on, and a version that was lost and came back within its second, are routed anew.
pub fn check_transition(from: Option<State>, to: State) -> Result<(), TransitionError> {
    use State::{
        Blocked, Dispatched, Done, Duplicate, Failed, Gone, Ignored, Invalid, Quarantined, Received,
        Rejected, Superseded, Waiting,
    };
    let allowed: &[State] = match from {
        None => &[Received, Waiting, Dispatched, Blocked, Ignored, Superseded, Failed, Gone],
        Some(Received) => &[Waiting, Dispatched, Blocked, Ignored, Superseded, Gone, Failed],
        Some(Waiting) => &[
            Waiting,
            Dispatched,
            Blocked,
            Done,
            Duplicate,
            Ignored,
            Superseded,
            Rejected,
            Quarantined,
            Failed,
            Gone,
        ],
        Some(Blocked) => &[Waiting, Dispatched, Ignored, Superseded, Rejected, Gone],
        Some(Dispatched) => {
            &[Waiting, Blocked, Done, Duplicate, Superseded, Invalid, Rejected, Quarantined, Failed, Gone]
        }
        Some(Done) => &[Dispatched, Done, Quarantined],
        // A change file that fails waits again when somebody has mended what reads it, or is passed over.
        Some(Quarantined) => &[Waiting, Dispatched, Done, Quarantined, Ignored],
        Some(Failed) => &[Dispatched, Done, Ignored, Superseded, Gone],
        Some(Duplicate | Invalid | Rejected) => &[Dispatched],
        Some(Ignored | Superseded | Gone) => &[Dispatched, Ignored],
    };
    if allowed.contains(&to) { Ok(()) } else { Err(TransitionError { from, to }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_from_its_name() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("dozing".parse::<State>(), Err(UnknownState("dozing".into())));
    }

    #[test]
    fn born_final_is_only_what_no_stage_ever_works_on() {
        let born: Vec<_> = State::ALL
            .into_iter()
            .filter(|to| to.is_final() && check_transition(None, *to).is_ok())
            .collect();
        assert_eq!(born, [State::Superseded, State::Ignored, State::Failed, State::Gone]);
    }

    #[test]
    fn every_final_state_can_be_replayed() {
        for state in State::ALL.into_iter().filter(|s| s.is_final()) {
            assert_eq!(check_transition(Some(state), State::Dispatched), Ok(()), "{state}");
        }
    }

    #[test]
    fn a_rejected_object_does_not_become_done_by_itself() {
        insta::assert_snapshot!(
            check_transition(Some(State::Rejected), State::Done).unwrap_err(),
            @"an object does not go from rejected to done"
        );
    }
}
