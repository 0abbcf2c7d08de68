//! One suite of what a stage queue must do, run against both kinds.
//!
//! By default it runs against the outbox table. `LANDFALL_CONFORMANCE_SQS_ENDPOINT=http://...` runs it against SQS
//! queues made at that endpoint; where ministack is installed, one test does so ([`ministack`]). Tests of what only
//! SQS has ([`sqs`]) do nothing without an endpoint. Times are real: the shortest lease of SQS is a second.

mod attributes;
mod dead_letters;
mod failed_batches;
mod handing_on;
mod large;
mod leases;
mod ministack;
mod receiving;
pub mod rig;
mod sqs;
