//! Buckets.

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};

use crate::classify::from_sdk;
use crate::{ObjectAt, ObjectError, ObjectStore};

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// It never did.
    Unversioned,
    /// It does.
    Enabled,
    /// It did: old versions are there, new writes have none.
    Suspended,
}

impl ObjectStore {
    /// Makes the bucket if it is not there, and turns versions on if asked to. Versions that are on
    /// are left on, as S3 cannot turn them off without a trace. Answers what the bucket has now.
    ///
    /// Errors: `AccessDenied` if the bucket belongs to somebody else.
    pub async fn ensure_bucket(
        &self,
        bucket: &str,
        versioning: Versioning,
    ) -> Result<Versioning, ObjectError> {
        if !self.bucket_exists(bucket).await? {
            self.create_bucket(bucket).await?;
        }
        let has = self.versioning(bucket).await?;
        let status = match (versioning, has) {
            (Versioning::Enabled, Versioning::Unversioned | Versioning::Suspended) => {
                BucketVersioningStatus::Enabled
            }
            (Versioning::Suspended, Versioning::Unversioned | Versioning::Enabled) => {
                BucketVersioningStatus::Suspended
            }
            (Versioning::Unversioned, _)
            | (Versioning::Enabled, Versioning::Enabled)
            | (Versioning::Suspended, Versioning::Suspended) => return Ok(has),
        };
        self.client()
            .put_bucket_versioning()
            .bucket(bucket)
            .versioning_configuration(VersioningConfiguration::builder().status(status).build())
            .send()
            .await
            .map_err(|error| from_sdk(&ObjectAt::new("set versioning of", bucket, ""), error))?;
        Ok(versioning)
    }

    /// Whether the bucket keeps versions.
    pub async fn versioning(&self, bucket: &str) -> Result<Versioning, ObjectError> {
        let answer = self
            .client()
            .get_bucket_versioning()
            .bucket(bucket)
            .send()
            .await
            .map_err(|error| from_sdk(&ObjectAt::new("get versioning of", bucket, ""), error))?;
        Ok(match answer.status {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
            _ => Versioning::Unversioned,
        })
    }

    async fn bucket_exists(&self, bucket: &str) -> Result<bool, ObjectError> {
        let at = ObjectAt::new("head", bucket, "");
        match self.client().head_bucket().bucket(bucket).send().await.map_err(|error| from_sdk(&at, error)) {
            Ok(_) => Ok(true),
            Err(ObjectError::NotFound { .. } | ObjectError::NoSuchBucket { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Two that create the same bucket at the same time both succeed.
    async fn create_bucket(&self, bucket: &str) -> Result<(), ObjectError> {
        let region = self.client().config().region().map(ToString::to_string);
        // The one region that must not be named.
        let elsewhere = region.filter(|region| region != "us-east-1").map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region.as_str()))
                .build()
        });
        let created = self
            .client()
            .create_bucket()
            .bucket(bucket)
            .set_create_bucket_configuration(elsewhere)
            .send()
            .await
            .map_err(|error| from_sdk(&ObjectAt::new("create", bucket, ""), error));
        match created {
            Ok(_) => Ok(()),
            Err(error @ ObjectError::Conflict { .. }) => {
                if self.bucket_exists(bucket).await? {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }
}
