//! The commit of a file: its rows, rejects, ledger row, object and watermark in one transaction.

use chrono::{DateTime, Utc};
use landfall_domain::{ChangeKey, Feed, Landing, ObjectId, Reason, Run, Stage, State, check_transition};
use landfall_runtime::{Moment, Point};
use landfall_store::alert::{self, Alert};
use landfall_store::attempt::{self, Attempt, TryOutcome};
use landfall_store::object::{self, Move, NewObject, ObjectRow};
use landfall_store::tickets::{self, Advance, Applied, FileStatus, NewFile};
use landfall_store::{PgConnection, StoreError, Transaction, lease, retrying};

use crate::drain::{DrainChanges, RunOf};
use crate::error::DrainError;
use crate::listing::Found;
use crate::reading::{Contents, ReadFile};

/// A version under work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work<'a> {
    pub key: &'a ChangeKey,
    pub found: &'a Found,
    pub started: DateTime<Utc>,
}

/// How the rows of a file get into the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct How {
    /// Newer rows win over those of this file.
    pub guard: bool,
    /// The watermark afterwards.
    pub mark: Mark,
}

/// What a commit does to the watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is below the key, and moves to it.
    MoveUp,
    /// It is below the key, and stays: a later version of the key moves it.
    Below,
    /// It moves to the key, wherever it was.
    Set,
    /// It is above the key, and stays.
    Keep,
}

/// What came of a commit.
#[derive(Debug)]
pub(crate) enum Committed {
    /// It is done.
    Done(Applied),
    /// The lease is another run's.
    LeaseLost,
}

impl DrainChanges {
    /// Applies a file that is in the stage.
    pub(crate) async fn apply(
        &self,
        run: RunOf,
        work: Work<'_>,
        (read, contents): (&ReadFile, &Contents),
        how: How,
    ) -> Result<Applied, DrainError> {
        self.committed(run, || self.apply_once(run, work, (read, contents), how)).await
    }

    /// Runs a commit of rows, again where that helps. Faults are scripted before it and after it.
    pub(crate) async fn committed<F>(
        &self,
        run: RunOf,
        once: impl FnMut() -> F,
    ) -> Result<Applied, DrainError>
    where
        F: Future<Output = Result<Committed, StoreError>>,
    {
        self.pass(Point::Commit, Moment::Before)?;
        let committed = retrying("drain_changes", once).await?;
        self.pass(Point::Commit, Moment::After)?;
        match committed {
            Committed::Done(applied) => Ok(applied),
            Committed::LeaseLost => Err(DrainError::LeaseLost { dataset: run.dataset }),
        }
    }

    /// Begins the transaction of a commit; none if the lease is another run's.
    pub(crate) async fn begin(
        &self,
        run: RunOf,
        now: DateTime<Utc>,
    ) -> Result<Option<Transaction>, StoreError> {
        let mut tx = self.clients.store.begin().await?;
        let holds = lease::holds(&mut tx, run.dataset.lease(), &run.id.to_string(), now).await?;
        Ok(holds.then_some(tx))
    }

    async fn apply_once(
        &self,
        run: RunOf,
        work: Work<'_>,
        (read, contents): (&ReadFile, &Contents),
        how: How,
    ) -> Result<Committed, StoreError> {
        let now = self.clients.clock.now();
        let (dataset, key) = (run.dataset, work.key.as_str());
        let Some(mut tx) = self.begin(run, now).await? else { return Ok(Committed::LeaseLost) };
        let mark = tickets::lock_watermark(&mut tx, dataset).await?;
        if matches!(how.mark, Mark::MoveUp | Mark::Below) && mark.is_some_and(|mark| mark.as_str() >= key) {
            return Ok(Committed::LeaseLost);
        }
        let object = self.known_object(&mut tx, work, now).await?;
        let applied = tickets::apply(&mut tx, dataset.name(), run.id, key, how.guard).await?;
        let version = work.found.version.as_str();
        tickets::store_rejects(&mut tx, (dataset, key, version), &contents.rejects, now).await?;
        let counts = &contents.counts;
        let file = NewFile {
            sha256: Some(read.sha256),
            rows_read: counts.rows_read,
            alarm: counts.alarm,
            sentinel: counts.sentinel,
            rejected: counts.rejected,
            deduped: applied.deduped,
            inserted: applied.inserted,
            updated: applied.updated,
            truncated: counts.truncated,
            ..file_row(run, work, FileStatus::Applied, Some(object.object_id))
        };
        tickets::record_file(&mut tx, &file, now).await?;
        object::set_content(&mut tx, object.object_id, &read.sha256).await?;
        let reason = Reason::new("applied").with_text(told(contents, &applied));
        settle_object(&mut tx, &object, State::Done, reason, now).await?;
        record_try(&mut tx, &object, work, (TryOutcome::Ok, None), now).await?;
        if counts.truncated {
            raise_truncated(&mut tx, run, work, now).await?;
        }
        let moves = matches!(how.mark, Mark::MoveUp | Mark::Set);
        let upserted = applied.inserted.saturating_add(applied.updated);
        let to = Advance { dataset, source_max_key: moves.then_some(key), applied_key: Some(key), upserted };
        finish(tx, run, to).await?;
        Ok(Committed::Done(applied))
    }

    /// The row of a version in the books; entered now if the front door has not seen it yet.
    pub(crate) async fn known_object(
        &self,
        conn: &mut PgConnection,
        work: Work<'_>,
        now: DateTime<Utc>,
    ) -> Result<ObjectRow, StoreError> {
        let place = (self.settings.bucket.as_str(), work.key.as_str());
        let version = work.found.version.as_str();
        if let Some(object) = object::lock_version(conn, place, version).await? {
            return Ok(object);
        }
        let landing = Landing {
            bucket: place.0.to_owned(),
            key: place.1.to_owned(),
            version: work.found.version.clone(),
            pin: work.found.pin.clone(),
            last_modified: Some(work.found.last_modified),
            size: Some(work.found.size),
            metadata_digest: None,
            sequencer: None,
        };
        let reason = Reason::new("turn").with_text("seen by a drain before its event came".to_owned());
        let new = NewObject { landing, state: State::Waiting, reason, feed: Some(Feed::Tickets) };
        object::register(conn, &[new], now).await?;
        let missing = || StoreError::Unreadable { what: format!("{} is not in the books", work.key) };
        object::lock_version(conn, place, version).await?.ok_or_else(missing)
    }
}

/// Ends the transaction of a commit: the watermark and the totals move, and the stage has no rows of the run any more.
pub(crate) async fn finish(mut tx: Transaction, run: RunOf, to: Advance<'_>) -> Result<(), StoreError> {
    tickets::advance(&mut tx, to).await?;
    tickets::clear_stage(&mut tx, run.id).await?;
    Ok(tx.commit().await?)
}

/// A row of the ledger with nothing counted.
pub(crate) fn file_row(
    run: RunOf,
    work: Work<'_>,
    status: FileStatus,
    object_id: Option<ObjectId>,
) -> NewFile<'_> {
    NewFile {
        dataset: run.dataset,
        source_key: work.key.as_str(),
        version: work.found.version.as_str(),
        object_id,
        etag: work.found.pin.etag.as_deref(),
        size: Some(work.found.size),
        last_modified: Some(work.found.last_modified),
        sha256: None,
        status,
        rows_read: 0,
        alarm: 0,
        sentinel: 0,
        rejected: 0,
        deduped: 0,
        inserted: 0,
        updated: 0,
        truncated: false,
        started_at: work.started,
        error: None,
    }
}

fn told(contents: &Contents, applied: &Applied) -> String {
    let counts = &contents.counts;
    format!(
        "{} rows: {} new tickets, {} changed, {} deduped, {} alarms, {} rejected",
        counts.rows_read, applied.inserted, applied.updated, applied.deduped, counts.alarm, counts.rejected
    )
}

/// Moves an object to its state. One that went on meanwhile (replayed, removed before the table knew) stays where it is.
pub(crate) async fn settle_object(
    conn: &mut PgConnection,
    object: &ObjectRow,
    to: State,
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if check_transition(Some(object.state), to).is_err() {
        tracing::warn!(object.key = %object.key, "the object is {} and stays so, though its file is {to}", object.state);
        return Ok(());
    }
    object::transition(conn, object, &Move { to, reason, run: object.run }, now).await
}

/// One row for the finished try.
pub(crate) async fn record_try(
    conn: &mut PgConnection,
    object: &ObjectRow,
    work: Work<'_>,
    (outcome, reason): (TryOutcome, Option<Reason>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let attempt = Attempt {
        object_id: Some(object.object_id),
        stage: Stage::DrainChanges,
        unit: String::new(),
        run: Run(object.run.0),
        attempt: 1,
        started: work.started,
        outcome,
        reason,
        bytes_read: i64::try_from(work.found.size).ok(),
        bytes_inflated: None,
    };
    attempt::record(conn, &attempt, now).await
}

async fn raise_truncated(
    conn: &mut PgConnection,
    run: RunOf,
    work: Work<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let message = format!("{}: the export stopped before its end; ask its source for the rest", work.key);
    let subject = format!("{} {}", work.key, work.found.version);
    let alert = Alert {
        feed: run.dataset.lease(),
        code: "truncated",
        subject: &subject,
        message: &message,
        detail: serde_json::json!({ "key": work.key.as_str() }),
    };
    if alert::raise(conn, &alert, now).await? {
        tracing::warn!(alert = "truncated", object.key = %work.key, "{message}");
    }
    Ok(())
}
