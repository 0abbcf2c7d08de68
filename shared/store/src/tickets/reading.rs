//! Tickets as operators read them: the open ones against their target, and the map (specs: tickets 7).

use chrono::{DateTime, Utc};
use landfall_domain::Dataset;

use super::meta::fix_time;
use crate::{Store, StoreError};

/// An open ticket against its target.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct OpenTicket {
    /// The ticket.
    pub ticket_id: String,
    /// Its status, in lower case.
    pub status: Option<String>,
    /// Its area.
    pub cluster: Option<String>,
    /// Its team.
    pub team: Option<String>,
    /// Since when it is open.
    pub opened_at: Option<DateTime<Utc>>,
    /// Minutes that it is open.
    pub age_minutes: Option<i32>,
    /// Minutes that are left of its target; negative where it is over.
    pub remaining_minutes: Option<i32>,
    /// `breached`, `at_risk`, `within` or `unknown`.
    pub sla_state: String,
    /// Where its place comes from.
    pub geo_source: Option<String>,
}

/// The open tickets of a dataset as of `now`, those with the least time left first.
pub async fn open_tickets(
    store: &Store,
    dataset: Dataset,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<OpenTicket>, StoreError> {
    let mut tx = store.begin_read_only().await?;
    fix_time(&mut tx, now).await?;
    let rows = sqlx::query_as!(
        OpenTicket,
        r#"select ticket_id as "ticket_id!", normalized_status as status, cluster, assigned_team as team, opened_at,
            age_minutes, remaining_minutes, sla_state as "sla_state!", geo_source
           from tickets.open_sla where dataset = $1 order by remaining_minutes nulls last, ticket_id limit $2"#,
        dataset.name(),
        limit
    );
    Ok(rows.fetch_all(&mut *tx).await?)
}

/// How many open tickets are in which state of their target.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SlaCount {
    /// `inc` or `crq`.
    pub dataset: String,
    /// `breached`, `at_risk`, `within` or `unknown`.
    pub sla_state: String,
    /// How many.
    pub tickets: i64,
}

/// The open tickets of both datasets by the state of their target, as of `now`.
pub async fn sla_counts(store: &Store, now: DateTime<Utc>) -> Result<Vec<SlaCount>, StoreError> {
    let mut tx = store.begin_read_only().await?;
    fix_time(&mut tx, now).await?;
    let rows = sqlx::query_as!(
        SlaCount,
        r#"select dataset as "dataset!", sla_state as "sla_state!", count(*) as "tickets!" from tickets.open_sla
           group by dataset, sla_state order by dataset desc, sla_state"#
    );
    Ok(rows.fetch_all(&mut *tx).await?)
}

/// How many tickets have a status, and how the open ones among them stand.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StatusCount {
    /// `inc` or `crq`.
    pub dataset: String,
    /// In lower case; empty where the source says none.
    pub status: String,
    /// All of them.
    pub tickets: i64,
    /// Open ones well within their target.
    pub within: i64,
    /// Open ones near its end.
    pub at_risk: i64,
    /// Open ones beyond it.
    pub breached: i64,
    /// Open ones of which nobody knows since when.
    pub unknown: i64,
    /// Those whose place is known.
    pub mapped: i64,
}

/// The tickets of both datasets by status, the open ones by their target as of `now`.
pub async fn status_counts(store: &Store, now: DateTime<Utc>) -> Result<Vec<StatusCount>, StoreError> {
    let mut tx = store.begin_read_only().await?;
    fix_time(&mut tx, now).await?;
    let rows = sqlx::query_as!(
        StatusCount,
        r#"select t.dataset as "dataset!", coalesce(t.normalized_status, '') as "status!", count(*) as "tickets!",
            count(*) filter (where s.sla_state = 'within') as "within!",
            count(*) filter (where s.sla_state = 'at_risk') as "at_risk!",
            count(*) filter (where s.sla_state = 'breached') as "breached!",
            count(*) filter (where s.sla_state = 'unknown') as "unknown!",
            count(t.latitude) as "mapped!"
           from tickets.all_tickets t left join tickets.open_sla s using (dataset, ticket_id)
           group by t.dataset, t.normalized_status
           order by t.dataset desc, bool_or(t.is_open) desc, count(*) desc, t.normalized_status"#
    );
    Ok(rows.fetch_all(&mut *tx).await?)
}

/// What a map shows: all arguments as `reporting.fn_tickets_for_map` takes them.
#[derive(Debug, Clone, Default)]
pub struct MapFilter {
    /// Only these.
    pub dataset: Option<Dataset>,
    /// `open`, `closed` or `all`.
    pub status: String,
    /// Only those of this area, by its key.
    pub cluster: Option<String>,
    /// At most so many.
    pub limit: i32,
}

/// Tickets as GeoJSON with a summary, as of `now`.
pub async fn map(
    store: &Store,
    filter: &MapFilter,
    now: DateTime<Utc>,
) -> Result<serde_json::Value, StoreError> {
    let mut tx = store.begin_read_only().await?;
    fix_time(&mut tx, now).await?;
    let map = sqlx::query_scalar!(
        r#"select reporting.fn_tickets_for_map($1, $2, $3, $4) as "map!""#,
        filter.dataset.map(Dataset::name),
        filter.status,
        filter.cluster,
        filter.limit
    );
    Ok(map.fetch_one(&mut *tx).await?)
}
