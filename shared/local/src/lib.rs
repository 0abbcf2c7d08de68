//! One process beside any store: embedded S3 endpoint, private Postgres, dispatcher, scheduler.

pub mod dispatcher;
pub mod endpoint;
pub mod functions;
pub mod listing;
pub mod platform;
pub mod postgres;
pub mod sample;
