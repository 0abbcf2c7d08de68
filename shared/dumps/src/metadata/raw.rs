//! The values of one source, as they stand there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::error::MetadataError;
use super::field::{Field, MetaSource};
use super::values::InvalidValue;

/// The values of one source by field. Blank values count as absent; names that mean nothing are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawMetadata {
    values: BTreeMap<Field, String>,
}

impl RawMetadata {
    /// Bytes that a sidecar may have.
    pub const SIDECAR_BYTES: u64 = 64 << 10;

    /// From the object's user metadata: names without `x-amz-meta-`, values with percent-encoded UTF-8.
    ///
    /// # Errors
    /// [`MetadataError::Invalid`] for a value that is no UTF-8 once decoded.
    pub fn from_headers<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, MetadataError> {
        let mut raw = Self::default();
        for (name, value) in headers {
            let Some(field) = Field::named(name) else { continue };
            let decoded = percent_decode_str(value).decode_utf8().map_err(|_| MetadataError::Invalid {
                field,
                from: MetaSource::Header,
                source: InvalidValue::new(value, "percent-encoded UTF-8"),
            })?;
            raw.set(field, &decoded);
        }
        Ok(raw)
    }

    /// From the folders of the object's key, decoded: `dumps/{customer}/{network}/{ticket}/{file}.tgz`.
    pub fn from_key(key: &str) -> Self {
        super::key::values(key)
    }

    /// From the content of a sidecar: one flat JSON object of at most [`Self::SIDECAR_BYTES`]. `overwrite` may be
    /// true or false without quotes. A byte order mark is left out.
    ///
    /// # Errors
    /// [`MetadataError::Sidecar`] if it is something else, or says the same thing twice.
    pub fn from_sidecar(content: &[u8]) -> Result<Self, MetadataError> {
        let invalid = |text: String| MetadataError::Sidecar { text };
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if size > Self::SIDECAR_BYTES {
            return Err(MetadataError::sidecar_too_large(size));
        }
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let Entries(entries) = serde_json::from_slice(content).map_err(|error| {
            invalid(format!("no JSON object (line {}, column {})", error.line(), error.column()))
        })?;
        let mut raw = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in entries {
            if value.is_object() || value.is_array() {
                return Err(invalid(format!("not flat: {:?} holds further values", shown(&name))));
            }
            let Some(field) = Field::named(&name) else { continue };
            if !seen.insert(field) {
                return Err(invalid(format!("{field} stands twice")));
            }
            match value {
                Value::Null => {}
                Value::String(text) => raw.set(field, &text),
                Value::Bool(flag) if field == Field::Overwrite => raw.set(field, &flag.to_string()),
                _ => return Err(invalid(format!("{field} is no text"))),
            }
        }
        Ok(raw)
    }

    /// The values by the names of their fields.
    pub fn by_name(&self) -> BTreeMap<String, String> {
        self.values.iter().map(|(field, value)| (field.to_string(), value.clone())).collect()
    }

    /// The value of a field.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.values.get(&field).map(String::as_str)
    }

    pub(super) fn set(&mut self, field: Field, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.values.insert(field, value.to_owned());
        }
    }
}

/// A name of a sidecar as errors show it.
fn shown(name: &str) -> String {
    name.chars().take(100).collect()
}

/// The entries of a JSON object in their order, repeated names included.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(entry) = map.next_entry()? {
            self.0.push(entry);
        }
        Ok(self)
    }
}
