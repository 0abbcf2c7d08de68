//! Values of customers that are no fields of an upload.

use std::collections::BTreeSet;

use super::row::Alias;
use crate::metadata::{CustomerName, InvalidValue, NetworkKey};

/// What stands between the items of a list.
const BETWEEN: char = ';';

/// Trimmed, with single blanks.
pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Networks split at `;`; blank items do not count.
pub(crate) fn networks(text: &str) -> Result<BTreeSet<NetworkKey>, InvalidValue> {
    items(text).map(str::parse).collect()
}

/// Aliases split at `;`; blank items do not count.
pub(crate) fn aliases(text: &str) -> Result<BTreeSet<Alias>, InvalidValue> {
    items(text).map(|item| Ok(Alias::of(&item.parse::<CustomerName>()?))).collect()
}

/// The items of a list that are not blank.
pub(crate) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(BETWEEN).map(str::trim).filter(|item| !item.is_empty())
}

/// yes, no, 1, 0, true or false in any case.
pub(crate) fn active(text: &str) -> Result<bool, InvalidValue> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "1" | "true" => Ok(true),
        "no" | "0" | "false" => Ok(false),
        _ => Err(InvalidValue::new(text, "yes, no, 1, 0, true or false")),
    }
}
