//! What becomes of a message whose object could not be read or written.

use landfall_domain::{Classify, Disposition};

use crate::ObjectError;

impl ObjectError {
    /// Whether the same request may succeed later without anybody doing anything.
    pub fn passes(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::ShortRead { .. } => true,
            Self::NotFound { .. }
            | Self::PreconditionFailed { .. }
            | Self::AccessDenied { .. }
            | Self::NoSuchBucket { .. }
            | Self::OutOfRange { .. }
            | Self::Invalid { .. }
            | Self::LocalFile { .. } => false,
        }
    }
}

impl Classify for ObjectError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Conflict { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::ShortRead { .. }
            // A pinned read that was lost is decided by its stage with one HEAD before it comes to this.
            | Self::NotFound { .. }
            | Self::PreconditionFailed { .. }
            // Faults of the configuration, not of the object: its tries run out, it becomes `failed`, and a
            // redrive after the repair goes on. To quarantine it would blame the input.
            | Self::AccessDenied { .. }
            | Self::NoSuchBucket { .. }
            | Self::OutOfRange { .. }
            | Self::Invalid { .. }
            | Self::LocalFile { .. } => Disposition::Retry,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "object_not_found",
            Self::PreconditionFailed { .. } => "object_replaced",
            Self::Conflict { .. } => "object_conflict",
            Self::AccessDenied { .. } => "object_access_denied",
            Self::NoSuchBucket { .. } => "bucket_not_found",
            Self::Throttled { .. } => "object_throttled",
            Self::Unavailable { .. } => "object_store_unavailable",
            Self::ShortRead { .. } => "object_short_read",
            Self::OutOfRange { .. } => "object_range",
            Self::Invalid { .. } => "object_request",
            Self::LocalFile { .. } => "local_file",
        }
    }
}
