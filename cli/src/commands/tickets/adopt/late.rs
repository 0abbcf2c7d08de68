//! Change files that lie below the watermark that is taken over: a drain will report them as late.

use std::collections::BTreeMap;

use landfall_domain::{ChangeKey, Dataset};
use landfall_objects::ObjectStore;
use serde::Serialize;

use crate::{Exit, Failure};

/// Keys that are told; all are counted.
const TOLD: usize = 100;

/// The files, over both datasets.
#[derive(Debug, Default, Serialize)]
pub(super) struct Late {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub keys: Vec<String>,
}

impl Late {
    /// Lists the keys at or below each watermark that are still in `changes/`.
    pub(super) async fn below(
        watermarks: &BTreeMap<Dataset, String>,
        objects: &ObjectStore,
        bucket: &str,
    ) -> Result<Self, Failure> {
        let mut late = Self::default();
        for (dataset, watermark) in watermarks {
            let mut pages = objects.list(bucket, dataset.changes_prefix(), None);
            while let Some(page) = pages.next().await.map_err(unlisted)? {
                let keys = page.into_iter().map(|object| object.key);
                let below: Vec<String> = keys.take_while(|key| key <= watermark).collect();
                if below.is_empty() {
                    break;
                }
                late.add(below);
            }
        }
        Ok(late)
    }

    fn add(&mut self, keys: Vec<String>) {
        for key in keys.into_iter().filter(|key| ChangeKey::parse(key).is_some()) {
            self.count = self.count.saturating_add(1);
            if self.keys.len() < TOLD {
                self.keys.push(key);
            }
        }
    }
}

fn unlisted(error: landfall_objects::ObjectError) -> Failure {
    Failure::of(Exit::Storage, error).while_doing("cannot look for change files below the watermark")
}
