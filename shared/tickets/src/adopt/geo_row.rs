//! Rows of the geocoder's cache: keys are computed again, points must be points.

use super::Table;
use super::header::Row;
use crate::geo::Point;
use crate::place::{cluster_key, location_key};

pub(super) fn judge_cluster(row: &mut Row) {
    let given = row.get("cluster_key").unwrap_or_default().to_owned();
    let Some(key) = cluster_key(&given) else {
        row.refuse("cluster_key", "names no area");
        return;
    };
    row.set("cluster_key", Some(key));
    judge_point(row, &given);
    row.compute(Some(given));
}

pub(super) fn judge_location(row: &mut Row) {
    let cluster = row.get("cluster_key").unwrap_or_default().to_owned();
    let location = row.get("location_key").unwrap_or_default().to_owned();
    let given = format!("{cluster} {location}");
    let Some(cluster) = cluster_key(&cluster) else {
        row.refuse("cluster_key", "names no area");
        return;
    };
    let Some(location) = location_key(&location) else {
        row.leave(
            &given,
            "left out: no ticket has this place, since nothing is left of it without network codes",
        );
        return;
    };
    row.set("cluster_key", Some(cluster));
    row.set("location_key", Some(location));
    judge_point(row, &given);
    row.compute(Some(given));
}

fn judge_point(row: &mut Row, given: &str) {
    let degrees = |column: &str| row.get(column).and_then(|text| text.parse::<f64>().ok());
    let (lat, lng) = (degrees("lat"), degrees("lng"));
    for (column, value, most) in [("lat", lat, 90.0), ("lng", lng, 180.0)] {
        if value.is_some_and(|value| value.abs() > most) {
            row.refuse(column, format!("not between -{most} and {most} degrees"));
        }
    }
    if !matches!(row.get("status"), Some("ok" | "manual")) {
        return;
    }
    match (lat, lng) {
        (Some(lat), Some(lng)) if !(Point { lat, lng }).is_in_kenya() => {
            row.note(given, &format!("the point {lat}, {lng} is outside Kenya's box"));
        }
        (Some(_), Some(_)) => {}
        _ => row.refuse("status", "ok and manual need lat and lng"),
    }
}

impl Table {
    /// Whether its rows are of the geocoder's cache, where two rows of the source may become one.
    pub const fn is_cache(self) -> bool {
        matches!(self, Self::GeoClusters | Self::GeoLocations)
    }
}
