//! Node dump archives: names, chain choice, time stamps, text rules, parser plugins and verdicts. Pure.

pub mod plugins;
pub mod records;
pub mod runner;
pub mod text;
pub mod values;
