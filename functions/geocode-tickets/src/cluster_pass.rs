//! The areas, coarsely.

use landfall_store::StoreError;
use landfall_store::tickets::geo::{self, Finding, WaitingCluster};
use landfall_tickets::geo::City;
use landfall_tickets::geocoding::{GeoStatus, cluster_query, judge_cluster};

use crate::asking::Asked;
use crate::geocoder::Run;
use crate::{PassReport, StopReason};

impl Run<'_> {
    /// Asks for each area that is not known; gives why it stopped before all were asked for.
    pub(crate) async fn pass_clusters(
        &mut self,
        report: &mut PassReport,
    ) -> Result<Option<StopReason>, StoreError> {
        // One more than can be asked for, which then tells that the budget was too small.
        let wanted = i64::from(self.requests_left).saturating_add(1);
        for cluster in geo::waiting_clusters(self.store.pool(), self.now, wanted).await? {
            if let Some(stop) = self.find_cluster(&cluster, report).await? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    async fn find_cluster(
        &mut self,
        cluster: &WaitingCluster,
        report: &mut PassReport,
    ) -> Result<Option<StopReason>, StoreError> {
        let city = cluster.region.as_deref().and_then(City::of_region);
        let query = cluster_query(self.names.name(&cluster.cluster_key), city);
        let mut finding = Finding::of(query, city, self.client.provider());
        match self.ask(&finding.query, report).await? {
            Asked::Stop(stop) => return Ok(Some(stop)),
            Asked::NotFound => finding.status = GeoStatus::NotFound,
            Asked::Error(text) => finding.fail(&text),
            Asked::Found(found) => finding.take(found, |point| (judge_cluster(point, city), None)),
        }
        self.settle(&mut finding, cluster.errors, report);
        geo::save_cluster(self.store.pool(), &cluster.cluster_key, &finding).await?;
        Ok(None)
    }
}
