//! The SQL of tickets: values, tables and triggers, views and functions (specs: tickets 6, 7, 8, 11). The names of the
//! tests begin with the row of section 11 that they prove.

mod apply;
mod history;
mod nearest;
mod objects;
mod places;
mod reading;
mod scene;
mod sla;
mod tables;
mod values;
