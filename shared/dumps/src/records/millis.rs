//! Points in time in the JSON of records.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::values::iso_millis;

pub(super) fn millis<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&iso_millis(time))
}

#[expect(clippy::ref_option, reason = "serde gives the field by reference")]
pub(super) fn optional_millis<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.as_ref().map(iso_millis).serialize(serializer)
}
