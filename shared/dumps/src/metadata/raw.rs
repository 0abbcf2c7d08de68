//! The values of one source, as they stand there.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
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

    /// From the content of a sidecar: one flat JSON object. `overwrite` may be true or false without quotes.
    ///
    /// # Errors
    /// [`MetadataError::Sidecar`] if it is something else.
    pub fn from_sidecar(content: &[u8]) -> Result<Self, MetadataError> {
        let invalid = |text: String| MetadataError::Sidecar { text };
        let object: BTreeMap<String, Value> = serde_json::from_slice(content).map_err(|error| {
            invalid(format!("no JSON object (line {}, column {})", error.line(), error.column()))
        })?;
        let mut raw = Self::default();
        for (name, value) in object {
            let Some(field) = Field::named(&name) else { continue };
            match value {
                Value::Null => {}
                Value::String(text) => raw.set(field, &text),
                Value::Bool(flag) if field == Field::Overwrite => raw.set(field, &flag.to_string()),
                _ => return Err(invalid(format!("{field} is no text"))),
            }
        }
        Ok(raw)
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
