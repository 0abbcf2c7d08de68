//! Tickets in a database, a geocoder, and a clock that waits move on.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use geocode_tickets::{GeocodeTickets, Passes, Report, Settings};
use landfall_domain::{Clock, FixedClock};
use landfall_runtime::Secret;
use landfall_store::Store;
use landfall_testkit::database::TestDatabase;
use landfall_testkit::{Geocoder, Moves};
use landfall_tickets::place::{cluster_key, location_key};
use serde_json::json;

pub(crate) struct Scene {
    pub(crate) database: TestDatabase,
    pub(crate) geocoder: Geocoder,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) moves: Arc<Moves>,
    pub(crate) settings: Settings,
    tickets: u32,
}

/// An open ticket that somebody can act on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ticket<'a> {
    pub(crate) cluster: &'a str,
    pub(crate) region: &'a str,
    pub(crate) location: &'a str,
    pub(crate) at: Option<(&'a str, &'a str)>,
    pub(crate) closed: bool,
    pub(crate) idle: bool,
}

impl Scene {
    /// With a geocoder that knows nothing.
    pub(crate) async fn start() -> Self {
        Self::with(Geocoder::start(json!({})).await).await
    }

    pub(crate) async fn with(geocoder: Geocoder) -> Self {
        let database = TestDatabase::create().await;
        let clock = Arc::new(FixedClock::at("2026-06-25T06:40:00Z".parse().unwrap()));
        let moves = Arc::new(Moves::of(Arc::clone(&clock)));
        let settings = Settings {
            base_url: geocoder.url().to_owned(),
            key: Some(Secret::new(geocoder.key())),
            ..Settings::default()
        };
        Self { database, geocoder, clock, moves, settings, tickets: 0 }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn pass_days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    /// Stores a ticket as an incident; gives its id.
    pub(crate) async fn ticket(&mut self, ticket: Ticket<'_>) -> String {
        self.ticket_of("inc", ticket).await
    }

    /// Stores a ticket of a dataset; gives its id.
    pub(crate) async fn ticket_of(&mut self, dataset: &str, ticket: Ticket<'_>) -> String {
        self.tickets += 1;
        let id = format!("{}{:06}", dataset.to_uppercase(), self.tickets);
        let raw = json!({
            "ticket_id": id, "cluster": ticket.cluster, "region": ticket.region, "location_name": ticket.location,
            "latitude": ticket.at.map(|at| at.0), "longitude": ticket.at.map(|at| at.1),
            "normalized_status": if ticket.closed { "closed" } else { "open" },
            "is_actionable": if ticket.idle { "false" } else { "true" },
        });
        let sql = format!(
            "insert into tickets.{dataset} (ticket_id, raw, source_key, cluster_key, location_key)
             values ($1, $2, 'k', $3, $4)"
        );
        let insert = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&id).bind(raw);
        let insert = insert.bind(cluster_key(ticket.cluster)).bind(location_key(ticket.location));
        insert.execute(self.database.pool()).await.unwrap();
        id
    }

    pub(crate) fn geocode_tickets(&self) -> GeocodeTickets {
        let store = Store::over(self.database.pool().clone());
        let geocode = GeocodeTickets::new(store, self.clock.clone(), self.settings.clone()).unwrap();
        geocode.pausing_by(self.moves.clone())
    }

    /// Runs both passes now.
    pub(crate) async fn run(&self) -> Report {
        self.geocode_tickets().run(Passes::BOTH, self.now()).await.unwrap()
    }

    /// Rows of a query that gives one text column.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(self.database.pool()).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.database.pool()).await.unwrap();
    }

    /// `key status attempts` of all areas and places that were asked for.
    pub(crate) async fn kept(&self) -> Vec<String> {
        self.texts(
            "select concat_ws(' ', cluster_key, status, attempts) from tickets.geo_clusters
             union all
             select concat_ws(' ', cluster_key || '/' || location_key, status, attempts) from tickets.geo_locations
             order by 1",
        )
        .await
    }

    /// `ticket source latitude longitude` of all tickets.
    pub(crate) async fn places(&self) -> Vec<String> {
        self.texts(
            "select concat_ws(' ', ticket_id, coalesce(geo_source, 'none'), latitude, longitude)
             from (select * from tickets.inc union all select * from tickets.crq) as ticket order by ticket_id",
        )
        .await
    }
}
