//! A point, and whether it can be true.

use serde::Serialize;

/// The mean radius of the Earth, in kilometres.
const EARTH_KM: f64 = 6371.0088;

/// Kenya's box, in degrees.
const LATITUDES: std::ops::RangeInclusive<f64> = -5.0..=5.5;
const LONGITUDES: std::ops::RangeInclusive<f64> = 33.5..=42.0;

/// A point in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lng: f64,
}

impl Point {
    /// Whether it lies in Kenya's box. 0/0 does not, nor does a Kenyan point with its numbers swapped.
    pub fn is_in_kenya(self) -> bool {
        LATITUDES.contains(&self.lat) && LONGITUDES.contains(&self.lng)
    }
}

/// The point of a feed's two values, if it can be true: both are numbers, and it lies in Kenya.
pub fn feed_point(latitude: Option<&str>, longitude: Option<&str>) -> Option<Point> {
    let point = Point { lat: number(latitude?)?, lng: number(longitude?)? };
    point.is_in_kenya().then_some(point)
}

/// A decimal number with an optional sign and fraction; no exponent, no white space within (specs: tickets 6).
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let has_digit = digits.bytes().any(|byte| byte.is_ascii_digit());
    if plain && has_digit { text.parse().ok() } else { None }
}

/// The distance over the Earth's surface, in kilometres.
pub fn haversine_km(a: Point, b: Point) -> f64 {
    let half = |from: f64, to: f64| ((to.to_radians() - from.to_radians()) / 2.0).sin().powi(2);
    let across = a.lat.to_radians().cos() * b.lat.to_radians().cos() * half(a.lng, b.lng);
    let chord = half(a.lat, b.lat) + across;
    2.0 * EARTH_KM * chord.sqrt().min(1.0).asin()
}
