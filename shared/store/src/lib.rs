//! All SQL of Landfall, one file per table or aggregate.
//!
//! Functions that must share a transaction take a connection; those that stand alone take the pool. Time is an
//! argument. Lock order: transaction-level advisory lock, parent row, children by id.

pub mod alert;
pub mod attempt;
mod connection;
pub mod dead_letter;
pub mod dump;
mod error;
pub mod health;
pub mod lease;
pub mod object;
mod old_database;
pub mod outbox;
pub mod partition;
pub mod step;
pub mod tickets;

pub use connection::{Store, retrying};
pub use error::StoreError;
pub use old_database::{OldColumn, OldDatabase, Relation};
pub use outbox::NewMessage;
pub use sqlx::{PgConnection, PgPool};

/// A transaction; it is rolled back where it is dropped.
pub type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;
