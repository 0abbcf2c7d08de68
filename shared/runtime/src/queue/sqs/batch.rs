//! Batches of messages under the limits of a request.

use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::Reason;
use landfall_store::outbox::relay::OutboxMessage;

use super::{DELAY_MOST, REQUEST};

/// Bytes of one request: what queues took before they took 1 MiB. Stage messages are small; nothing is gained by more.
const REQUEST_BYTES: usize = 256 << 10;
/// Bytes of one message that no queue takes more than.
const MESSAGE_BYTES: usize = 1 << 20;
/// Characters of the name of a message group.
const GROUP_CHARS: usize = 128;

/// A message as SQS is given it.
pub(super) fn entry(
    message: &OutboxMessage,
    now: DateTime<Utc>,
) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let group = group(&message.tenant);
    let delay = message.visible_at.signed_duration_since(now).clamp(TimeDelta::zero(), DELAY_MOST);
    // Whole seconds, and never before its time.
    let whole = delay.num_seconds().saturating_add(i64::from(delay.subsec_nanos() > 0));
    SendMessageBatchRequestEntry::builder()
        .id(message.id.to_string())
        .message_body(&message.body)
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
pub(super) fn batches(messages: Vec<&OutboxMessage>) -> Vec<Vec<&OutboxMessage>> {
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

/// Why no queue takes a message of this size.
pub(super) fn too_large(message: &OutboxMessage) -> Option<Reason> {
    let bytes = message.body.len();
    let text = || format!("{bytes} bytes, SQS takes at most {MESSAGE_BYTES}");
    (bytes > MESSAGE_BYTES).then(|| Reason::new("message_too_large").with_text(text()))
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
        batches(messages.iter().collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_request_holds_at_most_ten_messages_and_256_kib_and_keeps_their_order() {
        let small: Vec<_> = (0..23).map(|id| message(id, 10, 0)).collect();
        assert_eq!(sizes(&small), [10, 10, 3]);
        let order: Vec<i64> = batches(small.iter().collect()).concat().iter().map(|m| m.id).collect();
        assert_eq!(order, (0..23).collect::<Vec<_>>());
        let table = [
            (vec![100 << 10; 5], vec![2, 2, 1]),
            (vec![256 << 10, 1], vec![1, 1]),
            (vec![700 << 10, 700 << 10], vec![1, 1]),
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
            let entry = entry(&message(1, 1, ms), DateTime::UNIX_EPOCH).unwrap();
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
    fn one_byte_over_a_mebibyte_is_too_large() {
        assert_eq!(too_large(&message(1, 1 << 20, 0)), None);
        assert_eq!(too_large(&message(1, (1 << 20) + 1, 0)).unwrap().code, "message_too_large");
    }
}
