//! Where the content of a load can be read from today.

use landfall_domain::{ObjectVersion, Pin, Sha256Digest};
use landfall_objects::{ObjectError, PinState, ReadOptions};
use landfall_store::dump::{LoadRow, Source};
use sha2::{Digest, Sha256};

use super::{Backfill, BackfillError};

/// Where the content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The version that was pinned is there, or the same content under the same key.
    There(Source),
    /// It is lost for good: code and text for the rows.
    Lost {
        /// `E_SOURCE_CHANGED` or `E_SOURCE_MISSING`.
        code: &'static str,
        /// What was found instead.
        text: String,
    },
}

impl Origin {
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}

impl Backfill {
    /// One HEAD where all is well. A lost version is looked for under its key, which is then read whole, once.
    pub(crate) async fn origin(&self, load: &LoadRow) -> Result<Origin, BackfillError> {
        let Source { bucket, key, pin, .. } = &load.source;
        match self.clients.objects.look_again(bucket, key, pin).await? {
            PinState::Current => Ok(Origin::There(load.source.clone())),
            PinState::Replaced { .. } | PinState::Gone => self.same_content(load).await,
        }
    }

    async fn same_content(&self, load: &LoadRow) -> Result<Origin, BackfillError> {
        let Source { bucket, key, version, .. } = &load.source;
        let any = Pin { version_id: None, etag: None };
        let mut read = match self.clients.objects.read(bucket, key, &any, ReadOptions::default()).await {
            Ok(read) => read,
            Err(ObjectError::NotFound { .. }) => {
                let text = format!("s3://{bucket}/{key} is gone (version {version} was planned)");
                return Ok(Origin::Lost { code: "E_SOURCE_MISSING", text });
            }
            Err(error) => return Err(error.into()),
        };
        let head = read.head().clone();
        let mut hash = Sha256::new();
        while let Some(block) = read.next().await? {
            hash.update(&block);
        }
        let sha256 = Sha256Digest::from_bytes(hash.finalize().into());
        if sha256 != load.sha256 {
            let text = format!("s3://{bucket}/{key} has other content now (version {version} was planned)");
            return Ok(Origin::Lost { code: "E_SOURCE_CHANGED", text });
        }
        let version = ObjectVersion::new(head.version_id.as_deref(), &head.etag, head.last_modified);
        let version = version.as_str().to_owned();
        let pin = Pin { version_id: head.version_id, etag: Some(head.etag) };
        let size = i64::try_from(head.size).unwrap_or(i64::MAX);
        Ok(Origin::There(Source { bucket: bucket.clone(), key: key.clone(), version, pin, size }))
    }
}
