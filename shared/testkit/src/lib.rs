//! Test databases, platforms, sample builders and scripted faults, for tests only.
#![expect(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails the test"
)]

pub mod database;
mod fingerprint;
mod geocoder;
pub mod lambda;
mod ministack;
mod platform;
mod queue;
mod refusing;
mod sqs;
mod stage;
mod standing;

pub use fingerprint::Fingerprint;
pub use geocoder::{Geocoder, Moves};
pub use ministack::{Ministack, python_with, skipped};
pub use plan_archive::Backfilled;
pub use platform::TestPlatform;
pub use queue::Queue;
pub use refusing::Refusing;
pub use sqs::{SqsEndpoint, TestQueue};
pub use stage::{BUCKET, TestStage, production, received, sqs_event};
pub use standing::Standing;
