//! What a function writes to its log: both its output streams, line by line.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::task::JoinHandle;

/// The log of one process.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Log {
    /// Begins to read what a process writes.
    pub fn of(child: &mut Child) -> Self {
        let mut log = Self::default();
        if let Some(output) = child.stdout.take() {
            log.read(output);
        }
        if let Some(output) = child.stderr.take() {
            log.read(output);
        }
        log
    }

    fn read(&mut self, output: impl AsyncRead + Unpin + Send + 'static) {
        let into = self.lines.clone();
        self.readers.push(tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                into.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        }));
    }

    /// The lines so far.
    pub fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Waits until all of it is read, when the process has ended.
    pub async fn ended(&mut self) {
        for reader in self.readers.drain(..) {
            drop(reader.await);
        }
    }
}
