//! A running function.

use std::process::ExitStatus;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Child;
use uuid::Uuid;

use super::api::{FunctionError, Invocation, RuntimeApi, Told};
use super::function::LambdaFunction;
use super::log::Log;

/// How long a function may take to say anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// A function whose process runs; it is killed when this value is dropped.
#[derive(Debug)]
pub struct LambdaRuntime {
    function: LambdaFunction,
    api: RuntimeApi,
    child: Child,
    log: Log,
    started: Instant,
    /// When it asked for its first event.
    polled: Option<Instant>,
    /// Whether it waits for an event.
    is_idle: bool,
}

/// An event that was handled.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What the function answered or reported.
    pub answer: Result<Value, FunctionError>,
    /// From the start of the process to the answer.
    pub since_start: Duration,
    /// From the moment at which the event was ready to be asked for to the answer.
    pub took: Duration,
}

/// The answer of a function that reports failures message by message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BatchAnswer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Failure {
    item_identifier: String,
}

impl LambdaRuntime {
    /// Serves a runtime API and starts the function's process.
    ///
    /// # Errors
    /// The program cannot be run.
    pub async fn start(function: &LambdaFunction) -> anyhow::Result<Self> {
        let api = RuntimeApi::serve().await?;
        let mut command = function.command(api.address());
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{function:?} cannot be run"))?;
        let log = Log::of(&mut child);
        Ok(Self { function: function.clone(), api, child, log, started, polled: None, is_idle: false })
    }

    /// Waits until the function asks for an event; gives the time from the start of its process to the first time that
    /// it did.
    ///
    /// # Errors
    /// It does not.
    pub async fn ready(&mut self) -> anyhow::Result<Duration> {
        while !self.is_idle {
            match self.told().await?.1 {
                Told::Polled => {}
                Told::Answered(answer) => bail!("it answers what was not asked: {answer:?}"),
                Told::NotInitialized(error) => bail!("it does not start: {error:?}\n{}", self.log()),
            }
        }
        Ok(self.polled.map_or(Duration::ZERO, |polled| polled.duration_since(self.started)))
    }

    /// Hands the function an event as soon as it asks for one, and waits for its answer.
    ///
    /// # Errors
    /// It does not answer, but ends, or takes too long.
    pub async fn invoke(&mut self, event: &Value) -> anyhow::Result<Answered> {
        self.api.give(Invocation {
            request_id: Uuid::new_v4().to_string(),
            deadline: SystemTime::now() + self.function.timeout(),
            arn: self.function.arn(),
            payload: serde_json::to_vec(event)?.into(),
        });
        let given = Instant::now();
        loop {
            let (at, told) = self.told().await?;
            match told {
                Told::Polled => {}
                Told::Answered(answer) => {
                    let (since_start, took) = (at.duration_since(self.started), at.duration_since(given));
                    return Ok(Answered { answer, since_start, took });
                }
                Told::NotInitialized(error) => bail!("it does not start: {error:?}\n{}", self.log()),
            }
        }
    }

    /// Hands the function a batch; gives the messages that it wants to be given again.
    ///
    /// # Errors
    /// It does not answer as a function of a batch does.
    pub async fn invoke_batch(&mut self, event: &Value) -> anyhow::Result<Vec<String>> {
        let answer = self.invoke(event).await?.answer;
        let answer = answer.map_err(|error| anyhow::anyhow!("it reports {error:?}\n{}", self.log()))?;
        let batch: BatchAnswer = serde_json::from_value(answer).context("the answer to a batch")?;
        Ok(batch.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
    }

    /// Waits until the function has reported that it cannot start, and has ended.
    ///
    /// # Errors
    /// It starts, ends as if nothing were wrong, or reports nothing.
    pub async fn init_error(&mut self) -> anyhow::Result<FunctionError> {
        match self.told().await?.1 {
            Told::NotInitialized(error) => {
                let status = self.ended().await?;
                anyhow::ensure!(!status.success(), "it ends with {status}");
                Ok(error)
            }
            told => bail!("it starts: {told:?}"),
        }
    }

    /// Waits until its process has ended.
    ///
    /// # Errors
    /// It does not end.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.context("it does not end")??;
        self.log.ended().await;
        Ok(status)
    }

    /// Ends its process, as Lambda does: at any time, and without asking.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("it does not end")
    }

    /// What it has written to its log so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The next thing that the function says, and when it did.
    async fn told(&mut self) -> anyhow::Result<(Instant, Told)> {
        let told = tokio::time::timeout(PATIENCE, async {
            tokio::select! {
                // What was said before the end counts.
                biased;
                told = self.api.told() => Ok(told),
                ended = self.child.wait() => Err(ended),
            }
        });
        match told.await {
            Ok(Ok(Some((at, told)))) => {
                self.is_idle = matches!(told, Told::Polled);
                if self.is_idle {
                    self.polled.get_or_insert(at);
                }
                Ok((at, told))
            }
            Ok(Ok(None)) => bail!("the runtime API has ended"),
            Ok(Err(status)) => {
                self.log.ended().await;
                bail!("the process ended: {}\n{}", status?, self.log())
            }
            Err(_) => bail!("it says nothing for {PATIENCE:?}\n{}", self.log()),
        }
    }
}
