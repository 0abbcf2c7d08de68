//! The requests of a probe.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use landfall_domain::{Clock, Skew};
use tokio::time::{Instant, timeout_at};

use super::{Miss, Seen, StoreFacts, WriteFacts};
use crate::classify::from_sdk;
use crate::{ObjectAt, ObjectError, ObjectStore};

/// What a probe looks at, and for how long.
#[derive(Debug, Clone)]
pub struct StoreProbe<'a> {
    /// The watched bucket: it is asked, never written to.
    pub landing: &'a str,
    /// The work bucket.
    pub work: &'a str,
    /// The key of the probe object in the work bucket, which no one else uses.
    pub key: &'a str,
    /// Our time.
    pub clock: Arc<dyn Clock>,
    /// For so long it asks; the clean-up has as much again.
    pub patience: Duration,
}

impl ObjectStore {
    /// Looks at a store. Writes objects under the probe's key in the work bucket, and removes them again, whatever
    /// happened before.
    pub async fn probe(&self, probe: &StoreProbe<'_>) -> StoreFacts {
        let until = by(probe.patience);
        let dates = Dates { clock: probe.clock.clone(), seen: Arc::default() };
        let landing = bounded(until, self.answers(probe.landing, &dates)).await;
        let gone = matches!(landing, Err(Miss::Unreachable(_)));
        let why = "the store is not reachable";
        let (versioning, notifications, work) = if gone {
            (Err(Miss::NotAsked(why)), Err(Miss::NotAsked(why)), Err(Miss::NotAsked(why)))
        } else {
            tokio::join!(
                bounded(until, self.versioning(probe.landing)),
                bounded(until, self.notification_targets(probe.landing)),
                bounded(until, self.answers(probe.work, &dates)),
            )
        };
        let writes = match &work {
            // What is written to the watched bucket is worked on.
            Ok(()) if probe.work == probe.landing => {
                WriteFacts::not_asked("the work bucket is the watched one")
            }
            Ok(()) => self.probe_writes(probe, until).await,
            Err(_) if gone => WriteFacts::not_asked(why),
            Err(_) => WriteFacts::not_asked("the work bucket does not answer"),
        };
        StoreFacts {
            landing: (probe.landing.to_owned(), landing),
            work: (probe.work.to_owned(), work),
            key: probe.key.to_owned(),
            versioning,
            notifications,
            writes,
            skew: dates.skew(),
        }
    }

    /// Whether a bucket answers; the store's time is noted.
    async fn answers(&self, bucket: &str, dates: &Dates) -> Seen<()> {
        let asked =
            self.client().head_bucket().bucket(bucket).customize().interceptor(dates.clone()).send().await;
        match asked.map_err(|error| from_sdk(&ObjectAt::new("head", bucket, ""), error)) {
            Ok(_) => Ok(()),
            // A HEAD has no body that would say so.
            Err(ObjectError::NotFound { .. }) => Err(Miss::NoBucket(format!("there is no bucket {bucket}"))),
            Err(error) => Err(error.into()),
        }
    }
}

/// The time after this long.
pub(super) fn by(patience: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(patience).unwrap_or(now)
}

/// What some work saw, if it ends in time. Boxed, as the SDK's requests are large.
pub(super) fn bounded<'a, T, E>(
    until: Instant,
    work: impl Future<Output = Result<T, E>> + Send + 'a,
) -> BoxFuture<'a, Seen<T>>
where
    T: Send + 'a,
    E: Into<Miss> + Send + 'a,
{
    Box::pin(async move {
        match timeout_at(until, work).await {
            Ok(seen) => seen.map_err(Into::into),
            Err(_) => Err(Miss::Unreachable("no answer in the time there was".to_owned())),
        }
    })
}

/// Notes the `Date` of answers beside our own time.
#[derive(Debug, Clone)]
struct Dates {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Noted>>,
}

#[derive(Debug, Default)]
struct Noted {
    asked: Option<DateTime<Utc>>,
    skew: Option<Skew>,
}

impl Dates {
    /// By the first answer.
    fn skew(&self) -> Option<Skew> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).skew
    }
}

impl Intercept for Dates {
    fn name(&self) -> &'static str {
        "NoteDates"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).asked = Some(self.clock.now());
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answered = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let date = context.response().headers().get("date").and_then(http_date);
        if let (None, Some(asked), Some(date)) = (seen.skew, seen.asked, date) {
            // The header leaves out the fraction of its second.
            let until = date.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(date);
            seen.skew = Some(Skew::between((asked, answered), (date, until)));
        }
        Ok(())
    }
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_reads() {
        let read = http_date("Sun, 01 Mar 2026 12:00:00 GMT").unwrap();
        assert_eq!(read.to_rfc3339(), "2026-03-01T12:00:00+00:00");
        assert_eq!(http_date("yesterday"), None);
    }
}
