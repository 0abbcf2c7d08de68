//! The front door's commit: one transaction for a whole batch, set-based.

use std::collections::BTreeMap;

use landfall_domain::{PlanArchive, Stage, State};
use landfall_store::object::{self, NewObject, Registered};
use landfall_store::{NewMessage, StoreError, attempt, dead_letter, outbox, retrying, tickets};

use crate::{Decision, ReceiveObject, sidecars};

impl ReceiveObject {
    pub(crate) async fn commit_batch(&self, decisions: &[&Decision]) -> Result<(), StoreError> {
        let landed: Vec<NewObject> = decisions.iter().flat_map(|d| d.landed.iter().cloned()).collect();
        let lost: Vec<NewObject> = decisions.iter().flat_map(|d| d.lost.iter().cloned()).collect();
        retrying("receive_object", || self.commit_once(decisions, &landed, &lost)).await
    }

    async fn commit_once(
        &self,
        decisions: &[&Decision],
        landed: &[NewObject],
        lost: &[NewObject],
    ) -> Result<(), StoreError> {
        let now = self.clients.clock.now();
        let mut tx = self.clients.store.begin().await?;
        let mut drains = BTreeMap::new();
        if !landed.is_empty() {
            sidecars::lock(&mut tx, landed).await?;
            let new = object::register(&mut tx, landed, now).await?;
            outbox::send(&mut tx, &hand_on(landed, &new, now)?, now).await?;
            sidecars::arrived(&mut tx, landed, &new, now).await?;
            let started = decisions.iter().filter_map(|d| d.started).min().unwrap_or(now);
            let ids: Vec<i64> = new.iter().map(|r| r.object_id.0).collect();
            if !ids.is_empty() {
                attempt::record_batch(&mut tx, Stage::ReceiveObject, &ids, started, now).await?;
            }
            drains = self.drains.due(landed, &new, now);
        }
        if !lost.is_empty() {
            object::register_superseded(&mut tx, lost, now).await?;
        }
        for decision in decisions {
            for removal in &decision.removed {
                let place = (removal.bucket.as_str(), removal.key.as_str());
                object::mark_removed(&mut tx, place, removal.version_id.as_deref(), removal.at).await?;
            }
            if let Some(letter) = &decision.bad {
                dead_letter::bury(&mut tx, letter, now).await?;
            }
        }
        for (dataset, due) in drains {
            tickets::ask_for_drain(&mut tx, dataset, (due, now)).await?;
        }
        tx.commit().await.map_err(StoreError::from)
    }
}

/// A message for each new object that a stage is to work on.
fn hand_on(
    objects: &[NewObject],
    new: &[Registered],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<NewMessage>, StoreError> {
    let mut messages = Vec::with_capacity(new.len());
    for registered in new {
        let Some(object) = objects.get(registered.index).filter(|o| o.state == State::Dispatched) else {
            continue;
        };
        let body = PlanArchive::of(registered.object_id, registered.run);
        messages.push(NewMessage::of(Stage::PlanArchive, object.landing.key.as_str(), body, now)?);
    }
    Ok(messages)
}
