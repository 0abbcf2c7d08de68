//! How a worker knows where members stand: by the recipe in its message, else by the index of the archive's content.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use landfall_archive::{Recipe, RecipeError, Wanted};
use landfall_domain::Sha256Digest;
use landfall_dumps::plan::PlannedNe;
use landfall_objects::ObjectStore;
use landfall_runtime::{KeptIndexError, kept_index};

use crate::spool::{Astray, wanted};

/// What is known about an archive before it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    /// The recipe that the message carries.
    pub resume: Option<&'a str>,
    /// The network element whose files it counts.
    pub planned: &'a PlannedNe,
    /// The bucket of the indexes.
    pub work_bucket: &'a str,
    /// The archive's content.
    pub sha256: &'a Sha256Digest,
}

impl Way<'_> {
    /// A recipe for these members, with the bytes that were fetched to learn it; none where no index is kept.
    pub(crate) async fn recipe(
        &self,
        objects: &ObjectStore,
        members: &[Wanted],
    ) -> Result<Option<(Recipe, u64)>, Astray> {
        match self.carried(members) {
            Ok(Some(recipe)) => return Ok(Some((recipe, 0))),
            Ok(None) => {}
            Err(error) => tracing::warn!("the index is asked: {error}"),
        }
        let kept = kept_index(objects, self.work_bucket, self.sha256).await.map_err(|error| match error {
            KeptIndexError::Object(error) if error.passes() => Astray::Object(error),
            KeptIndexError::Object(error) => Astray::Kept(error),
            KeptIndexError::Index(error) => Astray::Index(error),
        })?;
        let Some((index, bytes)) = kept else { return Ok(None) };
        Ok(Some((index.recipe(members)?, bytes)))
    }

    /// The part of the carried recipe that brings these members, counted as they are.
    fn carried(&self, members: &[Wanted]) -> Result<Option<Recipe>, RecipeError> {
        let Some(text) = self.resume else { return Ok(None) };
        let bytes = STANDARD_NO_PAD.decode(text).map_err(RecipeError::new)?;
        let all: Vec<Wanted> = self.planned.files().into_iter().map(wanted).collect();
        Recipe::from_bytes(&bytes)?.select(&all, members).map(Some)
    }
}
