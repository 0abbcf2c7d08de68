//! What functions that run elsewhere must be told to work on the same data as this process.

use landfall_dumps::chain::ActiveFilter;
use landfall_objects::Settings;
use plan_archive::Rules;
use receive_object::DrainOnEvent;

use crate::platform::PlatformConfig;

/// The variables of a function, by name. Some values are secrets.
pub(crate) fn variables(
    config: &PlatformConfig,
    (database_url, storage): (&str, &Settings),
) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("DATABASE_URL", database_url.to_owned()),
        ("LANDFALL_QUEUE", "postgres".to_owned()),
        ("LANDFALL_BUCKET", config.bucket.clone()),
        ("LANDFALL_WORK_BUCKET", config.work_bucket.clone()),
        ("LANDFALL_S3_PATH_STYLE", storage.force_path_style.to_string()),
    ];
    let region = storage.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    variables.push(("AWS_REGION", region));
    if let Some(endpoint) = &storage.endpoint {
        variables.push(("LANDFALL_S3_ENDPOINT", endpoint.clone()));
    }
    if let Some(credentials) = &storage.credentials {
        let (access, secret) = credentials.parts();
        variables.push(("LANDFALL_S3_ACCESS_KEY", access.to_owned()));
        variables.push(("LANDFALL_S3_SECRET_KEY", secret.to_owned()));
    }
    variables.extend(of_rules(&config.rules));
    variables.extend(of_tickets(&config.drain_on_event));
    variables
}

/// The inverse of [`DrainOnEvent::from_env`]; change files themselves are drained by the process.
fn of_tickets(drains: &DrainOnEvent) -> [(&'static str, String); 2] {
    [
        ("LANDFALL_TICKETS_DRAIN_ON_EVENT", drains.names()),
        ("LANDFALL_TICKETS_SETTLE_SECONDS", drains.settle.num_seconds().to_string()),
    ]
}

/// The inverse of [`Rules::from_env`].
fn of_rules(rules: &Rules) -> [(&'static str, String); 9] {
    let active = rules.options.active;
    [
        ("LANDFALL_AUTO_CREATE_CUSTOMER", rules.auto_create_customer.to_string()),
        ("LANDFALL_SIDECAR_WAIT_SECONDS", rules.sidecar_wait.num_seconds().to_string()),
        ("LANDFALL_ACTIVE_ONLY", (active != ActiveFilter::Off).to_string()),
        ("LANDFALL_ACTIVE_ONLY_FALLBACK", (active != ActiveFilter::Strict).to_string()),
        ("LANDFALL_SPOOL_LIMIT_BYTES", rules.options.spool_limit.to_string()),
        ("LANDFALL_MAX_DEPTH", rules.limits.max_depth.to_string()),
        ("LANDFALL_MAX_ENTRIES", rules.limits.entries.to_string()),
        ("LANDFALL_MAX_TOTAL_BYTES", rules.limits.total_bytes.to_string()),
        ("LANDFALL_MAX_RATIO", rules.limits.ratio.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use landfall_domain::Dataset;
    use landfall_runtime::Env;

    use super::*;

    #[test]
    fn a_function_reads_whose_change_files_are_drained_when_they_land() {
        for datasets in [vec![], vec![Dataset::Crq], Dataset::ALL.to_vec()] {
            let drains =
                DrainOnEvent { datasets: datasets.into_iter().collect(), settle: TimeDelta::seconds(7) };
            assert_eq!(DrainOnEvent::from_env(&Env::of(of_tickets(&drains))), Ok(drains));
        }
    }

    #[test]
    fn a_function_reads_the_rules_of_the_process_that_told_them() {
        let mut rules = Rules { sidecar_wait: TimeDelta::seconds(7), ..Rules::default() };
        rules.auto_create_customer = true;
        rules.options.spool_limit = 1 << 20;
        rules.limits.entries = 12;
        for active in [ActiveFilter::Off, ActiveFilter::WithFallback, ActiveFilter::Strict] {
            rules.options.active = active;
            assert_eq!(Rules::from_env(&Env::of(of_rules(&rules))), Ok(rules.clone()));
        }
    }
}
