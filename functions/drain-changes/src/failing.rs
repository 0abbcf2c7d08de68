//! Files that are not applied: those that fail, those that came late or again, those an operator passes over. Each is
//! told once.

use chrono::{DateTime, Utc};
use landfall_domain::{Reason, Sha256Digest, State};
use landfall_store::alert::{self, Alert};
use landfall_store::attempt::TryOutcome;
use landfall_store::tickets::{self, Advance, FileStatus, NewFile};
use landfall_store::{PgConnection, StoreError, lease, retrying};

use crate::applying::{Work, file_row, record_try, settle_object};
use crate::drain::{DrainChanges, RunOf};
use crate::error::DrainError;
use crate::reading::BadFile;

/// Why a file is not applied.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unapplied<'a> {
    /// It cannot be read as a whole.
    Failed(&'a BadFile),
    /// Its name is older than what was applied, and not known.
    Late,
    /// Its key was applied, with other bytes.
    Reuploaded,
    /// Its key was applied, with the same bytes.
    Duplicate,
    /// An operator goes past it: the watermark moves to it.
    Skipped,
}

impl Unapplied<'_> {
    pub(crate) fn status(self) -> FileStatus {
        match self {
            Self::Failed(_) => FileStatus::Failed,
            Self::Late => FileStatus::Late,
            Self::Reuploaded => FileStatus::Reuploaded,
            Self::Duplicate => FileStatus::Duplicate,
            Self::Skipped => FileStatus::Skipped,
        }
    }

    /// State and reason of the object.
    fn state(self) -> (State, Reason) {
        match self {
            Self::Failed(bad) => {
                (State::Quarantined, Reason::new("file_failed").with_text(bad.error.clone()))
            }
            Self::Late => (
                State::Waiting,
                Reason::new("late").with_text(
                    "older than what is applied already: `landfall tickets drain --apply-late` applies it"
                        .to_owned(),
                ),
            ),
            Self::Reuploaded => (
                State::Waiting,
                Reason::new("reuploaded").with_text(
                    "its key was applied with other bytes: `landfall tickets drain --apply-late` applies it"
                        .to_owned(),
                ),
            ),
            Self::Duplicate => (
                State::Duplicate,
                Reason::new("same_bytes").with_text("its key was applied with these bytes".to_owned()),
            ),
            Self::Skipped => {
                (State::Ignored, Reason::new("skipped").with_text("passed over by an operator".to_owned()))
            }
        }
    }

    /// Code and message of the alert, where one is due.
    fn alert(self, work: Work<'_>) -> Option<(&'static str, String)> {
        let key = work.key;
        match self {
            Self::Failed(bad) => Some((
                "file_failed",
                format!(
                    "{key} fails: {}. It and what comes behind it waits: upload a good one under its name, or pass \
                     over it with `landfall tickets drain --skip-key {key} --apply`",
                    bad.error
                ),
            )),
            Self::Late => {
                Some(("late", format!("{key} came after later files were applied; it is not applied")))
            }
            Self::Reuploaded => Some((
                "reuploaded",
                format!("{key} was applied before with other bytes; these are not applied"),
            )),
            Self::Duplicate | Self::Skipped => None,
        }
    }
}

impl DrainChanges {
    /// Records a version that was lost before it was read: gone, or replaced.
    pub(crate) async fn record_lost(
        &self,
        run: RunOf,
        work: Work<'_>,
        (to, text): (State, String),
    ) -> Result<(), DrainError> {
        let code = if to == State::Gone { "gone" } else { "replaced" };
        let reason = Reason::new(code).with_text(text);
        let recorded = retrying("drain_changes", || async {
            let now = self.clients.clock.now();
            let mut tx = self.clients.store.begin().await?;
            let object = self.known_object(&mut tx, work, now).await?;
            settle_object(&mut tx, &object, to, reason.clone(), now).await?;
            tickets::clear_stage(&mut tx, run.id).await?;
            tx.commit().await?;
            Ok(())
        });
        Ok(recorded.await?)
    }

    /// Records a version that is not applied; gives whether that was still this run's to do.
    pub(crate) async fn record_unapplied(
        &self,
        run: RunOf,
        work: Work<'_>,
        sha256: Option<Sha256Digest>,
        why: Unapplied<'_>,
    ) -> Result<(), DrainError> {
        let held = retrying("drain_changes", || self.record_once(run, work, sha256, why)).await?;
        if held { Ok(()) } else { Err(DrainError::LeaseLost { dataset: run.dataset }) }
    }

    async fn record_once(
        &self,
        run: RunOf,
        work: Work<'_>,
        sha256: Option<Sha256Digest>,
        why: Unapplied<'_>,
    ) -> Result<bool, StoreError> {
        let now = self.clients.clock.now();
        let mut tx = self.clients.store.begin().await?;
        if !lease::holds(&mut tx, run.dataset.lease(), &run.id.to_string(), now).await? {
            return Ok(false);
        }
        let object = self.known_object(&mut tx, work, now).await?;
        let mut file = NewFile { sha256, ..file_row(run, work, why.status(), Some(object.object_id)) };
        let (state, reason) = why.state();
        if let Unapplied::Failed(bad) = why {
            let counts = &bad.counts;
            file.rows_read = counts.rows_read;
            file.rejected = counts.rejected;
            file.error = Some(&bad.error);
            record_try(&mut tx, &object, work, (TryOutcome::Quarantine, Some(reason.clone())), now).await?;
        }
        tickets::record_file(&mut tx, &file, now).await?;
        settle_object(&mut tx, &object, state, reason, now).await?;
        if let Some((code, message)) = why.alert(work) {
            raise(&mut tx, run, work, (code, &message), now).await?;
        }
        if let Unapplied::Skipped = why {
            let key = Some(work.key.as_str());
            let to = Advance { dataset: run.dataset, source_max_key: key, applied_key: None, upserted: 0 };
            tickets::advance(&mut tx, to).await?;
        }
        tickets::clear_stage(&mut tx, run.id).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn raise(
    conn: &mut PgConnection,
    run: RunOf,
    work: Work<'_>,
    (code, message): (&'static str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let subject = format!("{} {}", work.key, work.found.version);
    let detail = serde_json::json!({ "key": work.key.as_str(), "version": work.found.version.as_str() });
    let alert = Alert { feed: run.dataset.lease(), code, subject: &subject, message, detail };
    if alert::raise(conn, &alert, now).await? {
        tracing::warn!(alert = code, object.key = %work.key, "{message}");
    }
    Ok(())
}
