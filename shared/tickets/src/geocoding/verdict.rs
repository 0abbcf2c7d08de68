//! Whether a point is believed: the geocoder knows places of one name in several cities.

use crate::geo::{City, Point, haversine_km};

/// How far from the anchor of its city an area may lie, in kilometres.
pub const CLUSTER_KM: f64 = 60.0;

/// How far from the anchor of its area a place may lie, in kilometres.
pub const LOCATION_KM: f64 = 25.0;

/// Whether the point of an area is believed: in Kenya, and near its city if that is known.
pub fn judge_cluster(point: Point, city: Option<City>) -> bool {
    point.is_in_kenya() && city.is_none_or(|city| haversine_km(point, city.anchor()) <= CLUSTER_KM)
}

/// Whether the point of a place is believed, and its distance from the anchor in kilometres.
pub fn judge_location(point: Point, anchor: Point) -> (bool, f64) {
    let km = haversine_km(point, anchor);
    (km <= LOCATION_KM, km)
}
