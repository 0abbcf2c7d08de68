//! What the store says about an object, and the pin that names one content of a key.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::DateTime as SdkTime;
use chrono::{DateTime, Utc};
use landfall_domain::Pin;

use crate::{ObjectAt, ObjectError};

/// Whether an answer with this ETag and version is the pinned content, as far as it says.
pub(crate) fn pin_names(pin: &Pin, etag: Option<&str>, version_id: Option<&str>) -> bool {
    let differs = |pinned: Option<&str>, served: Option<&str>| {
        pinned.zip(served).is_some_and(|(pinned, served)| pinned != served)
    };
    !differs(pin.etag.as_deref().map(unquoted), etag.map(unquoted))
        && !differs(pin.version_id.as_deref(), version_id)
}

/// The If-Match header of a pinned read.
pub(crate) fn if_match(pin: &Pin) -> Option<String> {
    pin.etag.as_deref().map(quoted)
}

/// What the store says about one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The ETag without quotes. Not a digest of the content: never compare contents by it.
    pub etag: String,
    /// The version; `null`, the version of an unversioned object, is none.
    pub version_id: Option<String>,
    /// Size in bytes.
    pub size: u64,
    /// When this content was written, to the second (HTTP dates have no fractions).
    pub last_modified: DateTime<Utc>,
    /// User metadata, names in lower case and without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The content type.
    pub content_type: Option<String>,
}

impl Head {
    /// The pin that names exactly this content.
    pub fn pin(&self) -> Pin {
        Pin { version_id: self.version_id.clone(), etag: Some(self.etag.clone()) }
    }

    pub(crate) fn from_head(at: &ObjectAt, answer: HeadObjectOutput) -> Result<Self, ObjectError> {
        let size = answer.content_length.and_then(|size| u64::try_from(size).ok());
        Ok(Self {
            etag: required_etag(at, answer.e_tag.as_deref())?,
            version_id: real_version(answer.version_id),
            size: size.ok_or_else(|| ObjectError::nonsense(at, "the answer names no size"))?,
            last_modified: time(at, answer.last_modified)?,
            metadata: user_metadata(answer.metadata),
            content_type: answer.content_type,
        })
    }

    /// The head of an object from a ranged read of it, whose total size the caller has read from
    /// Content-Range.
    pub(crate) fn from_get(at: &ObjectAt, answer: &GetObjectOutput, size: u64) -> Result<Self, ObjectError> {
        Ok(Self {
            etag: required_etag(at, answer.e_tag())?,
            version_id: real_version(answer.version_id.clone()),
            size,
            last_modified: time(at, answer.last_modified)?,
            metadata: user_metadata(answer.metadata.clone()),
            content_type: answer.content_type.clone(),
        })
    }

    /// Fails if this is other content than the pin names: some stores ignore If-Match.
    pub(crate) fn check(&self, at: &ObjectAt, pin: &Pin) -> Result<(), ObjectError> {
        if pin_names(pin, Some(&self.etag), self.version_id.as_deref()) {
            Ok(())
        } else {
            Err(ObjectError::replaced(at))
        }
    }
}

/// The ETag as our types hold it.
pub(crate) fn unquoted(etag: &str) -> &str {
    let etag = etag.strip_prefix("W/").unwrap_or(etag);
    etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"')).unwrap_or(etag)
}

/// The ETag as the wire wants it.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{}\"", unquoted(etag))
}

/// The version, if the bucket has versions.
pub(crate) fn real_version(version_id: Option<String>) -> Option<String> {
    version_id.filter(|version| version != "null" && !version.is_empty())
}

pub(crate) fn required_etag(at: &ObjectAt, etag: Option<&str>) -> Result<String, ObjectError> {
    match etag.map(unquoted) {
        Some(etag) if !etag.is_empty() => Ok(etag.to_owned()),
        _ => Err(ObjectError::nonsense(at, "the answer has no etag")),
    }
}

pub(crate) fn time(at: &ObjectAt, time: Option<SdkTime>) -> Result<DateTime<Utc>, ObjectError> {
    time.and_then(|time| DateTime::from_timestamp(time.secs(), time.subsec_nanos()))
        .ok_or_else(|| ObjectError::nonsense(at, "the answer names no time of modification"))
}

fn user_metadata(metadata: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    metadata.unwrap_or_default().into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_held_without_quotes_and_sent_with_them() {
        for wire in ["\"abc-2\"", "abc-2", "W/\"abc-2\""] {
            assert_eq!(unquoted(wire), "abc-2");
            assert_eq!(quoted(wire), "\"abc-2\"");
        }
    }

    #[test]
    fn the_version_null_is_no_version() {
        assert_eq!(real_version(Some("null".to_owned())), None);
        assert_eq!(real_version(Some(String::new())), None);
        assert_eq!(real_version(Some("v1".to_owned())), Some("v1".to_owned()));
    }
}
