//! What every command is given besides its own arguments.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use landfall_domain::{Clock, SystemClock};
use landfall_runtime::Env;

use crate::Failure;
use crate::place::Place;

/// The surroundings of a command.
#[derive(Debug)]
pub(crate) struct Context {
    /// The data folder.
    pub data: PathBuf,
    /// The variables.
    pub env: Env,
    /// Tells the time.
    pub clock: SystemClock,
}

impl Context {
    /// The database and the objects to work on.
    pub fn place(&self) -> Result<Place, Failure> {
        Place::find(&self.data, &self.env)
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
