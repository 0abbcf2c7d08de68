//! One file per command.

mod context;
mod dead;
mod demo;
mod doctor;
mod dumps;
mod explain;
mod migrate;
mod objects;
mod old_system;
mod put;
mod replay;
mod status;
mod tickets;
mod up;

pub(crate) use context::Context;
pub(crate) use dead::DeadCommand;
pub(crate) use demo::Demo;
pub(crate) use doctor::Doctor;
pub(crate) use dumps::DumpsCommand;
pub(crate) use explain::Explain;
pub(crate) use migrate::Migrate;
pub(crate) use objects::Objects;
pub(crate) use put::Put;
pub(crate) use replay::Replay;
pub(crate) use status::Status;
pub(crate) use tickets::TicketsCommand;
pub(crate) use up::Up;
