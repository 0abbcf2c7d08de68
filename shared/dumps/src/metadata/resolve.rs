//! One answer from several sources.

use std::fmt;

use chrono::{DateTime, Utc};

use super::error::MetadataError;
use super::field::{Field, MetaSource};
use super::fields::Fields;
use super::raw::RawMetadata;
use super::values::{Country, CustomerKey, CustomerName, HcId, NetworkKey, Origin, Ticket};

/// What an upload says about itself, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMetadata {
    /// The customer, as the uploader names it.
    pub customer: CustomerName,
    /// The network.
    pub network: NetworkKey,
    /// The ticket.
    pub ticket: Ticket,
    /// The health check.
    pub hc_id: Option<HcId>,
    /// The country; see [`choose_country`].
    pub country: Option<Country>,
    /// What took the dump.
    pub origin: Origin,
    /// When it was taken.
    pub capture_ts: Option<DateTime<Utc>>,
    /// Whether an existing dump may be replaced.
    pub overwrite: bool,
    /// Fields on which sources differ (`W_META_CONFLICT`).
    pub conflicts: Vec<MetaConflict>,
}

/// A field on which two sources differ, and that does not matter enough to reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetaConflict {
    /// The field.
    pub field: Field,
    /// Whose value counts.
    pub used: MetaSource,
    /// Whose value is ignored.
    pub ignored: MetaSource,
}

impl MetaConflict {
    /// The code of the warning.
    pub const CODE: &'static str = "W_META_CONFLICT";
}

impl fmt::Display for MetaConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, used, ignored } = self;
        write!(f, "{field} of the {used} is used; the {ignored} has another")
    }
}

/// The sources of an upload's metadata, each valid in itself.
#[derive(Debug, Clone)]
pub struct MetadataSources {
    outer: String,
    /// The one that wins first.
    sources: Vec<Fields>,
}

impl MetadataSources {
    /// Reads the values of the sources of the object named `outer`.
    ///
    /// # Errors
    /// [`MetadataError::Invalid`] for the first malformed value.
    pub fn read(
        outer: &str,
        headers: &RawMetadata,
        sidecar: Option<&RawMetadata>,
        key: &RawMetadata,
    ) -> Result<Self, MetadataError> {
        let all = [
            Some((MetaSource::Header, headers)),
            sidecar.map(|sidecar| (MetaSource::Sidecar, sidecar)),
            Some((MetaSource::Key, key)),
        ];
        let sources = all.into_iter().flatten().map(|(from, raw)| Fields::read(from, raw));
        Ok(Self { outer: outer.to_owned(), sources: sources.collect::<Result<_, _>>()? })
    }

    /// The customers that the sources name, so that their keys can be looked up before [`Self::resolve`].
    pub fn customers(&self) -> impl Iterator<Item = &CustomerName> {
        self.sources.iter().filter_map(|source| source.customer.as_ref())
    }

    /// Takes each field from the highest source that has it. `key_of` gives the customer's key, also for an
    /// alias; without a customer table that is [`CustomerName::key`].
    ///
    /// # Errors
    /// [`MetadataError::Conflict`] if customer or network differ, [`MetadataError::Missing`] if a needed field
    /// stands nowhere.
    pub fn resolve(
        &self,
        key_of: impl Fn(&CustomerName) -> CustomerKey,
    ) -> Result<UploadMetadata, MetadataError> {
        let mut conflicts = Vec::new();
        let (customer, differs) =
            self.pick(Field::Customer, |fields| fields.customer.as_ref(), |a, b| key_of(a) == key_of(b));
        refuse(differs)?;
        let (network, differs) = self.pick(Field::Network, |fields| fields.network.as_ref(), PartialEq::eq);
        refuse(differs)?;
        let (ticket, differs) = self.pick(Field::Ticket, |fields| fields.ticket.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (hc_id, differs) = self.pick(Field::HcId, |fields| fields.hc_id.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (country, differs) = self.pick(Field::Country, |fields| fields.country.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (origin, differs) = self.pick(Field::Origin, |fields| fields.origin.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (capture_ts, differs) =
            self.pick(Field::CaptureTs, |fields| fields.capture_ts.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (overwrite, differs) =
            self.pick(Field::Overwrite, |fields| fields.overwrite.as_ref(), PartialEq::eq);
        conflicts.extend(differs);
        let (Some(customer), Some(network), Some(ticket)) = (customer, network, ticket) else {
            let found = [customer.is_some(), network.is_some(), ticket.is_some()];
            let missing = Field::NEEDED.into_iter().zip(found).filter(|(_, found)| !found);
            return Err(MetadataError::Missing { fields: missing.map(|(field, _)| field).collect() });
        };
        Ok(UploadMetadata {
            customer: customer.clone(),
            network: network.clone(),
            ticket: ticket.clone(),
            hc_id: hc_id.cloned(),
            country: country.cloned(),
            origin: origin.cloned().unwrap_or_else(|| Origin::of_file(&self.outer)),
            capture_ts: capture_ts.copied(),
            overwrite: overwrite.copied().unwrap_or(false),
            conflicts,
        })
    }

    /// The value of the highest source that has the field, and the first source that says otherwise.
    fn pick<'s, T>(
        &'s self,
        field: Field,
        get: impl Fn(&'s Fields) -> Option<&'s T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> (Option<&'s T>, Option<MetaConflict>) {
        let mut values = self.sources.iter().filter_map(|source| Some((source.from, get(source)?)));
        let Some((used, value)) = values.next() else { return (None, None) };
        let other = values.find(|(_, other)| !same(value, other));
        (Some(value), other.map(|(ignored, _)| MetaConflict { field, used, ignored }))
    }
}

fn refuse(differs: Option<MetaConflict>) -> Result<(), MetadataError> {
    match differs {
        None => Ok(()),
        Some(MetaConflict { field, used, ignored }) => {
            Err(MetadataError::Conflict { field, higher: used, lower: ignored })
        }
    }
}

/// The country that a dump stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryChoice {
    /// The country, if any source knows it.
    pub country: Option<Country>,
    /// Whether the upload's country differs from the customer's (`W_COUNTRY_MISMATCH`).
    pub mismatch: bool,
}

/// The upload's country, else the customer's. The customer's row stays as it is.
pub fn choose_country(upload: Option<&Country>, customer: Option<&Country>) -> CountryChoice {
    let mismatch = upload.zip(customer).is_some_and(|(upload, customer)| upload != customer);
    CountryChoice { country: upload.or(customer).cloned(), mismatch }
}
