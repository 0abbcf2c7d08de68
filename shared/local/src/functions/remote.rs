//! A stage whose function runs elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use bytes::Bytes;
use landfall_domain::Stage;
use landfall_runtime::Deadline;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::call::call;
use super::{CallError, FunctionsUrl};
use crate::dispatcher::{BatchHandler, DeliveryError};

/// How a function is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteSettings {
    /// How often a function that is not reached is called again.
    pub retry: Duration,
    /// After so long without an answer it is asked whether it was started anew.
    pub doubt: Duration,
    /// How long the answer may take after the one to a later call.
    pub grace: Duration,
    /// How often somebody is told that a function is waited for.
    pub tell: Duration,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            retry: Duration::from_secs(1),
            doubt: Duration::from_secs(5),
            grace: Duration::from_secs(2),
            tell: Duration::from_secs(15),
        }
    }
}

/// The function of a stage, as it runs under `cargo lambda watch`: one instance that takes calls one after the other.
///
/// A function is built when it is called first, and again after an edit; calls wait meanwhile. So no message is taken
/// before the function has answered an empty call, and a wait costs no message a try.
#[derive(Debug)]
pub struct RemoteFunction {
    stage: Stage,
    url: FunctionsUrl,
    settings: RemoteSettings,
    answers: AtomicBool,
}

impl RemoteFunction {
    /// The function of a stage at this place; nothing is sent yet.
    pub fn new(stage: Stage, url: FunctionsUrl, settings: RemoteSettings) -> Self {
        Self { stage, url, settings, answers: AtomicBool::new(false) }
    }

    /// Calls the function; `empty` is a call that has nothing to do.
    ///
    /// # Errors
    /// What the function, or what runs it, did instead of answering within the time.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        payload: Bytes,
        empty: Bytes,
        within: Duration,
    ) -> Result<T, CallError> {
        let answer = tokio::time::timeout(within, self.call_doubting(payload, empty)).await;
        let answer = answer.unwrap_or(Err(CallError::TimedOut(within)));
        let answers = match &answer {
            Ok(_) => true,
            Err(error) => error.is_of_the_function(),
        };
        self.answers.store(answers, Ordering::Relaxed);
        serde_json::from_slice(&answer?).map_err(|error| CallError::Form(error.to_string()))
    }

    /// A call is lost with the process that worked on it, and its connection stays open. As calls are answered one
    /// after the other, a later one that is answered first tells of it.
    async fn call_doubting(&self, payload: Bytes, empty: Bytes) -> Result<Bytes, CallError> {
        let answer = call(&self.url, self.stage.as_str(), payload);
        let later = async {
            tokio::time::sleep(self.settings.doubt).await;
            call(&self.url, self.stage.as_str(), empty).await
        };
        tokio::pin!(answer);
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            later = later => match later {
                Ok(_) => {
                    let late = tokio::time::timeout(self.settings.grace, answer).await;
                    late.unwrap_or(Err(CallError::StartedAnew))
                }
                Err(_) => answer.await,
            },
        }
    }

    /// One empty call, waited for to its end; tells from time to time that it is waited for.
    async fn warm_up(&self) -> Result<(), CallError> {
        let stage = self.stage;
        let answer = self.call_doubting(no_messages(), no_messages());
        tokio::pin!(answer);
        loop {
            if let Ok(answer) = tokio::time::timeout(self.settings.tell, &mut answer).await {
                return answer.map(drop);
            }
            tracing::info!(
                %stage,
                "{stage} does not answer yet: it is being built, or does not compile; its work waits"
            );
        }
    }
}

/// The event without messages: it is answered, and nothing happens.
fn no_messages() -> Bytes {
    Bytes::from_static(br#"{"Records":[]}"#)
}

#[async_trait]
impl BatchHandler for RemoteFunction {
    fn stage(&self) -> Stage {
        self.stage
    }

    /// Returns once the function answers; tells what is in the way each time that it changes.
    async fn ready(&self) {
        let (stage, mut told) = (self.stage, String::new());
        while !self.answers.load(Ordering::Relaxed) {
            match self.warm_up().await {
                Ok(()) => {
                    tracing::info!(%stage, "{stage} answers at {}", self.url);
                    self.answers.store(true, Ordering::Relaxed);
                }
                Err(error) => {
                    let text = error.to_string();
                    if told != text {
                        tracing::warn!(%stage, "{stage} does not answer, its work waits: {text}");
                        told = text;
                    }
                    // Nobody tells when a port is opened.
                    tokio::time::sleep(self.settings.retry).await;
                }
            }
        }
    }

    async fn handle(&self, event: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, DeliveryError> {
        let payload = serde_json::to_vec(&event).map_err(|error| CallError::Form(error.to_string()))?;
        Ok(self.ask(payload.into(), no_messages(), deadline.left()).await?)
    }
}

/// What a schedule without an input of its own sends on AWS.
pub fn scheduled_event(stage: Stage, now: chrono::DateTime<chrono::Utc>) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "us-east-1",
        "resources": [format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{stage}")],
        "detail": "{}",
    })
}
