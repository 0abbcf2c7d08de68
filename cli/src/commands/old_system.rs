//! The system before, whose state is taken over: a Postgres database that is only read.

use landfall_store::{OldDatabase, StoreError};

use crate::{Exit, Failure};

/// Opens the database that `--from` names; none if it is no URL of one.
pub(super) async fn database(from: &str) -> Result<Option<OldDatabase>, Failure> {
    if !from.starts_with("postgres://") && !from.starts_with("postgresql://") {
        return Ok(None);
    }
    let old = OldDatabase::open(from)
        .await
        .map_err(|error| unreadable(error).advise("check its URL; a user who may only read is enough"))?;
    Ok(Some(old))
}

/// The database of `--from` does not answer as it should.
pub(super) fn unreadable(error: StoreError) -> Failure {
    Failure::of(Exit::Storage, error).while_doing("cannot read the database of --from")
}
