//! Why a drain ends before its end.

use landfall_domain::{Classify, Disposition};
use landfall_objects::ObjectError;
use landfall_runtime::InjectedFault;
use landfall_store::StoreError;

/// A fault that ends a run; what was committed stays, and the next run goes on. A bad file is none: it is in the report.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// The object store.
    #[error("the bucket does not answer as it should")]
    Objects(#[from] ObjectError),
    /// The database.
    #[error("the database does not answer as it should")]
    Store(#[from] StoreError),
    /// Another run took over: the lease ended while this one was not looking.
    #[error("the lease on {dataset} was lost to another run: nothing of the file under way was applied")]
    LeaseLost {
        /// Whose.
        dataset: landfall_domain::Dataset,
    },
    /// A local file.
    #[error("the file cannot be read")]
    File(#[from] std::io::Error),
    /// An order names a key that cannot be had.
    #[error("{key}: {problem}")]
    Order {
        /// The key.
        key: String,
        /// Why not.
        problem: &'static str,
    },
    /// A script asked for it.
    #[error(transparent)]
    Fault(#[from] InjectedFault),
}

impl Classify for DrainError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Objects(error) => error.disposition(),
            Self::Store(error) => error.disposition(),
            Self::LeaseLost { .. } => Disposition::Retry,
            Self::Order { .. } | Self::File(_) => Disposition::Quarantine,
            Self::Fault(error) => error.disposition(),
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Objects(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::LeaseLost { .. } => "lease_lost",
            Self::File(_) => "file",
            Self::Order { .. } => "order",
            Self::Fault(error) => error.code(),
        }
    }
}
