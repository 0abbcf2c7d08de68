//! The sidecar of an upload, `{key}.json`: one pinned GET, and whether its values count (specs: dumps 6.1).

use chrono::{DateTime, Utc};
use landfall_domain::{ObjectVersion, Pin, Problem};
use landfall_dumps::metadata::{MetadataError, RawMetadata};
use landfall_dumps::plan::PlannedSidecar;
use landfall_objects::{Head, ObjectError, ReadOptions};
use landfall_store::dump::sidecar::{self, UsedSidecar};
use landfall_store::object::ObjectRow;

use crate::PlanArchive;
use crate::metadata::{Refused, Resolved, Sources, refused, resolve};

/// What one look at an upload found out about its sidecar.
#[derive(Debug, Clone, Default)]
pub(crate) struct Looked {
    /// The sidecar that the store has.
    pub sidecar: Option<Sidecar>,
    /// Whether its values count.
    pub counts: bool,
}

/// A sidecar as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Sidecar {
    key: String,
    /// The version that was read, as in the books.
    version: String,
    written: DateTime<Utc>,
    values: Result<RawMetadata, MetadataError>,
}

impl Looked {
    /// The version that was seen in the store.
    pub fn version(&self) -> Option<&str> {
        self.sidecar.as_ref().map(|sidecar| sidecar.version.as_str())
    }

    /// The sidecar, if it counts: as the books remember it.
    pub fn used(&self) -> Option<UsedSidecar> {
        let sidecar = self.sidecar.as_ref().filter(|_| self.counts)?;
        let Sidecar { key, version, written, .. } = sidecar.clone();
        Some(UsedSidecar { key, version, written })
    }

    /// The sidecar, if it counts: as the plan keeps it.
    pub fn planned(&self) -> Option<PlannedSidecar> {
        let Sidecar { key, version, written, values } = self.sidecar.as_ref().filter(|_| self.counts)?;
        let values = values.as_ref().map(RawMetadata::by_name).unwrap_or_default();
        Some(PlannedSidecar { key: key.clone(), version: version.clone(), last_modified: *written, values })
    }
}

impl PlanArchive {
    /// What an upload says about itself, sidecar included. Nothing of its body is read for it.
    ///
    /// A sidecar counts if it is not younger than the object. A younger one counts where a needed field stands
    /// nowhere else: without it the object would wait for it. A replay takes the one that is there.
    pub(crate) async fn upload(
        &self,
        object: &ObjectRow,
        (outer, head): (&str, &Head),
        looked: &mut Looked,
    ) -> Result<Result<Resolved, Refused>, Problem> {
        looked.sidecar = self.find_sidecar(object).await?;
        let mut conn = self.clients.store.pool().acquire().await.map_err(landfall_store::StoreError::from)?;
        let create = self.rules.auto_create_customer;
        let mut sources = Sources { key: &object.key, outer, headers: &head.metadata, sidecar: None };
        let Some(sidecar) = &looked.sidecar else {
            return Ok(resolve(&mut conn, &sources, create).await?);
        };
        if sidecar.written > head.last_modified && object.run.0 <= 1 {
            let without = resolve(&mut conn, &sources, create).await?;
            if !matches!(without, Err(Refused::Missing(_))) {
                return Ok(without);
            }
        }
        looked.counts = true;
        match &sidecar.values {
            Ok(values) => sources.sidecar = Some(values),
            Err(error) => return Ok(Err(refused(error).at(&sidecar.key, &sidecar.version))),
        }
        Ok(resolve(&mut conn, &sources, create).await?)
    }

    async fn find_sidecar(&self, object: &ObjectRow) -> Result<Option<Sidecar>, Problem> {
        let key = format!("{}.json", object.key);
        if let Some(found) = self.read_sidecar(&object.bucket, key).await? {
            return Ok(Some(found));
        }
        // The suffix may be written in any case; which one it is only the books know.
        let pool = self.clients.store.pool();
        match sidecar::spelled_otherwise(pool, &object.bucket, &object.key).await? {
            Some(key) => Ok(self.read_sidecar(&object.bucket, key).await?),
            None => Ok(None),
        }
    }

    /// One request for all that a sidecar may have; a larger one is not read.
    async fn read_sidecar(&self, bucket: &str, key: String) -> Result<Option<Sidecar>, ObjectError> {
        let most = RawMetadata::SIDECAR_BYTES;
        let part = most.saturating_add(1);
        let options = ReadOptions { part_bytes: part, window_bytes: part, ..ReadOptions::default() };
        let mut read = match self.clients.objects.read(bucket, &key, &Pin::default(), options).await {
            Ok(read) => read,
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Head { etag, version_id, size, last_modified, .. } = read.head().clone();
        let values = if size > most {
            Err(MetadataError::sidecar_too_large(size))
        } else {
            RawMetadata::from_sidecar(&read.next().await?.unwrap_or_default())
        };
        let version = ObjectVersion::new(version_id.as_deref(), &etag, last_modified).as_str().to_owned();
        Ok(Some(Sidecar { key, version, written: last_modified, values }))
    }
}
