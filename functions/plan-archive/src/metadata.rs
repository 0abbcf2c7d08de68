//! What an upload says about itself, and what of that the store knows (specs: dumps 6.1).

use std::collections::{BTreeMap, HashMap};

use landfall_domain::Reason;
use landfall_dumps::metadata::{
    Country, CustomerKey, CustomerName, MetadataError, MetadataSources, RawMetadata, UploadMetadata,
};
use landfall_store::{PgConnection, StoreError, dump};

/// An upload's metadata with its customer resolved.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The metadata.
    pub metadata: UploadMetadata,
    /// The customer's key, aliases resolved.
    pub customer: CustomerKey,
    /// The customer's country, where stored.
    pub customer_country: Option<Country>,
}

/// Where an upload says something about itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The object's key.
    pub key: &'a str,
    /// The last part of it.
    pub outer: &'a str,
    /// User metadata.
    pub headers: &'a BTreeMap<String, String>,
    /// The values of the sidecar, if it counts.
    pub sidecar: Option<&'a RawMetadata>,
}

/// Why an upload is not judged further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What it says does not let it in.
    Rejected(Reason),
    /// A needed field stands nowhere: a sidecar may still bring it.
    Missing(Reason),
}

impl Refused {
    /// The same, with the name of the sidecar that is to blame.
    pub fn at(self, key: &str, version: &str) -> Self {
        let name = |reason: Reason| {
            let text = reason.text.clone().unwrap_or_default();
            reason.with_text(format!("{key} version {version}: {text}"))
        };
        match self {
            Self::Rejected(reason) => Self::Rejected(name(reason)),
            Self::Missing(reason) => Self::Missing(name(reason)),
        }
    }
}

/// Reads all sources, and looks the customer up. The inner error is no fault of ours.
pub(crate) async fn resolve(
    conn: &mut PgConnection,
    sources: &Sources<'_>,
    auto_create_customer: bool,
) -> Result<Result<Resolved, Refused>, StoreError> {
    let sources = match sources.read() {
        Ok(sources) => sources,
        Err(error) => return Ok(Err(refused(&error))),
    };
    let mut known: HashMap<String, (CustomerKey, Option<Country>)> = HashMap::new();
    for name in sources.customers() {
        if let Some((key, country)) = dump::find_customer(conn, &name.to_string()).await? {
            let Ok(key) = key.parse() else { continue };
            known.insert(name.to_string(), (key, country.and_then(|c| c.parse().ok())));
        }
    }
    let key_of =
        |name: &CustomerName| known.get(&name.to_string()).map_or_else(|| name.key(), |(key, _)| key.clone());
    let metadata = match sources.resolve(key_of) {
        Ok(metadata) => metadata,
        Err(error) => return Ok(Err(refused(&error))),
    };
    Ok(match known.remove(&metadata.customer.to_string()) {
        Some((customer, customer_country)) => Ok(Resolved { metadata, customer, customer_country }),
        None if auto_create_customer => {
            let customer = metadata.customer.key();
            Ok(Resolved { metadata, customer, customer_country: None })
        }
        None => {
            let text =
                format!("customer {} is not stored and may not be created by uploads", metadata.customer);
            Err(Refused::Rejected(Reason::new("customer_unknown").with_text(text)))
        }
    })
}

impl Sources<'_> {
    fn read(&self) -> Result<MetadataSources, MetadataError> {
        let headers = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let headers = RawMetadata::from_headers(headers)?;
        MetadataSources::read(self.outer, &headers, self.sidecar, &RawMetadata::from_key(self.key))
    }
}

/// What metadata that does not let an upload in comes to.
pub(crate) fn refused(error: &MetadataError) -> Refused {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    let reason = Reason::new(error.code()).with_text(text);
    if error.may_wait() { Refused::Missing(reason) } else { Refused::Rejected(reason) }
}
