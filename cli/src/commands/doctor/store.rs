//! The object store.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::{Clock, Finding};
use landfall_objects::ObjectStore;
use landfall_objects::probe::{self, StoreProbe, Told};
use uuid::Uuid;

use super::{PATIENCE, Surroundings};

pub(super) async fn findings(surroundings: &Surroundings<'_>) -> Vec<Finding> {
    const NAME: &str = "store.landing-bucket";
    let place = &surroundings.place;
    let objects = match tokio::time::timeout(PATIENCE, place.objects()).await {
        Ok(Ok(objects)) => objects,
        Ok(Err(failure)) => return vec![failure.finding(NAME)],
        Err(_) => {
            let next = "set AWS_REGION and the credentials";
            return vec![Finding::problem(
                NAME,
                "the AWS sources of region and credentials do not answer",
                next,
            )];
        }
    };
    let buckets = (place.bucket.as_str(), place.work_bucket.as_str());
    look(&objects, buckets, &surroundings.told(), (surroundings.clock(), PATIENCE)).await
}

/// Tries out a store by objects in its work bucket, for so long, and judges what was seen.
pub(in crate::commands) async fn look(
    objects: &ObjectStore,
    (landing, work): (&str, &str),
    told: &Told,
    (clock, patience): (Arc<dyn Clock>, Duration),
) -> Vec<Finding> {
    let key = format!("doctor/{}", Uuid::new_v4());
    let facts = objects.probe(&StoreProbe { landing, work, key: &key, clock, patience }).await;
    probe::judge(&facts, told)
}
