//! Receiving, hiding and deleting.

use std::time::Duration;

use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName,
};
use chrono::{DateTime, Utc};
use landfall_domain::Stage;

use super::{REQUEST, SqsQueue, failure, plain, seconds};
use crate::queue::{HeldMessage, QueueError, Receipt};

impl SqsQueue {
    /// Only the first request waits; an empty answer ends the receive.
    pub(super) async fn receive_up_to(
        &self,
        stage: Stage,
        (now, lease): (DateTime<Utc>, Duration),
        limit: u32,
    ) -> Result<Vec<HeldMessage>, QueueError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut held = Vec::new();
        while held.len() < limit {
            let wanted = limit.saturating_sub(held.len()).min(REQUEST);
            let wait = if held.is_empty() { self.long_poll } else { Duration::ZERO };
            let request = self
                .client
                .receive_message()
                .queue_url(self.url(stage)?)
                .max_number_of_messages(i32::try_from(wanted).unwrap_or(1))
                .visibility_timeout(seconds(lease))
                .wait_time_seconds(seconds(wait))
                .message_system_attribute_names(MessageSystemAttributeName::All);
            let messages = match request.send().await {
                Ok(answer) => answer.messages.unwrap_or_default(),
                // What is held already is worked on.
                Err(_) if !held.is_empty() => break,
                Err(error) => return Err(failure("receive")(error)),
            };
            if messages.is_empty() {
                break;
            }
            held.extend(messages.into_iter().filter_map(|message| held_message(message, now)));
        }
        Ok(held)
    }

    /// Hides messages for so long from now on.
    pub(super) async fn hide(
        &self,
        stage: Stage,
        messages: &[HeldMessage],
        time: Duration,
    ) -> Result<(), QueueError> {
        for part in handles(messages).chunks(REQUEST) {
            let mut request = self.client.change_message_visibility_batch().queue_url(self.url(stage)?);
            for (index, handle) in part.iter().enumerate() {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(*handle)
                    .visibility_timeout(seconds(time));
                request = request.entries(entry.build().map_err(failure("change visibility"))?);
            }
            let answer = request.send().await.map_err(failure("change visibility"))?;
            all_done("change visibility", answer.failed())?;
        }
        Ok(())
    }

    /// What cannot be deleted is given again, and its receiver knows it.
    pub(super) async fn delete(&self, stage: Stage, messages: &[HeldMessage]) -> Result<(), QueueError> {
        for part in handles(messages).chunks(REQUEST) {
            let mut request = self.client.delete_message_batch().queue_url(self.url(stage)?);
            for (index, handle) in part.iter().enumerate() {
                let entry =
                    DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(*handle);
                request = request.entries(entry.build().map_err(failure("delete"))?);
            }
            let answer = request.send().await.map_err(failure("delete"))?;
            all_done("delete", answer.failed())?;
        }
        Ok(())
    }
}

fn handles(messages: &[HeldMessage]) -> Vec<&str> {
    messages
        .iter()
        .filter_map(|message| match &message.receipt {
            Receipt::Handle(handle) => Some(handle.as_str()),
            Receipt::Row(_) => None,
        })
        .collect()
}

/// A message that is gone, or that somebody else holds by now, is left to them.
fn all_done(operation: &'static str, failed: &[BatchResultErrorEntry]) -> Result<(), QueueError> {
    let is_ours = |entry: &&BatchResultErrorEntry| {
        !matches!(plain(entry.code()), "ReceiptHandleIsInvalid" | "MessageNotInflight")
    };
    let mut failed = failed.iter().filter(is_ours);
    let Some(first) = failed.next() else { return Ok(()) };
    let (code, text) = (first.code(), first.message().unwrap_or_default());
    let text = format!("{code}: {text}, and {} more of the batch failed", failed.count());
    Err(QueueError::Sqs { operation, text })
}

/// None where SQS gave no way to acknowledge the message: it is seen again. `now` stands in for a time of sending that
/// it does not tell.
fn held_message(message: Message, now: DateTime<Utc>) -> Option<HeldMessage> {
    let attribute = |name: MessageSystemAttributeName| {
        message.attributes.as_ref().and_then(|all| all.get(&name)).and_then(|text| text.parse::<i64>().ok())
    };
    let receives = attribute(MessageSystemAttributeName::ApproximateReceiveCount);
    let sent = attribute(MessageSystemAttributeName::SentTimestamp);
    Some(HeldMessage {
        receives: receives.and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
        created_at: sent.and_then(DateTime::from_timestamp_millis).unwrap_or(now),
        id: message.message_id?,
        body: message.body.unwrap_or_default(),
        receipt: Receipt::Handle(message.receipt_handle?),
    })
}
