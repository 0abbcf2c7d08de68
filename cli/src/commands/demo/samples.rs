//! Uploads the sample data, each object once however often the demo runs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use landfall_domain::ObjectVersion;
use landfall_local::platform::Platform;
use landfall_local::sample::{DemoObject, demo_objects, ticket_objects};
use landfall_objects::{Condition, ObjectError, PutOptions};

use super::tickets::Earlier;
use crate::{Console, Failure, uploads};

/// What the caller put: counted apart from what the platform says.
#[derive(Debug, Default)]
pub(super) struct Uploaded {
    /// Key and version of all samples.
    pub versions: BTreeSet<(String, String)>,
    /// Those of them that a drain has applied in an earlier run.
    pub applied: BTreeSet<(String, String)>,
    /// Keys of those that this run has put.
    pub new: u64,
    /// Those that an earlier run has put.
    pub already_there: u64,
    /// Bytes of those that this run has put.
    pub bytes: u64,
}

impl Uploaded {
    fn was_applied(&mut self, version: (String, String)) {
        self.already_there = self.already_there.saturating_add(1);
        self.applied.insert(version.clone());
        self.versions.insert(version);
    }
}

/// Puts what is not there yet, and was not applied and moved away.
pub(super) async fn upload(
    platform: &Platform,
    (earlier, now): (&Earlier, DateTime<Utc>),
    console: &Console,
) -> Result<Uploaded, Failure> {
    let mut samples = demo_objects();
    samples.extend(ticket_objects(earlier.made(now)));
    let size = |sample: &DemoObject| u64::try_from(sample.body.len()).unwrap_or(u64::MAX);
    let bar = console.bytes_bar(samples.iter().map(size).sum());
    let mut uploaded = Uploaded::default();
    for sample in samples {
        bar.set_message(sample.key.rsplit('/').next().unwrap_or_default().to_owned());
        let length = size(&sample);
        match earlier.applied(&sample.key) {
            Some(version) => uploaded.was_applied((sample.key, version.to_owned())),
            None => put(platform, sample, length, &mut uploaded).await?,
        }
        bar.inc(length);
    }
    bar.finish_and_clear();
    Ok(uploaded)
}

async fn put(
    platform: &Platform,
    sample: DemoObject,
    length: u64,
    uploaded: &mut Uploaded,
) -> Result<(), Failure> {
    let (objects, bucket) = (&platform.clients().objects, platform.bucket());
    let metadata = sample.metadata.iter().map(|(name, value)| (name.clone(), uploads::header_value(value)));
    let options =
        PutOptions { metadata: metadata.collect(), condition: Condition::IfAbsent, ..PutOptions::default() };
    match objects.put(bucket, &sample.key, sample.body.into(), options).await {
        Ok(_) => {
            uploaded.new = uploaded.new.saturating_add(1);
            uploaded.bytes = uploaded.bytes.saturating_add(length);
        }
        Err(ObjectError::PreconditionFailed { .. }) => {
            uploaded.already_there = uploaded.already_there.saturating_add(1);
        }
        Err(error) => return Err(error.into()),
    }
    let head = objects.head(bucket, &sample.key, None).await?;
    let version = ObjectVersion::new(head.version_id.as_deref(), &head.etag, head.last_modified);
    uploaded.versions.insert((sample.key, version.as_str().to_owned()));
    Ok(())
}
