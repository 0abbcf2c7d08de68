//! The bench's side of a worker.

use std::process::Stdio;
use std::time::Instant;

use anyhow::Context;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{Done, Job};

/// A worker that is ready to begin.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// Starts a worker and waits until it is ready.
    pub async fn prepare(job: &Job) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("the worker does not start")?;
        let mut input = child.stdin.take().context("a worker without input")?;
        let output = BufReader::new(child.stdout.take().context("a worker without output")?).lines();
        let mut text = serde_json::to_string(job)?;
        text.push('\n');
        input.write_all(text.as_bytes()).await?;
        let mut worker = Self { child, input, output };
        let ready = worker.line().await?;
        anyhow::ensure!(ready == "ready", "the worker says {ready:?} instead of ready");
        Ok(worker)
    }

    /// Lets it begin; gives the moment.
    pub async fn begin(&mut self) -> anyhow::Result<Instant> {
        let begun = Instant::now();
        self.input.write_all(b"go\n").await?;
        Ok(begun)
    }

    /// Waits for its end.
    pub async fn done(self) -> anyhow::Result<Done> {
        self.answer().await
    }

    /// Waits for its end, for a job with an answer of its own.
    pub async fn answer<T: DeserializeOwned>(mut self) -> anyhow::Result<T> {
        let line = self.line().await?;
        let status = self.child.wait().await?;
        anyhow::ensure!(status.success(), "the worker ended with {status}");
        serde_json::from_str(&line).context("the worker's answer does not read")
    }

    /// All of it.
    pub async fn run(job: &Job) -> anyhow::Result<Done> {
        let mut worker = Self::prepare(job).await?;
        worker.begin().await?;
        worker.done().await
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        self.output.next_line().await?.context("the worker failed; its own words are above")
    }
}
