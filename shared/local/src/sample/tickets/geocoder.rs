//! A geocoder on loopback that knows the sample tickets' places, and nothing else.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use landfall_tickets::geo::City;
use landfall_tickets::geocoding::{cluster_query, location_query};
use landfall_tickets::place::{cluster_key, location_key};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::places::{AREAS, Area};

/// Points by the query in lower case.
type Points = BTreeMap<String, (f64, f64)>;

/// A geocoder that stops when it is dropped.
#[derive(Debug)]
pub struct SampleGeocoder {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl SampleGeocoder {
    /// Starts on a free port of loopback.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let app = Router::new().route("/v1/search", get(search)).with_state(Arc::new(points()));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::warn!("the sample geocoder ended: {error}");
            }
        });
        Ok(Self { address, task })
    }

    /// Its URL, before `/v1/search`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for SampleGeocoder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn points() -> Points {
    AREAS.iter().flat_map(of_area).collect()
}

fn of_area(area: &Area) -> impl Iterator<Item = (String, (f64, f64))> {
    let region = cluster_key(area.region).unwrap_or_default();
    let city = City::of_region(&region);
    let places = area.places.iter().filter_map(move |place| {
        let query = location_query(&location_key(place.location_name)?, area.name, city);
        Some((query.to_lowercase(), place.at?))
    });
    std::iter::once((cluster_query(area.name, city).to_lowercase(), area.at)).chain(places)
}

async fn search(
    State(points): State<Arc<Points>>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response {
    let query = asked.get("q").map(String::as_str).unwrap_or_default();
    match points.get(&query.to_lowercase()) {
        Some((lat, lng)) => {
            let found = json!([{ "lat": lat.to_string(), "lon": lng.to_string(), "display_name": query }]);
            Json(found).into_response()
        }
        None => (StatusCode::NOT_FOUND, Json(json!({ "error": "Unable to geocode" }))).into_response(),
    }
}
