//! What the stages tell each other. Messages carry references, never contents.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Classify, Dataset, Disposition, ObjectId, Run};

/// Surrogate key of one parse of one archive (specs: dumps 5, "load").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LoadId(pub i64);

impl fmt::Display for LoadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names the plan a message belongs to; a message of another plan is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub Uuid);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// To plan-archive: look at this object, or at a load of it that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanArchive {
    /// The object.
    pub object_id: ObjectId,
    /// The run it belongs to; an older one is stale.
    pub run: Run,
    /// Which look at the object this is.
    #[serde(default, skip_serializing_if = "Look::is_first")]
    pub look: Look,
    /// A load of the object that has ended and is to take the place of the one it replaces (specs: dumps 7.6).
    /// Without it the object is to be planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip: Option<LoadId>,
}

impl PlanArchive {
    /// Asks for a plan of the object.
    pub fn of(object_id: ObjectId, run: Run) -> Self {
        Self { object_id, run, look: Look::default(), flip: None }
    }

    /// Asks for another look at an object that waits.
    pub fn again(object_id: ObjectId, run: Run, look: Look) -> Self {
        Self { look, ..Self::of(object_id, run) }
    }

    /// Asks that a load take the place of the one it replaces.
    pub fn flip(object_id: ObjectId, run: Run, load_id: LoadId) -> Self {
        Self { flip: Some(load_id), ..Self::of(object_id, run) }
    }
}

/// Why an archive is looked at: for the first time in its run, or again while it waits for a sidecar (specs: dumps
/// 6.1). Each look happens once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The sidecar that arrived while the archive waited, or just before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<ObjectId>,
    /// Whether the time to wait is over: what is missing now is missing for good.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_last: bool,
}

impl Look {
    /// A look because this sidecar arrived.
    pub fn at_sidecar(sidecar: ObjectId) -> Self {
        Self { sidecar: Some(sidecar), is_last: false }
    }

    /// The look at the end of the time to wait.
    pub fn at_end() -> Self {
        Self { sidecar: None, is_last: true }
    }

    /// Whether nothing was looked at before in this run.
    pub fn is_first(&self) -> bool {
        *self == Self::default()
    }

    /// The unit of the step ledger that this look is: `sidecar 7`, `wait`; nothing for the first one.
    pub fn unit(&self) -> String {
        let kind = if self.is_last { "wait" } else { "sidecar" };
        match self.sidecar {
            Some(sidecar) => format!("{kind} {sidecar}"),
            None if self.is_last => kind.to_owned(),
            None => String::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// To parse-member: the open plugins of one network element of one load (specs: dumps 7.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseMember {
    /// The load.
    pub load_id: LoadId,
    /// The plan the rows must carry.
    pub plan_id: PlanId,
    /// The network element, as the plan names it.
    pub ne: String,
    /// Open plugins by rising priority.
    pub plugins: Vec<String>,
    /// How the files of the network element are reached in the archive, base64 (design: archives). Without it the
    /// worker asks the index of the archive's content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
}

/// To drain-changes: apply the change files of a dataset that have settled, beside the clock (specs: tickets 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainChanges {
    /// Whose.
    pub dataset: Dataset,
    /// Names this message: while it is under way, no other is sent. None where nothing waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Uuid>,
}

/// A stage message as it travels: version, trace and body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The form of the body; this code writes and reads [`Envelope::VERSION`].
    pub v: u16,
    /// Trace context (W3C traceparent), so that an object is one trace through all stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// What is asked for.
    pub body: T,
}

/// A stage message that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The text is no JSON of the expected form.
    #[error("stage message is not of the expected form")]
    Form(#[source] serde_json::Error),
    /// The message was written by another release.
    #[error("stage message has version {got}, this release reads version {expected}")]
    Version {
        /// The version it has.
        got: u16,
        /// The version that can be read.
        expected: u16,
    },
}

impl Classify for MessageError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Form(_) => Disposition::Quarantine,
            // While a release is rolled out, the next try may meet the code that can read it.
            Self::Version { .. } => Disposition::Retry,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Form(_) => "message_form",
            Self::Version { .. } => "message_version",
        }
    }
}

impl<T> Envelope<T> {
    /// The version that this code writes.
    pub const VERSION: u16 = 1;

    /// A message of the current version.
    pub fn new(body: T) -> Self {
        Self { v: Self::VERSION, trace: None, body }
    }
}

impl<T: Serialize> Envelope<T> {
    /// The text that is sent.
    pub fn encode(&self) -> Result<String, MessageError> {
        serde_json::to_string(self).map_err(MessageError::Form)
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads a message; the version is judged before the body.
    pub fn decode(text: &str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Version {
            v: u16,
        }
        let Version { v } = serde_json::from_str(text).map_err(MessageError::Form)?;
        if v != Self::VERSION {
            return Err(MessageError::Version { got: v, expected: Self::VERSION });
        }
        serde_json::from_str(text).map_err(MessageError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_stable() {
        let message = Envelope::new(PlanArchive::of(ObjectId(7), Run(2)));
        let text = message.encode().unwrap();
        insta::assert_snapshot!(text, @r#"{"v":1,"body":{"object_id":7,"run":2}}"#);
        assert_eq!(Envelope::<PlanArchive>::decode(&text).unwrap(), message);
        let flip = Envelope::new(PlanArchive::flip(ObjectId(7), Run(2), LoadId(3))).encode().unwrap();
        insta::assert_snapshot!(flip, @r#"{"v":1,"body":{"object_id":7,"run":2,"flip":3}}"#);
    }

    #[test]
    fn a_look_travels_with_the_message_and_has_a_step_of_its_own() {
        let both = Look { sidecar: Some(ObjectId(9)), is_last: true };
        let table = [
            (Look::default(), "", r#"{"object_id":7,"run":2}"#),
            (Look::at_sidecar(ObjectId(9)), "sidecar 9", r#"{"object_id":7,"run":2,"look":{"sidecar":9}}"#),
            (Look::at_end(), "wait", r#"{"object_id":7,"run":2,"look":{"is_last":true}}"#),
            (both, "wait 9", r#"{"object_id":7,"run":2,"look":{"sidecar":9,"is_last":true}}"#),
        ];
        for (look, unit, body) in table {
            let message = Envelope::new(PlanArchive::again(ObjectId(7), Run(2), look));
            let text = message.encode().unwrap();
            assert_eq!(
                (look.unit().as_str(), text.as_str()),
                (unit, &*format!(r#"{{"v":1,"body":{body}}}"#))
            );
            assert_eq!(Envelope::<PlanArchive>::decode(&text).unwrap(), message);
        }
    }

    #[test]
    fn a_message_of_a_newer_release_is_left_for_code_that_can_read_it() {
        let error = Envelope::<PlanArchive>::decode(r#"{"v":2,"body":"other"}"#).unwrap_err();
        assert_eq!(error.disposition(), Disposition::Retry);
        insta::assert_snapshot!(error, @"stage message has version 2, this release reads version 1");
    }

    #[test]
    fn a_text_of_another_form_is_quarantined() {
        let error = Envelope::<PlanArchive>::decode("hello").unwrap_err();
        assert_eq!(error.disposition(), Disposition::Quarantine);
    }
}
