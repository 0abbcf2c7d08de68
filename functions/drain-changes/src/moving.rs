//! An applied file is moved to `processed/`: copied, then deleted, both pinned to what was applied. A move that fails is
//! finished by the next run.

use landfall_domain::{ChangeKey, Sha256Digest};
use landfall_objects::ObjectError;
use landfall_runtime::{Moment, Point};
use landfall_store::object;

use crate::drain::DrainChanges;
use crate::error::DrainError;
use crate::listing::Found;
use crate::reading::digest;

/// What became of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It is in `processed/`, and nowhere else.
    Yes,
    /// Other bytes came under the key: they are left where they are.
    Replaced,
    /// Something failed that may pass.
    NotYet,
}

impl DrainChanges {
    /// Moves a version that is settled. Its digest is found out where it is not known and needed.
    pub(crate) async fn move_away(
        &self,
        key: &ChangeKey,
        found: &Found,
        sha256: Option<Sha256Digest>,
    ) -> Result<Moved, DrainError> {
        match self.try_move(key, found, sha256).await {
            Ok(()) => Ok(Moved::Yes),
            Err(DrainError::Objects(error)) if error.may_be_lost_pin() => {
                self.after_lost_pin(key, found).await
            }
            Err(DrainError::Objects(error)) => {
                tracing::warn!(object.key = %key, error = &error as &dyn std::error::Error, "an applied file was not moved: {error}");
                Ok(Moved::NotYet)
            }
            Err(other) => Err(other),
        }
    }

    /// Gone is as good as moved: whoever took it away had the right to.
    async fn after_lost_pin(&self, key: &ChangeKey, found: &Found) -> Result<Moved, DrainError> {
        let bucket = &self.settings.bucket;
        match self.clients.objects.head(bucket, key.as_str(), found.pin.version_id.as_deref()).await {
            Err(ObjectError::NotFound { .. }) => {
                self.mark_removed(key, found).await?;
                Ok(Moved::Yes)
            }
            _ => Ok(Moved::Replaced),
        }
    }

    async fn try_move(
        &self,
        key: &ChangeKey,
        found: &Found,
        sha256: Option<Sha256Digest>,
    ) -> Result<(), DrainError> {
        let (objects, bucket) = (&self.clients.objects, self.settings.bucket.as_str());
        if let Some(to) = self.target(key, found, sha256).await? {
            self.pass(Point::Effect, Moment::Before)?;
            objects.copy_pinned(bucket, (key.as_str(), &found.pin), &to).await?;
            self.pass(Point::Effect, Moment::After)?;
        }
        objects.delete_pinned(bucket, key.as_str(), &found.pin).await?;
        self.pass(Point::Ack, Moment::After)?;
        self.mark_removed(key, found).await
    }

    /// Where it is to be copied to; none if the same bytes lie there already.
    async fn target(
        &self,
        key: &ChangeKey,
        found: &Found,
        sha256: Option<Sha256Digest>,
    ) -> Result<Option<String>, DrainError> {
        let (objects, bucket) = (&self.clients.objects, self.settings.bucket.as_str());
        let plain = key.processed();
        let there = match objects.head(bucket, &plain, None).await {
            Ok(head) => head,
            Err(ObjectError::NotFound { .. }) => return Ok(Some(plain)),
            Err(error) => return Err(error.into()),
        };
        let ours = match sha256 {
            Some(sha256) => sha256,
            None => digest(&self.clients, (bucket, key.as_str()), &found.pin).await?,
        };
        if there.size == found.size && digest(&self.clients, (bucket, &plain), &there.pin()).await? == ours {
            return Ok(None);
        }
        Ok(Some(key.processed_beside(&hex::encode(ours.as_bytes()))))
    }

    async fn mark_removed(&self, key: &ChangeKey, found: &Found) -> Result<(), DrainError> {
        let mut conn = self.clients.store.pool().acquire().await.map_err(landfall_store::StoreError::from)?;
        let place = (self.settings.bucket.as_str(), key.as_str());
        let (version, now) = (found.pin.version_id.as_deref(), self.clients.clock.now());
        object::mark_removed(&mut conn, place, version, now).await?;
        Ok(())
    }
}
