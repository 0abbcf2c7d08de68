//! The crate's facts, module by module.

mod capture_time;
mod names;
