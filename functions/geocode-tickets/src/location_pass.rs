//! The places of open tickets that somebody can act on, precisely.

use landfall_store::StoreError;
use landfall_store::tickets::geo::{self, Finding, WaitingLocation};
use landfall_tickets::geo::City;
use landfall_tickets::geocoding::{GeoStatus, judge_location, location_query, retry_after};

use crate::asking::Asked;
use crate::geocoder::Run;
use crate::{PassReport, StopReason};

impl Run<'_> {
    /// Asks for each place that is not known, those of most tickets first; gives why it stopped before all were
    /// asked for.
    pub(crate) async fn pass_locations(
        &mut self,
        report: &mut PassReport,
    ) -> Result<Option<StopReason>, StoreError> {
        let prefixes = City::ALL.map(City::region_prefix);
        let wanted = i64::from(self.requests_left).saturating_add(1);
        let waiting = geo::waiting_locations(self.store.pool(), self.now, &prefixes, wanted).await?;
        report.no_anchor = waiting.no_anchor;
        for location in waiting.locations {
            if let Some(stop) = self.find_location(&location, report).await? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    async fn find_location(
        &mut self,
        location: &WaitingLocation,
        report: &mut PassReport,
    ) -> Result<Option<StopReason>, StoreError> {
        let of_region = || location.region.as_deref().and_then(City::of_region);
        let city = location.cluster_city.as_deref().and_then(City::named).or_else(of_region);
        let Some(anchor) = location.cluster_point.or(city.map(City::anchor)) else { return Ok(None) };
        let query = location_query(&location.location_key, self.names.name(&location.cluster_key), city);
        let mut finding = Finding::of(query, city, self.client.provider());
        match self.ask(&finding.query, report).await? {
            Asked::Stop(stop) => return Ok(Some(stop)),
            Asked::NotFound => finding.status = GeoStatus::NotFound,
            Asked::Error(text) => finding.fail(&text),
            Asked::Found(found) => finding.take(found, |point| {
                let (near, km) = judge_location(point, anchor);
                (near, Some(km))
            }),
        }
        self.settle(&mut finding, location.errors, report);
        let place = (location.cluster_key.as_str(), location.location_key.as_str());
        geo::save_location(self.store.pool(), place, &finding).await?;
        Ok(None)
    }

    /// Counts a finding, and tells how long it is kept.
    pub(crate) fn settle(&self, finding: &mut Finding, errors_before: i32, report: &mut PassReport) {
        let count = match finding.status {
            GeoStatus::Ok | GeoStatus::Manual => &mut report.ok,
            GeoStatus::NotFound => &mut report.not_found,
            GeoStatus::RejectedFar => &mut report.rejected_far,
            GeoStatus::Error => &mut report.errors,
        };
        *count = count.saturating_add(1);
        // Tries in a row that ended in an error, or the one that did not.
        let failed = finding.status == GeoStatus::Error;
        finding.attempts = if failed { errors_before.saturating_add(1) } else { 1 };
        finding.retry_after = retry_after(finding.status, finding.attempts, self.now);
        finding.at = Some(self.now);
    }
}
