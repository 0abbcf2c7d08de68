//! Node dump archives: names, chain choice, time stamps, text rules, parser plugins and verdicts. Pure.

pub mod adopt;
pub mod capture_time;
pub mod catalogue;
pub mod chain;
pub mod customers;
pub mod guard;
pub mod ledger;
pub mod metadata;
pub mod names;
pub mod plan;
pub mod plugins;
pub mod records;
pub mod runner;
pub mod text;
pub mod values;
