//! One query: asked within the budgets, at the pace, again where that helps.

use std::time::Duration;

use chrono::{DateTime, Utc};
use landfall_store::{StoreError, lease, tickets::geo};
use landfall_tickets::geocoding::{Answer, Found, RateWindow};

use crate::geocoder::Run;
use crate::{PassReport, StopReason};

/// Tries of one query.
const TRIES: u32 = 3;

/// Before the second try and the third, where the geocoder is at fault.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// Queries in a row without an answer, after which the geocoder counts as down: each costs three requests.
const DOWN_AFTER: u32 = 3;

/// Of the lease.
pub(crate) const LEASE: Duration = Duration::from_mins(5);

/// The lease is renewed when so much of it is gone.
const RENEW_AFTER: Duration = Duration::from_mins(1);

/// What came of a query.
#[derive(Debug)]
pub(crate) enum Asked {
    /// There is a place of that name.
    Found(Found),
    /// There is none.
    NotFound,
    /// No answer that could be used.
    Error(String),
    /// Nothing was learned, and nothing more is asked in this run.
    Stop(StopReason),
}

impl Run<'_> {
    /// Asks for a query; counts each request.
    pub(crate) async fn ask(&mut self, query: &str, pass: &mut PassReport) -> Result<Asked, StoreError> {
        let mut tries = 0_u32;
        loop {
            if let Some(stop) = self.take_request().await? {
                return Ok(Asked::Stop(stop));
            }
            pass.requests = pass.requests.saturating_add(1);
            tries = tries.saturating_add(1);
            let answer = self.client.search(query).await;
            if !matches!(answer, Answer::Failed(_)) {
                self.failed_in_a_row = 0;
            }
            let wait = match answer {
                Answer::Found(found) => return Ok(Asked::Found(found)),
                Answer::NotFound => return Ok(Asked::NotFound),
                Answer::Unusable(text) => return Ok(Asked::Error(text)),
                Answer::Refused(status) => {
                    tracing::warn!(status, "the geocoder refuses the key with {status}: look at the account");
                    return Ok(Asked::Stop(StopReason::Refused));
                }
                Answer::Limited(RateWindow::Day) => {
                    tracing::warn!("the geocoder answers no more requests today");
                    return Ok(Asked::Stop(StopReason::DayLimit));
                }
                Answer::Limited(_) if tries >= TRIES => return Ok(Asked::Stop(StopReason::TooFast)),
                Answer::Limited(RateWindow::Second) => Duration::from_secs(1),
                Answer::Limited(RateWindow::Minute) => Duration::from_mins(1),
                Answer::Failed(text) if tries >= TRIES => {
                    self.failed_in_a_row = self.failed_in_a_row.saturating_add(1);
                    return Ok(Asked::Error(text));
                }
                Answer::Failed(_) => back_off(tries),
            };
            self.pace.wait(wait).await;
        }
    }

    /// Takes a request from the budgets and waits for its turn; gives why there is none left.
    async fn take_request(&mut self) -> Result<Option<StopReason>, StoreError> {
        if self.failed_in_a_row >= DOWN_AFTER {
            return Ok(Some(StopReason::Down));
        }
        if self.requests_left == 0 {
            return Ok(Some(StopReason::RunBudget));
        }
        let now = self.clock.now();
        if now >= self.until {
            return Ok(Some(StopReason::TimeLimit));
        }
        if !self.keeps_lease(now).await? {
            return Ok(Some(StopReason::LeaseLost));
        }
        if !geo::take_request(self.store.pool(), now.date_naive(), self.settings.day_budget).await? {
            tracing::warn!("the requests of this day to the geocoder are used up");
            return Ok(Some(StopReason::DayBudget));
        }
        self.requests_left = self.requests_left.saturating_sub(1);
        self.pace.turn().await;
        Ok(None)
    }

    async fn keeps_lease(&mut self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let held = now.signed_duration_since(self.leased_at).to_std().unwrap_or_default();
        if held < RENEW_AFTER {
            return Ok(true);
        }
        self.leased_at = now;
        lease::acquire(self.store.pool(), crate::geocoder::LEASE_NAME, &self.owner, now, LEASE).await
    }
}

fn back_off(tries: u32) -> Duration {
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    BACK_OFF.get(index).or(BACK_OFF.last()).copied().unwrap_or_default()
}
