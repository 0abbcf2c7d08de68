//! Metadata that does not let an upload in.

use super::field::{Field, MetaSource};
use super::raw::RawMetadata;
use super::values::InvalidValue;

/// Why an upload is not judged further: it is rejected, or waits while a field is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// A value is malformed: REJECT.
    #[error("{field} in the {from} is not valid")]
    Invalid {
        /// The field.
        field: Field,
        /// Where it stands.
        from: MetaSource,
        /// The text and the rule it breaks.
        #[source]
        source: InvalidValue,
    },
    /// The sidecar is no flat JSON object of texts: REJECT.
    #[error("the sidecar is not valid: {text}")]
    Sidecar {
        /// What is wrong with it, and where.
        text: String,
    },
    /// Two sources name another customer or network: REJECT.
    #[error("{field} in the {higher} differs from the one in the {lower}")]
    Conflict {
        /// The field.
        field: Field,
        /// The source that would win.
        higher: MetaSource,
        /// The source that says otherwise.
        lower: MetaSource,
    },
    /// A needed field stands nowhere: the upload waits for its sidecar, then REJECT.
    #[error("missing in object metadata, sidecar and key: {}", names(fields))]
    Missing {
        /// The missing fields, the first one first.
        fields: Vec<Field>,
    },
}

impl MetadataError {
    /// A sidecar of so many bytes, which are more than one may have.
    pub fn sidecar_too_large(size: u64) -> Self {
        let most = RawMetadata::SIDECAR_BYTES;
        Self::Sidecar { text: format!("{size} bytes, more than the {most} that a sidecar may have") }
    }

    /// The code, as stored: `meta_invalid:ticket`.
    pub fn code(&self) -> String {
        match self {
            Self::Invalid { field, .. } => format!("meta_invalid:{field}"),
            Self::Sidecar { .. } => "meta_invalid:sidecar".to_owned(),
            Self::Conflict { field, .. } => format!("meta_conflict:{field}"),
            Self::Missing { fields } => {
                format!("meta_missing:{}", fields.first().map_or("field", |field| field.as_str()))
            }
        }
    }

    /// Whether a sidecar may still help: the object is `waiting`, not rejected.
    pub fn may_wait(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

fn names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ")
}
