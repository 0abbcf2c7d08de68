//! The landfall command: run it locally or self-hosted, and operate it.
//!
//! One file per command below `commands`. A command takes its arguments and a [`Console`], and gives an [`Exit`]
//! or a [`Failure`]; `main` makes an exit code of either.

mod arguments;
mod commands;
mod console;
mod exit;
mod failure;
mod ledger;
mod outcome;
mod place;
mod reference;
mod shown;
mod uploads;

pub use arguments::{Arguments, run};
pub use console::Console;
pub use exit::Exit;
pub use failure::Failure;
