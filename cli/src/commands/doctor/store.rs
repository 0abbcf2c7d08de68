//! The object store.

use landfall_domain::Finding;
use landfall_objects::probe::{self, StoreProbe};
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
    let key = format!("doctor/{}", Uuid::new_v4());
    let facts = objects
        .probe(&StoreProbe {
            landing: &place.bucket,
            work: &place.work_bucket,
            key: &key,
            clock: surroundings.clock(),
            patience: PATIENCE,
        })
        .await;
    probe::judge(&facts, &surroundings.told())
}
