//! The whole platform in one process: what `landfall up` starts.

mod config;
mod events;
mod geocoding;
mod home;
mod scheduler;
mod start;

pub use config::{Database, PlatformConfig, Storage};
pub use events::OutboxSink;
pub use geocoding::{GeocodeAfterDrain, drain_of};
pub use home::{Home, HomeError};
pub use start::{CONNECTIONS, Platform, PlatformError};
