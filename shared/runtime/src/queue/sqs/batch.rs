//! Batches of messages under the limits of a request.

use std::borrow::Cow;

use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{BODY_BYTES, INLINE_BYTES, Reason};
use landfall_store::outbox::relay::OutboxMessage;

use super::{DELAY_MOST, REQUEST};

/// Bytes of one request: one message of the largest size that travels whole fills it.
const REQUEST_BYTES: usize = INLINE_BYTES;
/// Characters of the name of a message group.
const GROUP_CHARS: usize = 128;

/// A message with what is sent of it: its body, or where that lies.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub message: &'a OutboxMessage,
    pub body: Cow<'a, str>,
}

impl<'a> Outgoing<'a> {
    /// A message that travels whole.
    pub fn whole(message: &'a OutboxMessage) -> Self {
        Self { message, body: Cow::Borrowed(&message.body) }
    }
}

/// How a message gets to its receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// As it is.
    Whole,
    /// Its body by way of the work bucket.
    Bucket,
    /// Not at all.
    Refused(Reason),
}

/// The way of a message by what SQS counts: the bytes of the body and of the attributes, of which ours have none.
pub(super) fn way(message: &OutboxMessage) -> Way {
    let bytes = message.body.len();
    if bytes <= INLINE_BYTES {
        Way::Whole
    } else if bytes <= BODY_BYTES {
        Way::Bucket
    } else {
        let text = format!("{bytes} bytes, at most {BODY_BYTES} are sent");
        Way::Refused(Reason::new("message_too_large").with_text(text))
    }
}

/// A message as SQS is given it.
pub(super) fn entry(
    Outgoing { message, body }: &Outgoing<'_>,
    now: DateTime<Utc>,
) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let group = group(&message.tenant);
    let delay = message.visible_at.signed_duration_since(now).clamp(TimeDelta::zero(), DELAY_MOST);
    // Whole seconds, and never before its time.
    let whole = delay.num_seconds().saturating_add(i64::from(delay.subsec_nanos() > 0));
    SendMessageBatchRequestEntry::builder()
        .id(message.id.to_string())
        .message_body(body.as_ref())
        .delay_seconds(i32::try_from(whole).unwrap_or(0))
        .set_message_group_id(group)
        .build()
}

/// The message group of a tenant: a queue that is fair serves the groups that have few messages first.
fn group(tenant: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    let name: String = tenant.chars().take(GROUP_CHARS).map(allowed).collect();
    Some(name).filter(|name| !name.is_empty())
}

/// Cuts messages into batches that one request takes.
pub(super) fn batches(messages: Vec<Outgoing<'_>>) -> Vec<Vec<Outgoing<'_>>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    for message in messages {
        let grown = bytes.saturating_add(message.body.len());
        if !batch.is_empty() && (batch.len() == REQUEST || grown > REQUEST_BYTES) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes = bytes.saturating_add(message.body.len());
        batch.push(message);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

#[cfg(test)]
mod tests {
    use landfall_domain::Stage;

    use super::*;

    fn message(id: i64, bytes: usize, visible_in_ms: i64) -> OutboxMessage {
        OutboxMessage {
            id,
            stage: Stage::PlanArchive,
            tenant: String::new(),
            body: "x".repeat(bytes),
            attempts: 0,
            created_at: DateTime::UNIX_EPOCH,
            visible_at: DateTime::UNIX_EPOCH + TimeDelta::milliseconds(visible_in_ms),
        }
    }

    fn sizes(messages: &[OutboxMessage]) -> Vec<usize> {
        batches(messages.iter().map(Outgoing::whole).collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_request_holds_at_most_ten_messages_and_256_kib_and_keeps_their_order() {
        let small: Vec<_> = (0..23).map(|id| message(id, 10, 0)).collect();
        assert_eq!(sizes(&small), [10, 10, 3]);
        let batched = batches(small.iter().map(Outgoing::whole).collect());
        let order: Vec<i64> = batched.iter().flatten().map(|outgoing| outgoing.message.id).collect();
        assert_eq!(order, (0..23).collect::<Vec<_>>());
        let table = [
            (vec![100 << 10; 5], vec![2, 2, 1]),
            (vec![256 << 10, 1], vec![1, 1]),
            (vec![1, 256 << 10, 1], vec![1, 1, 1]),
            (vec![], vec![]),
        ];
        for (bytes, expected) in table {
            let messages: Vec<_> = bytes.iter().map(|bytes| message(1, *bytes, 0)).collect();
            assert_eq!(sizes(&messages), expected);
        }
    }

    #[test]
    fn a_delay_is_whole_seconds_never_too_short_and_none_for_what_is_due() {
        for (ms, seconds) in
            [(-5000, 0), (0, 0), (1, 1), (1000, 1), (1001, 2), (900_000, 900), (9_000_000, 900)]
        {
            let message = message(1, 1, ms);
            let entry = entry(&Outgoing::whole(&message), DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(entry.delay_seconds(), Some(seconds), "{ms} ms");
        }
    }

    #[test]
    fn a_tenant_is_a_message_group_that_sqs_takes_and_nobody_is_none() {
        assert_eq!(group(""), None);
        assert_eq!(group("load-7").as_deref(), Some("load-7"));
        assert_eq!(group("Ärger & Co").as_deref(), Some("_rger_&_Co"));
        assert_eq!(group(&"x".repeat(300)).map(|g| g.len()), Some(128));
    }

    #[test]
    fn one_byte_over_each_limit_is_another_way() {
        let table = [
            (0, "Whole"),
            ((256 << 10) - 1, "Whole"),
            (256 << 10, "Whole"),
            ((256 << 10) + 1, "Bucket"),
            ((5 << 20) - 1, "Bucket"),
            (5 << 20, "Bucket"),
            ((5 << 20) + 1, "message_too_large"),
        ];
        for (bytes, expected) in table {
            let way = match way(&message(1, bytes, 0)) {
                Way::Refused(reason) => reason.code.into_owned(),
                way => format!("{way:?}"),
            };
            assert_eq!(way, expected, "{bytes} bytes");
        }
    }

    #[test]
    fn what_travels_whole_is_far_below_what_queues_take_and_fits_into_one_request() {
        const { assert!(INLINE_BYTES * 4 <= landfall_domain::QUEUE_BYTES) };
        assert_eq!(sizes(&[message(1, INLINE_BYTES, 0), message(2, 1, 0)]), [1, 1]);
    }
}
