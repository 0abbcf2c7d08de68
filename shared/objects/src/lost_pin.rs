//! What became of pinned content that a read did not get: one HEAD decides (ARCHITECTURE.md, identity and failures).

use landfall_domain::Pin;

use crate::head::unquoted;
use crate::{ObjectError, ObjectStore};

/// What a second look at pinned content found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinState {
    /// The pinned content is there after all: the store contradicted itself, and the read may be tried again.
    Current,
    /// The key names other content now.
    Replaced {
        /// Its ETag, without quotes.
        etag: String,
    },
    /// The key, or the pinned version of it, is no longer there.
    Gone,
}

impl ObjectError {
    /// Whether a pinned read that failed so may have lost its content, to be told by [`ObjectStore::look_again`].
    pub fn may_be_lost_pin(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::PreconditionFailed { .. })
    }
}

impl ObjectStore {
    /// Looks once, by HEAD, at pinned content that a read was refused (404 or 412). A pinned version is looked at
    /// itself: what is current beside it does not matter. A pin without an ETag names whatever the key holds.
    ///
    /// # Errors
    /// What the HEAD failed with, other than that nothing is there; the question is open then.
    pub async fn look_again(&self, bucket: &str, key: &str, pin: &Pin) -> Result<PinState, ObjectError> {
        match self.head(bucket, key, pin.version_id.as_deref()).await {
            Ok(head) if pin.etag.as_deref().is_some_and(|etag| unquoted(etag) != head.etag) => {
                Ok(PinState::Replaced { etag: head.etag })
            }
            Ok(_) => Ok(PinState::Current),
            Err(ObjectError::NotFound { .. }) => Ok(PinState::Gone),
            Err(error) => Err(error),
        }
    }
}
