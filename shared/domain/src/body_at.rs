//! Messages whose bodies are too large for a queue: the body lies in the work bucket, and a small message says where
//! (design 5). Only queues outside the database have such a limit.

use serde::{Deserialize, Serialize};

use crate::{MessageError, ObjectId, Run, Sha256Digest, Stage};

/// Bytes of one message that SQS takes, and what `MaximumMessageSize` of every queue is set to.
pub const QUEUE_BYTES: usize = 1 << 20;
/// Bytes of a message, at most, that travels whole: what every queue took before they took 1 MiB. Stage messages are
/// small; one that is not goes by way of the work bucket long before the queue would refuse it.
pub const INLINE_BYTES: usize = 256 << 10;
/// Bytes of a body, at most, that is put into the work bucket. A larger one is a fault of whoever wrote it.
pub const BODY_BYTES: usize = 5 << 20;

/// Says where the body of a message lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyAt {
    /// Its key in the work bucket: [`BodyAt::PREFIX`], stage, row of the outbox, digest. A message that is sent again
    /// finds its own body there; two messages never share one.
    pub key: String,
    /// Of the body.
    pub sha256: Sha256Digest,
    /// Bytes of the body.
    pub size: u64,
    /// The object that the message is about, where it names one: it is `failed` if the body is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<(ObjectId, Run)>,
}

/// As the message travels. The version is not that of [`crate::Envelope`]: a release that does not know this form
/// leaves such a message to one that does.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<T> {
    v: u16,
    body_at: T,
}

const VERSION: u16 = 2;

/// What lies where a body is to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The body.
    Body(String),
    /// The mark that the message is done: it was acknowledged once, and what comes now is a repeat.
    Done,
}

/// Something else lies where a body is to lie.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {found_bytes} bytes with sha-256 {found} instead of {bytes} bytes with {expected}")]
pub struct DamagedBody {
    /// The key in the work bucket.
    pub key: String,
    /// Bytes that the message names.
    pub bytes: u64,
    /// The digest that the message names.
    pub expected: Sha256Digest,
    /// Bytes that are there.
    pub found_bytes: u64,
    /// Their digest.
    pub found: Sha256Digest,
}

impl BodyAt {
    /// All keys begin with this; the name of the stage follows.
    pub const PREFIX: &str = "messages/";

    /// The place of the body of a message to `stage` that has row `id` of the outbox.
    pub fn of(stage: Stage, id: i64, body: &str) -> Self {
        let sha256 = Sha256Digest::of(body.as_bytes());
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        Self { key: format!("{}{stage}/{id}/{sha256}", Self::PREFIX), sha256, size, object: None }
    }

    /// The same as a message about this object.
    pub fn about(self, object: Option<(ObjectId, Run)>) -> Self {
        Self { object, ..self }
    }

    /// The text that is sent instead of the body.
    ///
    /// # Errors
    /// It cannot be written as JSON: a fault of ours.
    pub fn encode(&self) -> Result<String, MessageError> {
        serde_json::to_string(&Wire { v: VERSION, body_at: self }).map_err(MessageError::Form)
    }

    /// What a message to `stage` says; none where it is the message itself. A place where no body of that stage is put
    /// is none either: who can write into a queue can make nobody read something else.
    pub fn decode(stage: Stage, text: &str) -> Option<Self> {
        let Wire { v, body_at } = serde_json::from_str::<Wire<Self>>(text).ok()?;
        let size = usize::try_from(body_at.size).ok()?;
        let is_ours = v == VERSION && size <= BODY_BYTES && body_at.is_of(stage);
        is_ours.then_some(body_at)
    }

    fn is_of(&self, stage: Stage) -> bool {
        let row = |key: &str| {
            let rest = key.strip_prefix(Self::PREFIX)?.strip_prefix(stage.as_str())?.strip_prefix('/')?;
            rest.strip_suffix(&self.sha256.to_string())?.strip_suffix('/')?.parse::<i64>().ok()
        };
        row(&self.key).is_some()
    }

    /// What takes the place of the body once the message is done.
    pub fn done_mark(&self) -> String {
        format!("done {}\n", self.sha256)
    }

    /// What was found at the key.
    ///
    /// # Errors
    /// It is neither the body nor the mark.
    pub fn judge(&self, found: Vec<u8>) -> Result<Found, DamagedBody> {
        if found == self.done_mark().as_bytes() {
            return Ok(Found::Done);
        }
        let digest = Sha256Digest::of(&found);
        let found_bytes = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let damaged = || {
            let (key, bytes, expected) = (self.key.clone(), self.size, self.sha256);
            DamagedBody { key, bytes, expected, found_bytes, found: digest }
        };
        if digest != self.sha256 || found_bytes != self.size {
            return Err(damaged());
        }
        String::from_utf8(found).map(Found::Body).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> String {
        "x".repeat(INLINE_BYTES + 1)
    }

    fn place() -> BodyAt {
        BodyAt::of(Stage::ParseMember, 17, &body())
    }

    #[test]
    fn the_wire_form_is_stable() {
        let text = place().about(Some((ObjectId(7), Run(2)))).encode().unwrap();
        insta::assert_snapshot!(text, @r#"{"v":2,"body_at":{"key":"messages/parse-member/17/9408817bc040328d1c403ff97e94cea3dfd3a361b2fb7ecc7af75ff3a5157139","sha256":"9408817bc040328d1c403ff97e94cea3dfd3a361b2fb7ecc7af75ff3a5157139","size":262145,"object":[7,2]}}"#);
        let decoded = BodyAt::decode(Stage::ParseMember, &text).unwrap();
        assert_eq!((decoded.object, decoded.size), (Some((ObjectId(7), Run(2))), 262_145));
        assert_eq!(BodyAt::decode(Stage::ParseMember, &place().encode().unwrap()), Some(place()));
    }

    #[test]
    fn the_same_message_has_the_same_place_and_another_one_another() {
        assert_eq!(place(), BodyAt::of(Stage::ParseMember, 17, &body()));
        let others = [
            BodyAt::of(Stage::ParseMember, 18, &body()),
            BodyAt::of(Stage::PlanArchive, 17, &body()),
            BodyAt::of(Stage::ParseMember, 17, "other"),
        ];
        assert!(others.iter().all(|other| other.key != place().key));
    }

    #[test]
    fn a_place_where_no_body_of_the_stage_is_put_is_not_read() {
        let decoded = |change: &dyn Fn(&mut BodyAt)| {
            let mut place = place();
            change(&mut place);
            BodyAt::decode(Stage::ParseMember, &place.encode().unwrap())
        };
        assert!(decoded(&|_| ()).is_some());
        let digest = place().sha256;
        let keys = [
            format!("messages/plan-archive/17/{digest}"),
            format!("messages/parse-member/../index/{digest}"),
            format!("messages/parse-member/17/{}", Sha256Digest::of(b"other")),
            format!("index/v1/17/{digest}"),
            String::new(),
        ];
        for key in keys {
            assert_eq!(decoded(&|place| place.key.clone_from(&key)), None, "{key}");
        }
        for size in [5_242_881, u64::MAX] {
            assert_eq!(decoded(&|place| place.size = size), None, "{size}");
        }
        for text in ["", "{}", r#"{"v":1,"body":{"object_id":1,"run":1}}"#, r#"{"Records":[]}"#] {
            assert_eq!(BodyAt::decode(Stage::ParseMember, text), None, "{text}");
        }
    }

    #[test]
    fn what_lies_there_is_the_body_the_mark_or_damage() {
        let place = place();
        assert_eq!(place.judge(body().into_bytes()), Ok(Found::Body(body())));
        assert_eq!(place.judge(place.done_mark().into_bytes()), Ok(Found::Done));
        let damaged = place.judge(b"xx".to_vec()).unwrap_err();
        insta::assert_snapshot!(damaged, @"messages/parse-member/17/9408817bc040328d1c403ff97e94cea3dfd3a361b2fb7ecc7af75ff3a5157139: 2 bytes with sha-256 5dde896887f6754c9b15bfe3a441ae4806df2fde94001311e08bf110622e0bbe instead of 262145 bytes with 9408817bc040328d1c403ff97e94cea3dfd3a361b2fb7ecc7af75ff3a5157139");
        let mut flipped = body().into_bytes();
        flipped[9] = b'y';
        assert_eq!(place.judge(flipped).unwrap_err().found_bytes, 262_145);
        assert!(place.judge(Vec::new()).is_err());
    }

    #[test]
    fn a_release_that_does_not_know_the_form_leaves_the_message_to_one_that_does() {
        let text = place().encode().unwrap();
        let error = crate::Envelope::<crate::ParseMember>::decode(&text).unwrap_err();
        assert_eq!(crate::Classify::disposition(&error), crate::Disposition::Retry);
    }
}
