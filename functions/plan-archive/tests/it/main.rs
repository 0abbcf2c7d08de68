//! The planning stage: one pass, one verdict, all effects or none.
#![expect(clippy::unwrap_used, reason = "tests")]

mod archives;
mod binary;
mod codes;
mod digests;
mod guardrails;
mod indexes;
mod metadata;
mod redelivery;
mod sample_event;
mod scene;
mod sidecars;
mod verdicts;
mod waiting;
