//! The whole platform in one process: what `landfall up` starts.

mod config;
mod events;
mod home;
mod scheduler;
mod start;

pub use config::{Database, PlatformConfig, Storage};
pub use events::OutboxSink;
pub use home::{Home, HomeError};
pub use start::{CONNECTIONS, Platform, PlatformError};
