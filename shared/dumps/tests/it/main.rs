//! The crate's facts, module by module.

mod capture_time;
mod catalogue;
mod chain;
mod dump;
mod guard;
mod metadata;
mod names;
mod plan;
