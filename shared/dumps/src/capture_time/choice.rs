//! Which source of a capture time wins (specs: dumps 2.7).

use chrono::{DateTime, Utc};

use super::{CaptureStamp, Precision, Source, Window, first_in_name};

/// What is known about the capture time of a dump, each list in the order in which it is looked through.
#[derive(Debug, Clone)]
pub struct Clues<'a> {
    /// The metadata of the upload.
    pub meta: Option<DateTime<Utc>>,
    /// The object's name, then the names of the chosen chains' archives from outside in.
    pub names: Vec<&'a str>,
    /// Times noted in logs of the chosen chains.
    pub logs: Vec<DateTime<Utc>>,
}

/// Takes the first time that the window allows: metadata, then names, then logs, then the upload time. The
/// last case deserves `W_TS_FALLBACK`.
pub fn choose(clues: &Clues<'_>, window: Window) -> CaptureStamp {
    let allowed = |time: &DateTime<Utc>| window.allows(*time);
    if let Some(time) = clues.meta.filter(allowed) {
        return CaptureStamp::new(time, Precision::Second, Source::Meta);
    }
    if let Some(found) = clues.names.iter().find_map(|name| first_in_name(name, window)) {
        return CaptureStamp::new(found.time, found.precision(), Source::Name);
    }
    if let Some(time) = clues.logs.iter().copied().find(allowed) {
        return CaptureStamp::new(time, Precision::Second, Source::Log);
    }
    CaptureStamp::new(window.uploaded_at(), Precision::Second, Source::Upload)
}
