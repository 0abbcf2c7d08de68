//! Bodies of messages that are too large for a queue, in the work bucket (design 5).
//!
//! The sender puts the body, then sends where it lies. Once the adapter is done with a message, and before the queue is
//! told, a mark takes the place of the body. So each end is told from the others whatever is lost on the way: the body
//! is there (not done yet), the mark is there (done; what comes now is a repeat), or nothing is (lost, never silently).
//! Deleting the body would leave the last two alike. A lifecycle rule of the bucket removes marks and what a crash left.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use landfall_domain::{BODY_BYTES, BodyAt, Classify, DamagedBody, Disposition, Found, Problem};
use landfall_objects::{Condition, Head, ObjectError, ObjectStore, PutOptions};
use landfall_store::dead_letter::NewDeadLetter;

use crate::Clients;

/// A body that was put longer ago is put again when its message is sent again, so that the lifecycle rule, which counts
/// from the put, does not remove it before its message ends.
const FRESH: TimeDelta = TimeDelta::days(1);

/// The bodies of large messages.
#[derive(Debug, Clone)]
pub struct MessageBodies {
    objects: ObjectStore,
    bucket: Arc<str>,
}

/// Why a message has no body.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The store failed, or the bucket is missing or closed.
    #[error("the body of the message was not read")]
    Object(#[from] ObjectError),
    /// Neither the body nor the mark of a message that is done.
    #[error("the body of the message is missing: {key}")]
    Missing {
        /// Its key in the work bucket.
        key: String,
    },
    /// Something else lies there.
    #[error("the body of the message is damaged")]
    Damaged(#[from] DamagedBody),
    /// What lies there is larger than any body.
    #[error("the body of the message is damaged: {key}: {size} bytes")]
    TooLarge {
        /// Its key in the work bucket.
        key: String,
        /// Bytes that lie there.
        size: u64,
    },
    /// The message is a repeat.
    #[error("the message was done before: {key}")]
    Done {
        /// The key of the mark in the work bucket.
        key: String,
    },
}

impl Classify for BodyError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Object(error) => error.disposition(),
            Self::Missing { .. } => Disposition::Retry,
            Self::Damaged(_) | Self::TooLarge { .. } => Disposition::Quarantine,
            Self::Done { .. } => Disposition::Ack,
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Object(error) => error.code(),
            Self::Missing { .. } => "message_body_missing",
            Self::Damaged(_) | Self::TooLarge { .. } => "message_body_damaged",
            Self::Done { .. } => "message_done",
        }
    }
}

impl MessageBodies {
    /// Those in this bucket.
    pub fn new(objects: ObjectStore, bucket: impl Into<Arc<str>>) -> Self {
        Self { objects, bucket: bucket.into() }
    }

    /// Those in the work bucket of these clients.
    pub fn of(clients: &Clients) -> Self {
        Self::new(clients.objects.clone(), Arc::clone(&clients.work_bucket))
    }

    /// Puts the body of a message that is about to be sent. What is there of an earlier try is taken, if it is the body;
    /// anything else is replaced, a mark too: what is sent again is in the outbox, so its work may not be done, and
    /// whoever receives it twice knows what is done.
    ///
    /// # Errors
    /// The store failed, or somebody else puts it at the same time: the message is not to be sent now.
    pub async fn keep(&self, at: &BodyAt, body: &str, now: DateTime<Utc>) -> Result<(), ObjectError> {
        match self.put(at, body, Condition::IfAbsent).await {
            Err(ObjectError::PreconditionFailed { .. }) => {}
            put => return put,
        }
        let there = match self.read(at).await {
            Err(ObjectError::OutOfRange { .. }) => return self.put(at, body, Condition::Always).await,
            read => read?,
        };
        match there {
            None => self.put(at, body, Condition::IfAbsent).await,
            Some((head, there)) => {
                let age = now.signed_duration_since(head.last_modified);
                if there == body.as_bytes() && age < FRESH {
                    return Ok(());
                }
                self.put(at, body, Condition::IfMatch(head.etag)).await
            }
        }
    }

    /// The body of a message.
    ///
    /// # Errors
    /// There is none, or the message is done.
    pub async fn fetch(&self, at: &BodyAt) -> Result<String, BodyError> {
        let key = || at.key.clone();
        let read = match self.read(at).await {
            Err(ObjectError::OutOfRange { size, .. }) => {
                return Err(BodyError::TooLarge { key: key(), size });
            }
            read => read?,
        };
        let Some((_, found)) = read else { return Err(BodyError::Missing { key: key() }) };
        match at.judge(found)? {
            Found::Body(body) => Ok(body),
            Found::Done => Err(BodyError::Done { key: key() }),
        }
    }

    /// A letter about a message with its body, and the place that is done with once the letter is stored. Where the body
    /// is lost, the letter has what was sent, which names the place, and says so.
    ///
    /// # Errors
    /// The body cannot be had now, or the message is done, so that there is nothing to put aside.
    pub async fn complete(
        &self,
        letter: NewDeadLetter,
    ) -> Result<(NewDeadLetter, Option<BodyAt>), BodyError> {
        let Some(at) = BodyAt::decode(letter.stage, &letter.body) else { return Ok((letter, None)) };
        match self.fetch(&at).await {
            Ok(body) => Ok((NewDeadLetter { body, ..letter }, Some(at))),
            Err(error @ (BodyError::Object(_) | BodyError::Done { .. })) => Err(error),
            Err(error @ (BodyError::Missing { .. } | BodyError::Damaged(_) | BodyError::TooLarge { .. })) => {
                Ok((NewDeadLetter { reason: Problem::from(error).reason, ..letter }, None))
            }
        }
    }

    /// Puts the mark in the place of the body of a message that is done. Where that fails the body stays until the
    /// lifecycle rule removes it; a repeat of the message is then worked on, and found to be done by its stage.
    pub async fn done(&self, at: &BodyAt) {
        if let Err(error) = self.put(at, &at.done_mark(), Condition::Always).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(key = %at.key, error, "the body of a message that is done stays for some days");
        }
    }

    /// Boxed, as is the put: what awaits it is large enough as it is.
    async fn read(&self, at: &BodyAt) -> Result<Option<(Head, Vec<u8>)>, ObjectError> {
        self.objects.read_whole(&self.bucket, &at.key, limit()).boxed().await
    }

    async fn put(&self, at: &BodyAt, content: &str, condition: Condition) -> Result<(), ObjectError> {
        let options = PutOptions { condition, ..PutOptions::default() };
        let content = Bytes::copy_from_slice(content.as_bytes());
        self.objects.put(&self.bucket, &at.key, content, options).boxed().await.map(drop)
    }
}

fn limit() -> u64 {
    u64::try_from(BODY_BYTES).unwrap_or(u64::MAX)
}
