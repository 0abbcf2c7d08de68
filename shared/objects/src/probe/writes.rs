//! Writes and reads of the probe object, and its removal.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use tokio::time::Instant;

use super::observe::{bounded, by};
use super::{Attempt, Seen, StoreProbe, WriteFacts};
use crate::classify::from_sdk;
use crate::{Condition, ObjectAt, ObjectError, ObjectStore, Pin, Put, PutOptions};

/// The content of the probe object.
const CONTENT: &[u8] = b"landfall doctor\n";
/// Its SHA-256, and that of nothing anybody knows, as the header wants them.
const SHA256: &str = "xIKVVyzgKT2uKvajtRuKeWeFaa7kzm10tLQKhZpo4Kc=";
const OTHER_SHA256: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// An ETag that the object does not have.
const OTHER_ETAG: &str = "00000000000000000000000000000000";
/// Why nothing more is tried where there is no object.
const NO_OBJECT: &str = "the probe object could not be written";

impl ObjectStore {
    /// Tries all, and removes what came of it.
    pub(super) async fn probe_writes(&self, probe: &StoreProbe<'_>, until: Instant) -> WriteFacts {
        let mut facts = WriteFacts::not_asked(NO_OBJECT);
        let (create, put) = self.probe_put(probe, Condition::IfAbsent, until).await;
        facts.create = create;
        if let Some(put) = put {
            facts.range = self.probe_range(probe, &put, until).await;
            facts.create_again = self.probe_put(probe, Condition::IfAbsent, until).await.0;
            let wrong = Condition::IfMatch(OTHER_ETAG.to_owned());
            facts.wrong_etag = self.probe_put(probe, wrong, until).await.0;
            facts.right_etag = self.probe_put(probe, Condition::IfMatch(put.etag.clone()), until).await.0;
            facts.good_checksum = self.probe_checksum(probe, SHA256, until).await;
            facts.bad_checksum = self.probe_checksum(probe, OTHER_SHA256, until).await;
        }
        facts.removed = self.remove_probe(probe).await;
        facts
    }

    async fn probe_put(
        &self,
        probe: &StoreProbe<'_>,
        condition: Condition,
        until: Instant,
    ) -> (Attempt, Option<Put>) {
        let options = PutOptions { condition, ..PutOptions::default() };
        let writing = async {
            match self.put(probe.work, probe.key, Bytes::from_static(CONTENT), options).await {
                Ok(put) => Ok(Some(put)),
                Err(ObjectError::PreconditionFailed { .. } | ObjectError::Conflict { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match bounded(until, writing).await {
            Ok(Some(put)) => (Attempt::Done, Some(put)),
            Ok(None) => (Attempt::Refused, None),
            Err(miss) => (Attempt::Missed(miss), None),
        }
    }

    async fn probe_range(&self, probe: &StoreProbe<'_>, put: &Put, until: Instant) -> Seen<bool> {
        let (pin, range) = (Pin::etag(put.etag.clone()), 3..9);
        let read = bounded(until, self.read_range(probe.work, probe.key, &pin, range)).await?;
        Ok(CONTENT.get(3..9) == Some(&read[..]))
    }

    async fn probe_checksum(&self, probe: &StoreProbe<'_>, sha256: &str, until: Instant) -> Attempt {
        let at = ObjectAt::new("put", probe.work, probe.key);
        let request = self
            .client()
            .put_object()
            .bucket(probe.work)
            .key(probe.key)
            .checksum_sha256(sha256)
            .body(ByteStream::from_static(CONTENT));
        let writing = async {
            match request.send().await.map_err(|error| from_sdk(&at, error)) {
                Ok(_) => Ok(Attempt::Done),
                Err(ObjectError::Invalid { status: Some(400), .. }) => Ok(Attempt::Refused),
                Err(error) => Err(error),
            }
        };
        bounded(until, writing).await.unwrap_or_else(Attempt::Missed)
    }

    /// Removes every version of the probe object. Where versions are not told, or must not be removed, the object is
    /// deleted as it stands.
    async fn remove_probe(&self, probe: &StoreProbe<'_>) -> Seen<()> {
        let until = by(probe.patience);
        let versions = bounded(until, self.remove_versions(probe)).await;
        match versions {
            Ok(()) => Ok(()),
            Err(_) => bounded(until, self.delete(probe.work, probe.key, None)).await,
        }
    }

    async fn remove_versions(&self, probe: &StoreProbe<'_>) -> Result<(), ObjectError> {
        let mut pages = self.list_versions(probe.work, probe.key, None);
        let mut found = Vec::new();
        while let Some(page) = pages.next().await? {
            found.extend(page.into_iter().filter(|version| version.key == probe.key));
        }
        for version in found {
            let version_id = version.version_id.as_deref();
            self.delete(probe.work, probe.key, version_id).await?;
        }
        Ok(())
    }
}
