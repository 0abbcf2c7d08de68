//! What files wait for, told on their objects.

use landfall_domain::{ChangeKey, Reason};
use landfall_store::{StoreError, object};

use crate::drain::DrainChanges;
use crate::error::DrainError;
use crate::listing::Found;

impl DrainChanges {
    /// These wait behind one that fails.
    pub(crate) async fn wait_behind(
        &self,
        failed: &ChangeKey,
        behind: &[(ChangeKey, Found)],
    ) -> Result<(), DrainError> {
        let reason = Reason::new("behind_failed").with_text(format!("behind {failed}, which fails"));
        self.wait_for(behind, reason).await
    }

    /// These are too young, or behind one that is.
    pub(crate) async fn wait_to_settle(&self, young: &[(ChangeKey, Found)]) -> Result<(), DrainError> {
        let text =
            format!("until {} s have passed without an earlier name", self.settings.settle.num_seconds());
        self.wait_for(young, Reason::new("settle").with_text(text)).await
    }

    /// These have their turn in the next run.
    pub(crate) async fn wait_for_turn(&self, left: &[(ChangeKey, Found)]) -> Result<(), DrainError> {
        self.wait_for(
            left,
            Reason::new("turn").with_text("for the next drain of its change files".to_owned()),
        )
        .await
    }

    async fn wait_for(&self, files: &[(ChangeKey, Found)], reason: Reason) -> Result<(), DrainError> {
        if files.is_empty() {
            return Ok(());
        }
        let version = |(key, found): &(ChangeKey, Found)| (key.to_string(), found.version.to_string());
        let versions: Vec<_> = files.iter().map(version).collect();
        let mut conn = self.clients.store.pool().acquire().await.map_err(StoreError::from)?;
        let now = self.clients.clock.now();
        object::set_waiting(&mut conn, &self.settings.bucket, &versions, (&reason, now)).await?;
        Ok(())
    }
}
