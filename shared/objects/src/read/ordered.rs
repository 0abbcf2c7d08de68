//! A few ranged GETs ahead, delivered in order.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;
use tokio::task::{JoinError, JoinHandle};

use super::ReadOptions;
use super::part::Source;
use crate::{Head, ObjectAt, ObjectError, ObjectStore, Pin};

impl ObjectStore {
    /// Starts to read an object, or `options.range` of it. The first request is a ranged GET, which
    /// also brings the head; everything after it is pinned to what it found.
    ///
    /// Errors: `PreconditionFailed` if the pinned content is gone from the key, `OutOfRange` if
    /// `options.range` ends behind the object, and all that a request may answer.
    pub async fn read(
        &self,
        bucket: &str,
        key: &str,
        pin: &Pin,
        options: ReadOptions,
    ) -> Result<OrderedRead, ObjectError> {
        let at = ObjectAt::new("get", bucket, key);
        if options.range.as_ref().is_some_and(|range| range.start > range.end) {
            return Err(ObjectError::nonsense(&at, "the range ends before it begins"));
        }
        let mut source = Source::new(self.client(), at, pin, &options);
        let wanted = options.range.clone().unwrap_or(0..u64::MAX);
        let asked = wanted.start..wanted.end.min(wanted.start.saturating_add(options.part()));
        if asked.is_empty() {
            let head = self.head_pinned(&source.at, pin).await?;
            return OrderedRead::start(source, head, &options, None);
        }
        match source.ask(&asked).await {
            Ok((answer, held)) => {
                let head = Head::from_get(&source.at, &answer, held.size)?;
                // The version stays even if the store does not repeat it.
                source.pin.etag = Some(head.etag.clone());
                source.pin.version_id = head.version_id.clone().or(source.pin.version_id);
                OrderedRead::start(source, head, &options, Some(answer))
            }
            // No byte of an empty object can be asked for. The store may have looked at the range
            // before the pin, so the pin is proved by a HEAD.
            Err(ObjectError::Invalid { status: Some(416), .. }) => {
                let head = self.head_pinned(&source.at, pin).await?;
                if head.size > asked.start {
                    return Err(ObjectError::nonsense(&source.at, "the store refuses a range that exists"));
                }
                OrderedRead::start(source, head, &options, None)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads exactly these bytes with one request; an empty range costs none.
    ///
    /// Errors: as [`ObjectStore::read`]; never fewer bytes than asked for.
    pub async fn read_range(
        &self,
        bucket: &str,
        key: &str,
        pin: &Pin,
        range: Range<u64>,
    ) -> Result<Bytes, ObjectError> {
        let length = range.end.saturating_sub(range.start).max(1);
        if range.start == range.end {
            return Ok(Bytes::new());
        }
        let options = ReadOptions {
            part_bytes: length,
            window_bytes: length,
            range: Some(range),
            ..ReadOptions::default()
        };
        let mut read = self.read(bucket, key, pin, options).await?;
        Ok(read.next().await?.unwrap_or_default())
    }
}

impl ObjectStore {
    /// Reads a small object as it is now, with its head; none if it is not there.
    ///
    /// Errors: `OutOfRange` if it has more than `limit` bytes, and as [`ObjectStore::read`].
    pub async fn read_whole(
        &self,
        bucket: &str,
        key: &str,
        limit: u64,
    ) -> Result<Option<(Head, Vec<u8>)>, ObjectError> {
        let options = ReadOptions { part_bytes: 8 << 20, ..ReadOptions::default() };
        let mut read = match self.read(bucket, key, &Pin::default(), options).await {
            Ok(read) => read,
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (head, end) = (read.head().clone(), read.head().size);
        if end > limit {
            let at = Box::new(read.source.at.clone());
            return Err(ObjectError::OutOfRange { at, start: 0, end, size: limit });
        }
        let mut content = Vec::with_capacity(usize::try_from(end).unwrap_or(0));
        while let Some(block) = read.next().await? {
            content.extend_from_slice(&block);
        }
        Ok(Some((head, content)))
    }
}

/// The bytes of an object in order, while a few requests run ahead. Dropping it cancels them.
#[derive(Debug)]
pub struct OrderedRead {
    head: Head,
    source: Arc<Source>,
    /// What has not been asked for yet.
    rest: Range<u64>,
    part_bytes: u64,
    slots: usize,
    parts: VecDeque<JoinHandle<Result<Bytes, ObjectError>>>,
    expected: u64,
    delivered: u64,
    failed: bool,
}

impl OrderedRead {
    fn start(
        source: Source,
        head: Head,
        options: &ReadOptions,
        first: Option<GetObjectOutput>,
    ) -> Result<Self, ObjectError> {
        let range = options.range.clone().unwrap_or(0..head.size);
        if range.end > head.size {
            let (start, end, size) = (range.start, range.end, head.size);
            return Err(ObjectError::OutOfRange { at: Box::new(source.at), start, end, size });
        }
        let mut read = Self {
            expected: range.end.saturating_sub(range.start),
            head,
            source: Arc::new(source),
            rest: range,
            part_bytes: options.part(),
            slots: options.slots(),
            parts: VecDeque::new(),
            delivered: 0,
            failed: false,
        };
        read.spawn_next(first);
        read.run_ahead();
        Ok(read)
    }

    /// What the store says about the object; the size is that of the whole object.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Requests sent so far, repeats included.
    pub fn requests(&self) -> u64 {
        self.source.counters.requests()
    }

    /// Bytes of bodies received so far, those of repeats and of parts not yet delivered included.
    pub fn bytes_fetched(&self) -> u64 {
        self.source.counters.bytes()
    }

    /// Bytes handed out so far.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// The next bytes, none at the end. The end is only reported after exactly the announced number
    /// of bytes; after an error there is no end, only errors. May be cancelled and called again.
    ///
    /// The bytes handed out before count into the window until this is called again.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        if self.failed {
            return Err(self.incomplete());
        }
        self.run_ahead();
        let Some(part) = self.parts.front_mut() else {
            return if self.delivered == self.expected { Ok(None) } else { Err(self.incomplete()) };
        };
        let done = part.await;
        self.parts.pop_front();
        match self.joined(done) {
            Ok(bytes) => {
                self.delivered = self.delivered.saturating_add(bytes.len() as u64);
                Ok(Some(bytes))
            }
            Err(error) => {
                self.failed = true;
                self.cancel();
                Err(error)
            }
        }
    }

    /// Fills the window.
    fn run_ahead(&mut self) {
        while self.parts.len() < self.slots && !self.rest.is_empty() {
            self.spawn_next(None);
        }
    }

    fn spawn_next(&mut self, first: Option<GetObjectOutput>) {
        let end = self.rest.end.min(self.rest.start.saturating_add(self.part_bytes));
        let bytes = self.rest.start..end;
        if bytes.is_empty() {
            return;
        }
        self.rest.start = end;
        let (source, size) = (Arc::clone(&self.source), self.head.size);
        self.parts.push_back(tokio::spawn(async move { source.part(bytes, size, first).await }));
    }

    fn joined(&self, done: Result<Result<Bytes, ObjectError>, JoinError>) -> Result<Bytes, ObjectError> {
        match done {
            Ok(part) => part,
            Err(join) => match join.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only the end of the runtime cancels what we wait for.
                Err(join) => Err(ObjectError::Unavailable {
                    at: Box::new(self.source.at.clone()),
                    source: Some(Box::new(join)),
                }),
            },
        }
    }

    fn incomplete(&self) -> ObjectError {
        ObjectError::ShortRead {
            at: Box::new(self.source.at.clone()),
            expected: self.expected,
            got: self.delivered,
            source: None,
        }
    }

    fn cancel(&mut self) {
        for part in self.parts.drain(..) {
            part.abort();
        }
    }
}

impl Drop for OrderedRead {
    fn drop(&mut self) {
        self.cancel();
    }
}
