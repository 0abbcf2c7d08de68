//! What a move within a bucket is made of: a pinned copy, then a pinned delete. Neither touches other content that has
//! come under the key meanwhile.

use aws_sdk_s3::config::Builder;
use landfall_domain::Pin;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::classify::from_sdk;
use crate::connect::upload_timeouts;
use crate::head::{if_match, real_version, required_etag};
use crate::{ObjectAt, ObjectError, ObjectStore, Put};

/// The header that names the source of a copy is a path.
const SOURCE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl ObjectStore {
    /// Copies exactly the pinned content to another key of its bucket, with its metadata. What that key held is
    /// replaced. At most 5 GiB, the limit of the request.
    ///
    /// # Errors
    /// `PreconditionFailed` or `NotFound` if the key no longer holds the pinned content; nothing was written then.
    pub async fn copy_pinned(
        &self,
        bucket: &str,
        (key, pin): (&str, &Pin),
        to: &str,
    ) -> Result<Put, ObjectError> {
        let at = ObjectAt::new("copy", bucket, key);
        let mut source = utf8_percent_encode(&format!("{bucket}/{key}"), SOURCE).to_string();
        if let Some(version) = real_version(pin.version_id.clone()) {
            source.push_str("?versionId=");
            source.extend(utf8_percent_encode(&version, NON_ALPHANUMERIC));
        }
        let answer = self
            .client()
            .copy_object()
            .bucket(bucket)
            .key(to)
            .copy_source(source)
            .set_copy_source_if_match(if_match(pin))
            .customize()
            .config_override(Builder::new().timeout_config(upload_timeouts()))
            .send()
            .await
            .map_err(|error| from_sdk(&at, error))?;
        let made = answer.copy_object_result.as_ref().and_then(|result| result.e_tag());
        Ok(Put { etag: required_etag(&at, made)?, version_id: real_version(answer.version_id) })
    }

    /// Deletes exactly the pinned content: its version, where it has one, else the key on the condition that it still
    /// holds that content. Not every store knows the condition, so a HEAD looks first; on a store that does not, other
    /// content that is written between the two would be lost.
    ///
    /// # Errors
    /// `PreconditionFailed` if the key holds other content now. What is gone already is deleted.
    pub async fn delete_pinned(&self, bucket: &str, key: &str, pin: &Pin) -> Result<(), ObjectError> {
        if pin.version_id.is_some() {
            return self.delete(bucket, key, pin.version_id.as_deref()).await;
        }
        let at = ObjectAt::new("delete", bucket, key);
        match self.head_pinned(&at, pin).await {
            Ok(_) => {}
            Err(ObjectError::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        let request = self.client().delete_object().bucket(bucket).key(key).set_if_match(if_match(pin));
        match request.send().await.map_err(|error| from_sdk(&at, error)) {
            Ok(_) | Err(ObjectError::NotFound { .. }) => Ok(()),
            Err(ObjectError::Invalid { status: Some(501), .. }) => self.delete(bucket, key, None).await,
            Err(error) => Err(error),
        }
    }
}
