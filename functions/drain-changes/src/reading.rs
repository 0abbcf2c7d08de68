//! One change file, read once: hashed, cleaned, and copied into the stage in chunks.

use landfall_domain::{Dataset, Pin, Sha256Digest};
use landfall_objects::{ObjectError, OrderedRead, ReadOptions};
use landfall_runtime::Clients;
use landfall_store::StoreError;
use landfall_store::tickets::{NewReject, StageRows};
use landfall_tickets::{ChangeFile, FileCounts, FileError, Reject, Row, RowSink, too_many_rejects};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::DrainError;
use crate::listing::Found;

/// Rows are copied into the stage when so many bytes have gathered.
const CHUNK: usize = 1 << 20;
/// A block of the file is read in steps of so many bytes, so that what gathers is little more than a chunk.
const STEP: usize = 64 << 10;
/// Bytes of the file that may be on their way. Postgres takes rows more slowly than a store gives them, so two blocks
/// keep it busy, and small files need as much memory as large ones.
const WINDOW: u64 = 2 << 20;
/// The texts of so many refused rows are kept; all are counted.
const REJECTS_KEPT: usize = 10_000;

/// A file that was read to its end.
#[derive(Debug)]
pub(crate) struct ReadFile {
    /// Digest of its bytes.
    pub sha256: Sha256Digest,
    /// What it was: the version that the answer named.
    pub found: Found,
    /// What it held, or what is wrong with it.
    pub contents: Result<Contents, BadFile>,
}

/// What a file held; its rows are in the stage.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub counts: FileCounts,
    pub rejects: Vec<NewReject>,
}

/// A file that cannot be applied.
#[derive(Debug)]
pub(crate) struct BadFile {
    /// What was counted before that was seen.
    pub counts: FileCounts,
    /// Line, column and rule.
    pub error: String,
}

/// Where rows go.
struct Sink {
    /// None in a dry run.
    stage: Option<StageRows>,
    rejects: Vec<NewReject>,
}

impl RowSink for Sink {
    fn row(&mut self, row: Row<'_>) {
        if let Some(stage) = &mut self.stage {
            stage.push(row);
        }
    }

    fn reject(&mut self, reject: Reject<'_>) {
        if self.rejects.len() < REJECTS_KEPT {
            self.rejects.push(NewReject {
                line_no: reject.line_no,
                reason: reject.reason.as_str(),
                raw_line: reject.raw_line.to_owned(),
            });
        }
    }
}

/// A file that is being read.
pub(crate) struct Reading<'a> {
    clients: &'a Clients,
    hash: Sha256,
    file: Option<ChangeFile>,
    sink: Sink,
    bad: Option<BadFile>,
}

impl<'a> Reading<'a> {
    /// Of a file of this dataset. With a run its rows go into the stage, without one they are counted.
    pub(crate) fn of(clients: &'a Clients, dataset: Dataset, run: Option<Uuid>) -> Self {
        let sink = Sink { stage: run.map(StageRows::of), rejects: Vec::new() };
        Self { clients, hash: Sha256::new(), file: Some(ChangeFile::new(dataset)), sink, bad: None }
    }

    /// Takes the next bytes; after the first fault they are only hashed.
    pub(crate) async fn push(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        for step in bytes.chunks(STEP) {
            self.push_step(step).await?;
        }
        Ok(())
    }

    async fn push_step(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        let Some(file) = &mut self.file else { return Ok(()) };
        if let Err(error) = file.push(bytes, &mut self.sink) {
            let counts = file.counts().clone();
            self.fail(counts, &error);
            return Ok(());
        }
        match &self.sink.stage {
            Some(stage) if stage.bytes() >= CHUNK => self.copy().await,
            _ => Ok(()),
        }
    }

    /// A value that the database cannot hold fails the file, too.
    async fn copy(&mut self) -> Result<(), StoreError> {
        let Some(stage) = &mut self.sink.stage else { return Ok(()) };
        match stage.copy(self.clients.store.pool()).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_data() => {
                let counts = self.file.as_ref().map(|file| file.counts().clone()).unwrap_or_default();
                self.file = None;
                self.bad = Some(BadFile { counts, error: landfall_domain::chain_text(&error) });
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn fail(&mut self, counts: FileCounts, error: &FileError) {
        self.file = None;
        self.bad = Some(BadFile { counts, error: error.to_string() });
    }

    /// The digest of all bytes, and what they held.
    pub(crate) async fn finish(mut self) -> Result<(Sha256Digest, Result<Contents, BadFile>), StoreError> {
        let mut counts = FileCounts::default();
        if let Some(file) = self.file.take() {
            let so_far = file.counts().clone();
            match file.finish(&mut self.sink) {
                Ok(all) => counts = all,
                Err(error) => self.fail(so_far, &error),
            }
        }
        if self.bad.is_none()
            && let Some(error) = too_many_rejects(&counts)
        {
            self.fail(counts.clone(), &error);
        }
        if self.bad.is_none() {
            self.copy().await?;
        }
        let contents = match self.bad {
            Some(bad) => Err(bad),
            None => Ok(Contents { counts, rejects: self.sink.rejects }),
        };
        Ok((Sha256Digest::from_bytes(self.hash.finalize().into()), contents))
    }
}

/// Reads exactly this version. With a run its rows go into the stage, without one they are counted.
pub(crate) async fn read_file(
    clients: &Clients,
    (dataset, bucket, key): (Dataset, &str, &str),
    pin: &Pin,
    run: Option<Uuid>,
) -> Result<ReadFile, DrainError> {
    let mut read = open(clients, (bucket, key), pin).await?;
    let head = read.head();
    let found = Found::of(head.version_id.clone(), head.etag.clone(), (head.size, head.last_modified));
    let mut reading = Reading::of(clients, dataset, run);
    while let Some(bytes) = read.next().await? {
        reading.push(&bytes).await?;
    }
    let (sha256, contents) = reading.finish().await?;
    Ok(ReadFile { sha256, found, contents })
}

/// Reads exactly this version for its digest alone.
pub(crate) async fn digest(
    clients: &Clients,
    (bucket, key): (&str, &str),
    pin: &Pin,
) -> Result<Sha256Digest, ObjectError> {
    let mut read = open(clients, (bucket, key), pin).await?;
    let mut hash = Sha256::new();
    while let Some(bytes) = read.next().await? {
        hash.update(&bytes);
    }
    Ok(Sha256Digest::from_bytes(hash.finalize().into()))
}

async fn open(clients: &Clients, (bucket, key): (&str, &str), pin: &Pin) -> Result<OrderedRead, ObjectError> {
    let options = ReadOptions { window_bytes: WINDOW, ..ReadOptions::default() };
    clients.objects.read(bucket, key, pin, options).await
}
