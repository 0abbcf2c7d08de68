//! What can go wrong with the database, by what a caller can do about it.

use landfall_domain::{Classify, Disposition, TransitionError};

/// A failed database operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, a lost one, a time-out, a server that shuts down: the same call may work later.
    #[error("database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Two transactions were in each other's way (40001, 40P01): the transaction can be run again at once.
    #[error("transaction conflicted with another one")]
    Conflict(#[source] sqlx::Error),
    /// A constraint refused the data.
    #[error("constraint {constraint} refuses the data")]
    Constraint {
        /// The constraint's name, or what is known of it.
        constraint: String,
        /// The database's own words.
        #[source]
        source: sqlx::Error,
    },
    /// The data does not fit the column (class 22): too long, out of range, a NUL byte.
    #[error("database cannot hold the data")]
    Data(#[source] sqlx::Error),
    /// A row, state or form that this release does not know.
    #[error("stored row does not read: {what}")]
    Unreadable {
        /// What was read and what it held.
        what: String,
    },
    /// A state change that the table of transitions does not have.
    #[error("object {object_id}: transition refused")]
    Transition {
        /// The object.
        object_id: i64,
        /// The move.
        #[source]
        source: TransitionError,
    },
    /// A statement that the schema does not take: a missing migration or a fault of ours.
    #[error("database refuses the statement: is the schema up to date? run `landfall migrate`")]
    Statement(#[source] sqlx::Error),
    /// The migrations could not be applied.
    #[error("migrations could not be applied")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl StoreError {
    /// Whether the data of this very record is to blame, so that its neighbours may still be stored.
    pub fn is_data(&self) -> bool {
        match self {
            Self::Constraint { .. } | Self::Data(_) | Self::Unreadable { .. } | Self::Transition { .. } => {
                true
            }
            Self::Unavailable(_) | Self::Conflict(_) | Self::Statement(_) | Self::Migrate(_) => false,
        }
    }

    /// Whether the named constraint refused a second row of one key.
    pub fn violates(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }
}

impl Classify for StoreError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable(_)
            | Self::Conflict(_)
            | Self::Statement(_)
            | Self::Migrate(_)
            // Faults of ours, most likely: tried again, then failed, never silently dropped.
            | Self::Constraint { .. }
            | Self::Unreadable { .. }
            | Self::Transition { .. } => Disposition::Retry,
            Self::Data(_) => Disposition::Quarantine,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database_unavailable",
            Self::Conflict(_) => "database_conflict",
            Self::Constraint { .. } => "database_constraint",
            Self::Data(_) => "database_data",
            Self::Unreadable { .. } => "database_unreadable",
            Self::Transition { .. } => "transition_refused",
            Self::Statement(_) => "database_statement",
            Self::Migrate(_) => "database_migrate",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::RowNotFound
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::TypeNotFound { .. } => Self::Unreadable { what: error.to_string() },
                other => Self::Unavailable(other),
            };
        };
        let code = database.code().map(std::borrow::Cow::into_owned).unwrap_or_default();
        let constraint = database.constraint().unwrap_or("without a name").to_owned();
        match code.as_str() {
            "40001" | "40P01" | "55P03" => Self::Conflict(error),
            c if c.starts_with("23") => Self::Constraint { constraint, source: error },
            c if c.starts_with("22") => Self::Data(error),
            c if c.starts_with("42") => Self::Statement(error),
            // 08 connection, 53 resources, 57 operator intervention, 58 system, XX internal.
            _ => Self::Unavailable(error),
        }
    }
}
