//! The store: HEAD and delete. Reads, writes, listings and buckets have their own files.

use aws_sdk_s3::Client;

use crate::classify::from_sdk;
use crate::head::{if_match, real_version};
use crate::{Head, ObjectAt, ObjectError, Pin};

/// An S3 store. Cheap to clone: all clones share one connection pool.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    client: Client,
}

impl ObjectStore {
    /// Takes a client as it is; its time-outs and retries are the caller's. [`ObjectStore::connect`]
    /// sets ours.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Asks for one object, or for one version of it.
    ///
    /// Errors: `NotFound` also for a missing bucket and for a delete marker, as a HEAD has no body.
    pub async fn head(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Head, ObjectError> {
        let pin = version_id.map(Pin::version).unwrap_or_default();
        self.head_pinned(&ObjectAt::new("head", bucket, key), &pin).await
    }

    /// HEAD of exactly the pinned content.
    pub(crate) async fn head_pinned(&self, at: &ObjectAt, pin: &Pin) -> Result<Head, ObjectError> {
        let answer = self
            .client
            .head_object()
            .bucket(at.bucket())
            .key(at.key())
            .set_version_id(real_version(pin.version_id.clone()))
            .set_if_match(if_match(pin))
            .send()
            .await
            .map_err(|error| from_sdk(at, error))?;
        let head = Head::from_head(at, answer)?;
        head.check(at, pin)?;
        Ok(head)
    }

    /// Deletes an object, or one version of it. Deleting what is not there succeeds, as in S3.
    pub async fn delete(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<(), ObjectError> {
        let request = self.client.delete_object().bucket(bucket).key(key);
        let request = request.set_version_id(version_id.map(str::to_owned));
        match request.send().await.map_err(|error| from_sdk(&ObjectAt::new("delete", bucket, key), error)) {
            Ok(_) | Err(ObjectError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
