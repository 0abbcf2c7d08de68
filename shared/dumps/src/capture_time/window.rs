//! Which capture times are believed (specs: dumps 2.7).

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::in_century;

/// How long after the upload a capture time may lie: clocks of nodes and time zones differ.
const TOLERANCE: TimeDelta = TimeDelta::hours(48);

/// The span in which a capture time is valid: 2000 to 2099, and at most 48 hours after the upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    uploaded_at: DateTime<Utc>,
}

impl Window {
    /// The window of an object that was uploaded then (`LastModified`, or a local file's mtime).
    pub fn of_upload(uploaded_at: DateTime<Utc>) -> Self {
        Self { uploaded_at }
    }

    /// When the object was uploaded.
    pub fn uploaded_at(self) -> DateTime<Utc> {
        self.uploaded_at
    }

    /// Whether a capture time is believed. Exactly 48 hours after the upload is.
    pub fn allows(self, time: DateTime<Utc>) -> bool {
        in_century(time) && time.signed_duration_since(self.uploaded_at) <= TOLERANCE
    }
}
