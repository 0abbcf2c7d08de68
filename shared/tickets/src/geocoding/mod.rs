//! The rules of geocoding: what is asked, what an answer means, what of it is believed and for how long
//! (specs: tickets 8).

mod answer;
mod query;
mod status;
mod verdict;

pub use answer::{Answer, Found, RateWindow, read_answer};
pub use query::{cluster_query, location_query};
pub use status::{GeoStatus, retry_after};
pub use verdict::{CLUSTER_KM, LOCATION_KM, judge_cluster, judge_location};
