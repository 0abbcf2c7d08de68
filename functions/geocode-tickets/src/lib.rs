//! Asks a geocoder where the areas and places of tickets are, within a budget (specs: tickets 8).
//!
//! Two passes: areas coarsely, then the places of open tickets precisely. What is found, and what is not, is kept.
//! Nothing here fails a drain: a geocoder that is down is a report, not an error.

mod asking;
mod client;
mod cluster_pass;
mod geocoder;
mod location_pass;
mod pace;
mod report;
mod settings;

pub use client::{ClientError, GeocoderClient};
pub use geocoder::{GeocodeTickets, Passes};
pub use pace::{Pause, Sleep};
pub use report::{PassReport, Report, Status, StopReason};
pub use settings::Settings;
