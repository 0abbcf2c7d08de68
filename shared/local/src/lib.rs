//! One process beside any store: embedded S3 endpoint, private Postgres, dispatcher, scheduler.

pub mod sample;
