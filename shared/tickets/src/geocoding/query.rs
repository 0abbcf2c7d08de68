//! The text that the geocoder is asked for.

use crate::geo::City;

const COUNTRY: &str = "Kenya";

/// For an area: `<name>, <city>, Kenya`; a city that is not known is left out.
pub fn cluster_query(name: &str, city: Option<City>) -> String {
    join(&[name], city)
}

/// For a place: `<location_key>, <name of the area>, <city>, Kenya`.
pub fn location_query(location_key: &str, name: &str, city: Option<City>) -> String {
    join(&[location_key, name], city)
}

fn join(parts: &[&str], city: Option<City>) -> String {
    let city = city.map(City::name);
    let parts = parts.iter().copied().chain(city).chain([COUNTRY]);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
