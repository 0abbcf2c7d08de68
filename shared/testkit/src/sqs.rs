//! Queues of SQS for one test, at an endpoint that speaks SQS.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::QueueAttributeName;
use landfall_domain::Stage;
use landfall_objects::StaticCredentials;
use landfall_runtime::{QueueUrls, SqsSettings};
use uuid::Uuid;

/// An endpoint that speaks SQS.
#[derive(Debug, Clone)]
pub struct SqsEndpoint {
    /// To look at queues from below.
    pub client: Client,
    url: String,
}

/// A queue, and where SQS puts what was received from it too often.
#[derive(Debug, Clone)]
pub struct TestQueue {
    /// The queue.
    pub url: String,
    /// Its dead letters.
    pub dead_url: String,
}

impl SqsEndpoint {
    /// The endpoint at this URL.
    pub fn at(url: impl Into<String>) -> Self {
        let url = url.into();
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&url)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"));
        Self { client: Client::from_conf(config.build()), url }
    }

    /// How it is reached.
    pub fn settings(&self) -> SqsSettings {
        SqsSettings {
            endpoint: Some(self.url.clone()),
            region: Some("us-east-1".into()),
            credentials: Some(StaticCredentials::new("test", "test")),
            long_poll: Duration::ZERO,
        }
    }

    /// A new queue for a stage.
    pub async fn make(&self, stage: Stage) -> TestQueue {
        let name = format!("{stage}-{}", Uuid::new_v4().simple());
        let dead_url = self.make_with(&format!("{name}-dead"), HashMap::new()).await;
        let dead_arn = self.attribute(&dead_url, QueueAttributeName::QueueArn).await;
        let most = stage.settings().max_receives;
        let policy = format!(r#"{{"deadLetterTargetArn":"{dead_arn}","maxReceiveCount":"{most}"}}"#);
        let url = self.make_with(&name, HashMap::from([(QueueAttributeName::RedrivePolicy, policy)])).await;
        TestQueue { url, dead_url }
    }

    /// New queues for all stages that get messages.
    pub async fn make_all(&self) -> QueueUrls {
        let mut urls = Vec::new();
        for stage in Stage::QUEUED {
            urls.push((stage, self.make(stage).await.url));
        }
        QueueUrls::of(urls)
    }

    /// How many messages of a queue nobody holds.
    pub async fn visible(&self, url: &str) -> String {
        self.attribute(url, QueueAttributeName::ApproximateNumberOfMessages).await
    }

    /// Messages that a queue has in any way: to be received now or later, or held by somebody.
    pub async fn messages(&self, url: &str) -> u64 {
        let mut all = 0;
        for kind in [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ] {
            all += self.attribute(url, kind).await.parse::<u64>().expect("a number");
        }
        all
    }

    /// Sends a message.
    pub async fn send(&self, url: &str, body: &str) {
        let sent = self.client.send_message().queue_url(url).message_body(body).send().await;
        sent.expect("the message is sent");
    }

    /// Sets an attribute of a queue.
    pub async fn set(&self, url: &str, name: QueueAttributeName, value: &str) {
        let set = self.client.set_queue_attributes().queue_url(url).attributes(name, value);
        set.send().await.expect("the attribute is set");
    }

    /// An attribute of a queue.
    pub async fn attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let asked = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        let attributes = asked.send().await.expect("the queue answers").attributes;
        attributes.and_then(|mut all| all.remove(&name)).expect("the attribute is told")
    }

    async fn make_with(&self, name: &str, attributes: HashMap<QueueAttributeName, String>) -> String {
        let made = self.client.create_queue().queue_name(name).set_attributes(Some(attributes)).send().await;
        made.expect("the queue is made").queue_url.expect("its URL")
    }
}
