//! The index of an archive: kept in the work bucket under its content's digest, and what of it the workers are given
//! at once (design: archives).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use landfall_archive::{Index, IndexError, Wanted, index_key};
use landfall_domain::{Problem, Sha256Digest, Stage};
use landfall_dumps::plan::{Plan, PlannedNe};
use landfall_objects::{Condition, ObjectError, PutOptions};
use landfall_runtime::{Clients, INDEX_BYTES, Moment, Point};

use crate::PlanArchive;

/// Recipes by network element, as they travel in messages.
pub(crate) type Recipes = BTreeMap<String, String>;

/// Bytes of a recipe that a message carries; a larger one is made from the index by the worker.
const RECIPE_BYTES: usize = 20 << 10;
/// Times a broken index is replaced, each time by somebody else before us.
const TRIES: u32 = 3;

impl PlanArchive {
    /// Keeps the index for whoever reads the archive later, and gives the recipes of the plan. An index that cannot
    /// be kept costs time, not data: the archive is then streamed again.
    pub(crate) async fn keep_index(
        &self,
        sha256: &Sha256Digest,
        index: Option<Vec<u8>>,
        plan: &Plan,
    ) -> Result<Recipes, Problem> {
        let Some(index) = index.and_then(usable) else { return Ok(Recipes::new()) };
        let recipes = recipes(&index, plan).unwrap_or_else(|error| {
            tracing::warn!("the workers get no recipes: {error}");
            Recipes::new()
        });
        // What is not the file itself is given back before the put.
        let file = Bytes::from(index.into_file());
        self.clients.faults.pass(Stage::PlanArchive, Point::Effect, Moment::Before)?;
        match publish(&self.clients, sha256, &file).await {
            Ok(()) => {}
            Err(error) if error.passes() => return Err(error.into()),
            // A bucket that is missing or closed to us is not opened by waiting.
            Err(error) => tracing::warn!("the index is not kept: {error}"),
        }
        self.clients.faults.pass(Stage::PlanArchive, Point::Effect, Moment::After)?;
        Ok(recipes)
    }
}

/// Puts the index where none is. One that is there is adopted if it is whole and of this content, else replaced.
pub(crate) async fn publish(
    clients: &Clients,
    sha256: &Sha256Digest,
    file: &Bytes,
) -> Result<(), ObjectError> {
    let (bucket, key) = (&*clients.work_bucket, index_key(sha256.as_bytes()));
    let mut condition = Condition::IfAbsent;
    for _ in 0..TRIES {
        let options = PutOptions { condition, ..PutOptions::default() };
        match clients.objects.put(bucket, &key, file.clone(), options).await {
            Ok(_) => return Ok(()),
            Err(ObjectError::PreconditionFailed { .. }) => {}
            Err(error) => return Err(error),
        }
        condition = match clients.objects.read_whole(bucket, &key, INDEX_BYTES).await {
            Ok(None) => Condition::IfAbsent,
            Ok(Some((head, there))) => match is_ours(there, sha256) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::warn!(object.key = key, "a broken index is replaced: {error}");
                    Condition::IfMatch(head.etag)
                }
            },
            Err(ObjectError::OutOfRange { .. }) => Condition::Always,
            Err(error) => return Err(error),
        };
    }
    Ok(())
}

/// Whether this is a whole index of that content.
fn is_ours(file: Vec<u8>, sha256: &Sha256Digest) -> Result<(), IndexError> {
    let index = Index::parse_whole(file)?;
    if index.sha256() == *sha256.as_bytes() {
        return Ok(());
    }
    Err(IndexError::Malformed("it is bound to another content".to_owned()))
}

pub(crate) fn usable(file: Vec<u8>) -> Option<Index> {
    let index =
        Index::parse(file).inspect_err(|error| tracing::error!("our own index does not read: {error}"));
    index.ok()
}

/// A recipe for each network element that has files to be read, if it is small enough to travel.
pub(crate) fn recipes(index: &Index, plan: &Plan) -> Result<Recipes, IndexError> {
    let wanted: Vec<Vec<Wanted>> = plan.nes.iter().map(wanted).collect();
    let batches: Vec<&[Wanted]> = wanted.iter().map(Vec::as_slice).collect();
    let mut small = Recipes::new();
    for (ne, recipe) in plan.nes.iter().zip(index.recipes(&batches)?) {
        match recipe.to_bytes() {
            Ok(bytes) if bytes.len() <= RECIPE_BYTES && !recipe.groups.is_empty() => {
                small.insert(ne.ne.to_string(), STANDARD_NO_PAD.encode(bytes));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(ne = %ne.ne, "no recipe travels: {error}"),
        }
    }
    Ok(small)
}

fn wanted(ne: &PlannedNe) -> Vec<Wanted> {
    ne.files().into_iter().map(|file| Wanted { chain: file.chain.clone(), crc32: file.crc32 }).collect()
}
