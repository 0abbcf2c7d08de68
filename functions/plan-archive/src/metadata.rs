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

/// Reads headers and key, and looks the customer up. The inner error is a rejection.
pub async fn resolve(
    conn: &mut PgConnection,
    (key, outer): (&str, &str),
    headers: &BTreeMap<String, String>,
    auto_create_customer: bool,
) -> Result<Result<Resolved, Reason>, StoreError> {
    let sources = match read_sources(key, outer, headers) {
        Ok(sources) => sources,
        Err(error) => return Ok(Err(rejection(&error))),
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
        Err(error) => return Ok(Err(rejection(&error))),
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
            Err(Reason::new("customer_unknown").with_text(text))
        }
    })
}

fn read_sources(
    key: &str,
    outer: &str,
    headers: &BTreeMap<String, String>,
) -> Result<MetadataSources, MetadataError> {
    let headers = RawMetadata::from_headers(headers.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
    MetadataSources::read(outer, &headers, None, &RawMetadata::from_key(key))
}

fn rejection(error: &MetadataError) -> Reason {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    Reason::new(error.code()).with_text(text)
}
