//! The values of one source, typed.

use chrono::{DateTime, Utc};

use super::error::MetadataError;
use super::field::{Field, MetaSource};
use super::raw::RawMetadata;
use super::values::{Country, CustomerName, HcId, InvalidValue, NetworkKey, Origin, Ticket};
use crate::values::timestamp;

/// The valid values of one source.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub from: MetaSource,
    pub customer: Option<CustomerName>,
    pub network: Option<NetworkKey>,
    pub ticket: Option<Ticket>,
    pub hc_id: Option<HcId>,
    pub country: Option<Country>,
    pub origin: Option<Origin>,
    pub capture_ts: Option<DateTime<Utc>>,
    pub overwrite: Option<bool>,
}

impl Fields {
    /// Reads all values of a source; the first malformed one is the error.
    pub(super) fn read(from: MetaSource, raw: &RawMetadata) -> Result<Self, MetadataError> {
        Ok(Self {
            from,
            customer: read(from, raw, Field::Customer, str::parse)?,
            network: read(from, raw, Field::Network, str::parse)?,
            ticket: read(from, raw, Field::Ticket, str::parse)?,
            hc_id: read(from, raw, Field::HcId, str::parse)?,
            country: read(from, raw, Field::Country, str::parse)?,
            origin: read(from, raw, Field::Origin, str::parse)?,
            capture_ts: read(from, raw, Field::CaptureTs, capture_ts)?,
            overwrite: read(from, raw, Field::Overwrite, overwrite)?,
        })
    }
}

fn read<T>(
    from: MetaSource,
    raw: &RawMetadata,
    field: Field,
    parse: impl Fn(&str) -> Result<T, InvalidValue>,
) -> Result<Option<T>, MetadataError> {
    let value = raw.get(field).map(parse).transpose();
    value.map_err(|source| MetadataError::Invalid { field, from, source })
}

fn capture_ts(text: &str) -> Result<DateTime<Utc>, InvalidValue> {
    let rule = "a time stamp of the years 2000 to 2099, as 2025-01-18T03:14:07Z";
    timestamp(text).ok_or_else(|| InvalidValue::new(text, rule))
}

fn overwrite(text: &str) -> Result<bool, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(InvalidValue::new(text, "true or false")),
    }
}
