//! Codes that stand for areas.

use std::collections::BTreeMap;

use crate::place::cluster_key;

/// The names of areas that the feed calls by a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterNames(BTreeMap<String, String>);

impl ClusterNames {
    /// Codes and names; codes compare as the keys of areas do. A code of nothing is left out.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            pairs
                .into_iter()
                .filter_map(|(code, name)| Some((cluster_key(code)?, name.to_owned())))
                .collect(),
        )
    }

    /// What to call the area of this key.
    pub fn name<'a>(&'a self, cluster_key: &'a str) -> &'a str {
        self.0.get(cluster_key).map_or(cluster_key, String::as_str)
    }
}
