//! Uploads: what a file is put as, judged before anything is sent; the sending, and the waiting for its end.

mod ask;
mod fields;
mod follow;
mod send;

use std::collections::BTreeMap;

use landfall_dumps::metadata::{KeyKind, MetadataError, MetadataSources, RawMetadata, classify_key};
use landfall_dumps::names::base_name;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub(crate) use ask::complete;
pub(crate) use fields::{Answers, DumpArgs, Request, dump_key, request};
pub(crate) use follow::Follow;
pub(crate) use send::{send, size_of};

/// Headers are ASCII: the rest, and the escape itself, is percent-encoded (specs: dumps 6.1).
const HEADER: &AsciiSet = &CONTROLS.add(b'%');

/// The form of a metadata value in a header.
pub(crate) fn header_value(value: &str) -> String {
    utf8_percent_encode(value, HEADER).to_string()
}

/// Judges key and metadata of a dump as the platform will; what needs the customer table is left to it.
pub(crate) fn check(key: &str, metadata: &BTreeMap<String, String>) -> Result<(), MetadataError> {
    if classify_key(key) != KeyKind::Archive {
        return Ok(());
    }
    let headers = RawMetadata::from_headers(metadata.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
    let sources = MetadataSources::read(base_name(key), &headers, None, &RawMetadata::from_key(key))?;
    // Two names of one customer may be aliases of each other: only the platform knows.
    match sources.resolve(landfall_dumps::metadata::CustomerName::key) {
        Ok(_) => Ok(()),
        Err(MetadataError::Conflict { field, .. }) if field.as_str() == "customer" => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_header() {
        let metadata = BTreeMap::from([("network".to_owned(), header_value("käse 50%"))]);
        assert_eq!(metadata["network"], "k%C3%A4se 50%25");
        let raw = RawMetadata::from_headers([("network", metadata["network"].as_str())]).unwrap();
        assert_eq!(raw.get(landfall_dumps::metadata::Field::Network), Some("käse 50%"));
    }

    #[test]
    fn bad_metadata_is_refused_before_the_upload() {
        let bad = BTreeMap::from([("overwrite".to_owned(), "perhaps".to_owned())]);
        insta::assert_snapshot!(check("dumps/acme/core/CHG-1/a.tgz", &bad).unwrap_err(), @"overwrite in the object metadata is not valid");
        insta::assert_snapshot!(
            check("dumps/a.tgz", &BTreeMap::new()).unwrap_err(),
            @"missing in object metadata, sidecar and key: customer, network, ticket"
        );
        assert_eq!(check("dumps/readme.txt", &BTreeMap::new()), Ok(()));
    }
}
