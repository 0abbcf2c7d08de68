//! Drains that are asked for beside the clock: for each dataset one that is not due yet is under way at a time, however
//! many files land.

use chrono::{DateTime, Utc};
use landfall_domain::{Dataset, DrainChanges, Stage};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{NewMessage, StoreError, lease, outbox};

/// Who may ask for the next drain of a dataset: nobody while a message is under way that is not due yet.
fn lease_name(dataset: Dataset) -> String {
    format!("drain/{dataset}")
}

/// Sends a message that asks for a drain of a dataset at `due`, unless one is under way that is not due yet: that drain
/// sees what lands until then, and asks for another where it comes too early for it. Gives whether it was sent.
///
/// A message that is lost for good keeps nobody from asking once its time is over. The row of the lease stays locked
/// until the transaction ends: call this last.
pub async fn ask_for_drain(
    conn: &mut PgConnection,
    dataset: Dataset,
    (due, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let wait = due.signed_duration_since(now).to_std().unwrap_or_default();
    let (name, asked) = (lease_name(dataset), Uuid::now_v7());
    if !lease::acquire(&mut *conn, &name, &asked.to_string(), now, wait).await? {
        return Ok(false);
    }
    let body = DrainChanges { dataset, asked: Some(asked) };
    let message = NewMessage::of(Stage::DrainChanges, dataset.name(), body, due.max(now))?;
    outbox::send(conn, &[message], now).await?;
    Ok(true)
}

/// A message has arrived, perhaps early by this clock: from now on another may be asked for. Call this before the bucket
/// is listed.
pub async fn asked_drain_arrived(pool: &PgPool, message: &DrainChanges) -> Result<(), StoreError> {
    match message.asked {
        Some(asked) => lease::release(pool, &lease_name(message.dataset), &asked.to_string()).await,
        None => Ok(()),
    }
}
