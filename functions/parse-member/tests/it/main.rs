//! The parse stage: rows and ledger of one network element, whatever happens to its worker.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod backfill;
mod binary;
mod chained;
mod codes;
mod guards;
mod identities;
mod leases;
mod outcomes;
mod overwriting;
mod ranges;
mod redelivery;
mod retries;
mod sample_event;
mod scene;
mod sources;
