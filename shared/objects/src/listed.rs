//! What a listing says about one object.

use std::cmp::Reverse;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{DeleteMarkerEntry, Object, ObjectVersion};
use chrono::{DateTime, Utc};

use crate::head::{real_version, required_etag, time};
use crate::listed_key::KeyForm;
use crate::{ObjectAt, ObjectError};

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key as it is, not encoded.
    pub key: String,
    /// The ETag without quotes.
    pub etag: String,
    /// Size in bytes.
    pub size: u64,
    /// Time of writing. A listing may carry milliseconds where a HEAD has whole seconds: compare
    /// the seconds.
    pub last_modified: DateTime<Utc>,
}

/// One version, or one delete marker, of a listing of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// The key as it is, not encoded.
    pub key: String,
    /// The version; `null` is none.
    pub version_id: Option<String>,
    /// The ETag without quotes; none for a delete marker.
    pub etag: Option<String>,
    /// Size in bytes; 0 for a delete marker.
    pub size: u64,
    /// Time of writing; see [`Listed::last_modified`].
    pub last_modified: DateTime<Utc>,
    /// Whether this is what the key names now.
    pub is_latest: bool,
    /// Whether this says that the key was deleted.
    pub delete_marker: bool,
}

impl Listed {
    pub(crate) fn read(at: &ObjectAt, form: KeyForm, object: Object) -> Result<Self, ObjectError> {
        Ok(Self {
            key: key(at, form, object.key)?,
            etag: required_etag(at, object.e_tag.as_deref())?,
            size: size(at, object.size)?,
            last_modified: time(at, object.last_modified)?,
        })
    }
}

impl ListedVersion {
    fn version(at: &ObjectAt, form: KeyForm, version: ObjectVersion) -> Result<Self, ObjectError> {
        Ok(Self {
            key: key(at, form, version.key)?,
            version_id: real_version(version.version_id),
            etag: Some(required_etag(at, version.e_tag.as_deref())?),
            size: size(at, version.size)?,
            last_modified: time(at, version.last_modified)?,
            is_latest: version.is_latest.unwrap_or_default(),
            delete_marker: false,
        })
    }

    fn marker(at: &ObjectAt, form: KeyForm, marker: DeleteMarkerEntry) -> Result<Self, ObjectError> {
        Ok(Self {
            key: key(at, form, marker.key)?,
            version_id: real_version(marker.version_id),
            etag: None,
            size: 0,
            last_modified: time(at, marker.last_modified)?,
            is_latest: marker.is_latest.unwrap_or_default(),
            delete_marker: true,
        })
    }

    /// All of a page in the order of S3: by key, newest first. The SDK hands out versions and
    /// markers apart.
    pub(crate) fn page(
        at: &ObjectAt,
        form: KeyForm,
        page: ListObjectVersionsOutput,
    ) -> Result<Vec<Self>, ObjectError> {
        let versions = page.versions.unwrap_or_default().into_iter().map(|one| Self::version(at, form, one));
        let markers =
            page.delete_markers.unwrap_or_default().into_iter().map(|one| Self::marker(at, form, one));
        let mut all = versions.chain(markers).collect::<Result<Vec<_>, _>>()?;
        // Stable: versions of one time keep the store's order.
        all.sort_by(|a, b| {
            let rank = |one: &Self| (Reverse(one.is_latest), Reverse(one.last_modified));
            a.key.cmp(&b.key).then_with(|| rank(a).cmp(&rank(b)))
        });
        Ok(all)
    }
}

fn key(at: &ObjectAt, form: KeyForm, key: Option<String>) -> Result<String, ObjectError> {
    let key = key.ok_or_else(|| ObjectError::nonsense(at, "a listed object has no key"))?;
    form.decode(at, &key)
}

fn size(at: &ObjectAt, size: Option<i64>) -> Result<u64, ObjectError> {
    size.and_then(|size| u64::try_from(size).ok())
        .ok_or_else(|| ObjectError::nonsense(at, "a listed object has no size"))
}
