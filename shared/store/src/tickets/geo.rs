//! `tickets.geo_clusters`, `tickets.geo_locations` and `tickets.geo_budget`: what the geocoder was asked, what it
//! answered, and how often it may be asked (specs: tickets 8).

use chrono::{DateTime, NaiveDate, Utc};
use landfall_tickets::geo::{City, Point};
use landfall_tickets::geocoding::{Found, GeoStatus};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::StoreError;

/// An area without a point that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCluster {
    /// Its key.
    pub cluster_key: String,
    /// The region that most of its tickets name, in lower case.
    pub region: Option<String>,
    /// Tries in a row that ended in an error.
    pub errors: i32,
}

/// A place of open tickets without a point that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingLocation {
    /// Its area.
    pub cluster_key: String,
    /// Its key in the area.
    pub location_key: String,
    /// The region that most tickets of the area name, in lower case.
    pub region: Option<String>,
    /// The area's point, if that is known.
    pub cluster_point: Option<Point>,
    /// The city by which the area was looked for.
    pub cluster_city: Option<String>,
    /// Tries in a row that ended in an error.
    pub errors: i32,
}

/// Places that wait.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WaitingLocations {
    /// Those that can be asked for, most tickets first.
    pub locations: Vec<WaitingLocation>,
    /// How many there are for which nothing is known to judge an answer by.
    pub no_anchor: u64,
}

/// What a query gave, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was asked.
    pub query: String,
    /// What came of it.
    pub status: GeoStatus,
    /// A point that is believed.
    pub point: Option<Point>,
    /// The city that was named in the query.
    pub city: Option<City>,
    /// What the geocoder calls the place.
    pub display_name: Option<String>,
    /// The geocoder's host.
    pub provider: String,
    /// Tries in a row that ended so.
    pub attempts: i32,
    /// When it was asked.
    pub at: Option<DateTime<Utc>>,
    /// When to ask again; none for never.
    pub retry_after: Option<DateTime<Utc>>,
    /// From the anchor that the answer was judged by, in kilometres.
    pub distance_km: Option<f64>,
    /// All that the geocoder said, or the error.
    pub raw: Option<Value>,
}

impl Finding {
    /// Of a query that was not answered yet.
    pub fn of(query: String, city: Option<City>, provider: &str) -> Self {
        Self {
            query,
            status: GeoStatus::Error,
            point: None,
            city,
            display_name: None,
            provider: provider.to_owned(),
            attempts: 0,
            at: None,
            retry_after: None,
            distance_km: None,
            raw: None,
        }
    }

    /// Takes what was found; `judge` tells whether its point is believed, and the distance that it went by.
    pub fn take(&mut self, found: Found, judge: impl FnOnce(Point) -> (bool, Option<f64>)) {
        let (believed, distance_km) = judge(found.point);
        self.status = if believed { GeoStatus::Ok } else { GeoStatus::RejectedFar };
        self.point = believed.then_some(found.point);
        self.distance_km = distance_km;
        self.display_name = found.display_name;
        self.raw = Some(found.raw);
    }

    /// Takes that there was no answer that could be used.
    pub fn fail(&mut self, text: &str) {
        self.status = GeoStatus::Error;
        self.raw = Some(json!({ "error": text }));
    }
}

/// Codes of areas and what they stand for.
pub async fn cluster_aliases(pool: &PgPool) -> Result<Vec<(String, String)>, StoreError> {
    let rows =
        sqlx::query!("select code, name from tickets.cluster_alias order by code").fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (row.code, row.name)).collect())
}

/// Areas to ask for at `now`, by key.
pub async fn waiting_clusters(
    pool: &PgPool,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<WaitingCluster>, StoreError> {
    let rows = sqlx::query_file!("src/tickets/waiting_clusters.sql", now, limit).fetch_all(pool).await?;
    let waiting = rows.into_iter().map(|row| WaitingCluster {
        cluster_key: row.cluster_key,
        region: row.region,
        errors: row.errors,
    });
    Ok(waiting.collect())
}

/// Places to ask for at `now`: those of most tickets first. `prefixes` are how regions begin whose city is known.
pub async fn waiting_locations(
    pool: &PgPool,
    now: DateTime<Utc>,
    prefixes: &[&str],
    limit: i64,
) -> Result<WaitingLocations, StoreError> {
    let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
    let rows =
        sqlx::query_file!("src/tickets/waiting_locations.sql", now, &prefixes, limit).fetch_all(pool).await?;
    let mut waiting = WaitingLocations::default();
    for row in rows {
        waiting.no_anchor = u64::try_from(row.no_anchor).unwrap_or(0);
        if !row.has_anchor {
            continue;
        }
        let cluster_point = row.lat.zip(row.lng).map(|(lat, lng)| Point { lat, lng });
        waiting.locations.push(WaitingLocation {
            cluster_key: row.cluster_key,
            location_key: row.location_key,
            region: row.region,
            cluster_point,
            cluster_city: row.city,
            errors: row.errors,
        });
    }
    Ok(waiting)
}

/// Takes one request from the budget of a UTC day; false if it is used up.
pub async fn take_request(pool: &PgPool, day: NaiveDate, budget: u32) -> Result<bool, StoreError> {
    let budget = i32::try_from(budget).unwrap_or(i32::MAX);
    let done = sqlx::query!(
        "insert into tickets.geo_budget as b (day, used) select $1::date, 1 where $2::integer > 0
         on conflict (day) do update set used = b.used + 1 where b.used < $2",
        day,
        budget
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps what was found of an area; a point that an operator set stays.
pub async fn save_cluster(pool: &PgPool, cluster_key: &str, finding: &Finding) -> Result<(), StoreError> {
    sqlx::query_file!(
        "src/tickets/save_cluster.sql",
        cluster_key,
        finding.query,
        finding.status.as_str(),
        finding.point.map(|point| point.lat),
        finding.point.map(|point| point.lng),
        finding.city.map(City::name),
        finding.display_name,
        finding.provider,
        finding.attempts,
        finding.at,
        finding.retry_after,
        finding.raw
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Keeps what was found of a place (area, place); a point that an operator set stays.
pub async fn save_location(
    pool: &PgPool,
    (cluster_key, location_key): (&str, &str),
    finding: &Finding,
) -> Result<(), StoreError> {
    sqlx::query_file!(
        "src/tickets/save_location.sql",
        cluster_key,
        location_key,
        finding.query,
        finding.status.as_str(),
        finding.point.map(|point| point.lat),
        finding.point.map(|point| point.lng),
        finding.city.map(City::name),
        finding.display_name,
        finding.provider,
        finding.attempts,
        finding.at,
        finding.retry_after,
        finding.raw,
        finding.distance_km
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Gives all tickets the points that are known now; how many have another one than before.
pub async fn resolve(pool: &PgPool) -> Result<i64, StoreError> {
    let changed =
        sqlx::query_scalar!(r#"select tickets.resolve_ticket_geoms() as "changed!""#).fetch_one(pool).await?;
    Ok(changed)
}
