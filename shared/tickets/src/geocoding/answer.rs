//! Reading what the geocoder answers (LocationIQ, forward search).

use serde_json::Value;

use crate::geo::{Point, number};

/// An answer, by what a caller does about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// There is a place of that name.
    Found(Found),
    /// There is none.
    NotFound,
    /// Too many requests in this window.
    Limited(RateWindow),
    /// The key is wrong or may not do this (401, 403): no request of this run will be answered.
    Refused(u16),
    /// The geocoder is at fault: another try may do better.
    Failed(String),
    /// The answer makes no sense, or the request does not to the geocoder: another try gives the same.
    Unusable(String),
}

/// A place.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where it is.
    pub point: Point,
    /// What the geocoder calls it.
    pub display_name: Option<String>,
    /// All that it says of it.
    pub raw: Value,
}

/// The window whose requests are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateWindow {
    /// Wait a second.
    Second,
    /// Wait a minute; also where the answer does not say.
    Minute,
    /// Until 00:00 UTC.
    Day,
}

/// Reads an answer from its status and its body.
pub fn read_answer(status: u16, body: &[u8]) -> Answer {
    match status {
        200 => read_places(body),
        404 => Answer::NotFound,
        429 => Answer::Limited(read_window(body)),
        401 | 403 => Answer::Refused(status),
        500..=599 => Answer::Failed(format!("status {status}")),
        _ => Answer::Unusable(format!("status {status}")),
    }
}

/// The first element of the list of places.
fn read_places(body: &[u8]) -> Answer {
    let Ok(Value::Array(places)) = serde_json::from_slice::<Value>(body) else {
        return Answer::Unusable("the answer is no JSON list".to_owned());
    };
    let Some(raw) = places.into_iter().next() else { return Answer::NotFound };
    let degrees = |name: &str| raw.get(name)?.as_str().and_then(number);
    let (Some(lat), Some(lng)) = (degrees("lat"), degrees("lon")) else {
        return Answer::Unusable("lat and lon of the answer are no numbers in strings".to_owned());
    };
    let display_name = raw.get("display_name").and_then(Value::as_str).map(str::to_owned);
    Answer::Found(Found { point: Point { lat, lng }, display_name, raw })
}

/// `{"error": "Rate Limited Second"}`.
fn read_window(body: &[u8]) -> RateWindow {
    let text = serde_json::from_slice::<Value>(body).ok();
    let text = text.as_ref().and_then(|value| value.get("error")?.as_str()).unwrap_or_default();
    let ends = |word: &str| text.trim().to_ascii_lowercase().ends_with(word);
    if ends("second") {
        RateWindow::Second
    } else if ends("day") {
        RateWindow::Day
    } else {
        RateWindow::Minute
    }
}
