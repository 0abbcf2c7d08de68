//! Drains of change files on a real database and a real S3 endpoint. Numbers are the rows of section 11 of the
//! specification of tickets.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice, reason = "tests")]

mod alerts;
mod asked;
mod bad_files;
mod binary;
mod by_message;
mod contents;
mod crashes;
mod idle;
mod kills;
mod lives;
mod local_file;
mod replaced;
mod scene;
mod side_by_side;
mod turns;
mod uploaded_again;
