//! Test databases, sample builders and scripted faults, for tests only.

pub mod database;
