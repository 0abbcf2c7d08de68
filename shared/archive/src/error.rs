//! What stops a walk for good (specs: dumps 2.5, 2.6).

/// Why an object cannot be walked. The object is to be quarantined with [`WalkError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// An empty object, neither gzip nor tar, or gzip of something that is no tar.
    #[error("not an archive: {text}")]
    NotArchive {
        /// Which of these, and the compression found instead, if it is a known one.
        text: String,
    },
    /// More entries than allowed, over all levels.
    #[error("{entries} entries, limit {limit}, reached at byte {offset} of the tar of {}", place(chain_path))]
    MemberLimit {
        /// Entries met, the one too many included.
        entries: u64,
        /// The limit.
        limit: u64,
        /// The archive in which the limit was broken, as names joined with `!/`; empty for the object itself.
        chain_path: String,
        /// Bytes into its tar.
        offset: u64,
    },
    /// More bytes inflated than allowed, over all levels.
    #[error("{total} bytes inflated, limit {limit}, reached at byte {offset} of {}", place(chain_path))]
    TotalLimit {
        /// Bytes inflated.
        total: u64,
        /// The limit.
        limit: u64,
        /// The archive in which the limit was broken, as names joined with `!/`; empty for the object itself.
        chain_path: String,
        /// Bytes into it.
        offset: u64,
    },
    /// More bytes inflated per object byte than allowed, over all levels.
    #[error(
        "{total} bytes inflated from {consumed} object bytes, limit {ratio}:1, reached at byte {offset} of {}",
        place(chain_path)
    )]
    Bomb {
        /// Bytes inflated.
        total: u64,
        /// Object bytes consumed.
        consumed: u64,
        /// The limit, to one.
        ratio: u64,
        /// The archive in which the limit was broken, as names joined with `!/`; empty for the object itself.
        chain_path: String,
        /// Bytes into it.
        offset: u64,
    },
}

impl WalkError {
    /// The code as stored (specs: dumps 8).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotArchive { .. } => "E_NOT_ARCHIVE",
            Self::MemberLimit { .. } => "E_MEMBER_LIMIT",
            Self::TotalLimit { .. } => "E_TOTAL_LIMIT",
            Self::Bomb { .. } => "E_BOMB",
        }
    }
}

fn place(chain_path: &str) -> &str {
    if chain_path.is_empty() { "the object" } else { chain_path }
}
