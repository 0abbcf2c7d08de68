//! What the names on the way to a file tell: role, shelf, slot and network element (specs: dumps 2.3).

mod place;
mod plan_ne;
mod tags;

pub use place::{Place, plan_ne};
pub use plan_ne::{BlankName, PlanNe};
pub use tags::{Role, Shelf, Tags, UnknownRole, base_name, without_archive_extension};
