//! One ranged GET, checked against what was asked.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::ReadOptions;
use super::content_range::{self, ContentRange};
use crate::classify::from_sdk;
use crate::head::{if_match, pin_names, real_version};
use crate::{ObjectAt, ObjectError, Pin};

/// Pause before a broken part is asked for again, times the number of tries so far.
const PAUSE: Duration = Duration::from_millis(50);

/// Requests and bytes of one read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    requests: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
}

impl Counters {
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Counts every request that leaves, the SDK's own repeats included.
impl Intercept for Counters {
    fn name(&self) -> &'static str {
        "CountRequests"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// A pinned object from which parts are fetched.
#[derive(Debug)]
pub(crate) struct Source {
    pub client: Client,
    pub at: ObjectAt,
    pub pin: Pin,
    pub counters: Counters,
    /// One permit a request that may run at the same time.
    pub gate: Semaphore,
    pub body_retries: u32,
    pub idle_timeout: Duration,
}

impl Source {
    pub fn new(client: &Client, at: ObjectAt, pin: &Pin, options: &ReadOptions) -> Self {
        Self {
            client: client.clone(),
            at,
            pin: pin.clone(),
            counters: Counters::default(),
            gate: Semaphore::new(options.parallel.clamp(1, 64)),
            body_retries: options.body_retries,
            idle_timeout: options.idle_timeout,
        }
    }

    /// Asks for a range that is not empty. The answer may be shorter, if the object is.
    pub async fn ask(&self, bytes: &Range<u64>) -> Result<(GetObjectOutput, ContentRange), ObjectError> {
        let answer = self
            .client
            .get_object()
            .bucket(self.at.bucket())
            .key(self.at.key())
            .range(content_range::header(bytes))
            .set_version_id(real_version(self.pin.version_id.clone()))
            .set_if_match(if_match(&self.pin))
            .customize()
            .interceptor(self.counters.clone())
            .send()
            .await
            .map_err(|error| from_sdk(&self.at, error))?;
        let held = self.held(&answer, bytes)?;
        Ok((answer, held))
    }

    /// What the answer holds, if it is what was asked for: some stores ignore If-Match or Range.
    fn held(&self, answer: &GetObjectOutput, asked: &Range<u64>) -> Result<ContentRange, ObjectError> {
        if !pin_names(&self.pin, answer.e_tag(), answer.version_id()) {
            return Err(ObjectError::replaced(&self.at));
        }
        let held = match answer.content_range() {
            Some(header) => content_range::parse(header),
            // A whole object that is not longer than the range may come without the header.
            None => answer.content_length().and_then(|size| u64::try_from(size).ok()).and_then(|size| {
                (asked.start == 0 && size <= asked.end).then_some(ContentRange { bytes: 0..size, size })
            }),
        };
        match held {
            Some(held) if held.bytes.start == asked.start && held.bytes.end == asked.end.min(held.size) => {
                Ok(held)
            }
            _ => Err(ObjectError::nonsense(&self.at, "the store does not answer the range that was asked")),
        }
    }

    /// Fetches exactly these bytes of an object of `size` bytes. `first` is an answer that is
    /// already there. A body that breaks off is asked for again.
    pub async fn part(
        &self,
        bytes: Range<u64>,
        size: u64,
        mut first: Option<GetObjectOutput>,
    ) -> Result<Bytes, ObjectError> {
        let _permit = self.gate.acquire().await;
        let mut tries = 0;
        loop {
            let answer = match first.take() {
                Some(answer) => answer,
                None => self.ask_again(&bytes, size).await?,
            };
            let length = bytes.end.saturating_sub(bytes.start);
            match self.collect(answer.body, length).await {
                Err(error) if error.is_retryable() && tries < self.body_retries => {
                    tries += 1;
                    tracing::debug!(
                        object.bucket = self.at.bucket(),
                        object.key = self.at.key(),
                        tries,
                        "a body broke off, asking again"
                    );
                    sleep(PAUSE.saturating_mul(tries)).await;
                }
                done => return done,
            }
        }
    }

    /// Asks for a part of an object whose size is known.
    async fn ask_again(&self, bytes: &Range<u64>, size: u64) -> Result<GetObjectOutput, ObjectError> {
        match self.ask(bytes).await? {
            (answer, held) if held.size == size => Ok(answer),
            _ => Err(ObjectError::replaced(&self.at)),
        }
    }

    /// Reads a body of exactly this length.
    async fn collect(&self, mut body: ByteStream, length: u64) -> Result<Bytes, ObjectError> {
        let capacity = usize::try_from(length)
            .map_err(|_| ObjectError::nonsense(&self.at, "the range does not fit in memory"))?;
        let mut part = BytesMut::with_capacity(capacity);
        loop {
            let chunk = timeout(self.idle_timeout, body.next()).await.map_err(|elapsed| {
                ObjectError::Unavailable { at: Box::new(self.at.clone()), source: Some(Box::new(elapsed)) }
            })?;
            match chunk {
                Some(Ok(chunk)) => {
                    self.counters.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    if chunk.len() > capacity.saturating_sub(part.len()) {
                        return Err(ObjectError::nonsense(&self.at, "the body is longer than announced"));
                    }
                    part.extend_from_slice(&chunk);
                }
                Some(Err(error)) => return Err(self.short(length, &part, Some(error.into()))),
                None if part.len() == capacity => return Ok(part.freeze()),
                None => return Err(self.short(length, &part, None)),
            }
        }
    }

    fn short(&self, expected: u64, part: &BytesMut, source: Option<BoxError>) -> ObjectError {
        ObjectError::ShortRead { at: Box::new(self.at.clone()), expected, got: part.len() as u64, source }
    }
}
