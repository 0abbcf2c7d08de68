//! One suite of what an S3 store must do, runnable against any endpoint.
//!
//! By default it runs against the embedded endpoint. `LANDFALL_CONFORMANCE_ENDPOINT=http://...` (with
//! `LANDFALL_CONFORMANCE_ACCESS_KEY` and `_SECRET_KEY`, else `test`/`test`) runs it against another. Where ministack is
//! installed, one test runs it against that ([`ministack`]).

mod buckets;
mod conditions;
mod integrity;
mod keys;
mod listing;
mod ministack;
mod multipart;
mod objects;
mod versions;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use uuid::Uuid;

use crate::endpoint_rig::{Rig, client};

/// A store under test, and a fresh bucket in it.
pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    /// The embedded endpoint; none where the store is another.
    pub(crate) rig: Option<Rig>,
}

impl Store {
    pub(crate) async fn fresh() -> Self {
        let (client, rig) = if let Ok(url) = std::env::var("LANDFALL_CONFORMANCE_ENDPOINT") {
            let setting = |name: &str| std::env::var(name).unwrap_or_else(|_| "test".to_owned());
            let access = setting("LANDFALL_CONFORMANCE_ACCESS_KEY");
            (client(&url, &access, &setting("LANDFALL_CONFORMANCE_SECRET_KEY")), None)
        } else {
            let rig = Rig::start().await;
            (rig.client.clone(), Some(rig))
        };
        let bucket = format!("conformance-{}", Uuid::new_v4().simple());
        client.create_bucket().bucket(&bucket).send().await.unwrap();
        Self { client, bucket, rig }
    }

    pub(crate) async fn versioned() -> Self {
        let store = Self::fresh().await;
        store.set_versioning(BucketVersioningStatus::Enabled).await;
        store
    }

    pub(crate) async fn set_versioning(&self, status: BucketVersioningStatus) {
        let wanted = VersioningConfiguration::builder().status(status).build();
        let call = self.client.put_bucket_versioning().bucket(&self.bucket).versioning_configuration(wanted);
        call.send().await.unwrap();
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> (String, Option<String>) {
        crate::endpoint_rig::put(&self.client, &self.bucket, key, body).await
    }

    pub(crate) async fn read(&self, key: &str) -> Option<crate::endpoint_rig::Seen> {
        crate::endpoint_rig::read(&self.client, &self.bucket, key).await
    }
}
