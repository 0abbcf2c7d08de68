//! How the server is set, given on its command line so that a cluster can be started either way.

/// What a crash may cost, of the machine or of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed. For everything that is kept.
    Full,
    /// The whole cluster. For tests, which make a new one.
    TestsOnly,
}

/// Settings of both kinds: short statements of one application on one machine.
const SHARED: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "cluster_name=landfall",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] ",
    "log_checkpoints=off",
    // Compiling a statement costs more than our statements take.
    "jit=off",
    // The disks of today's machines read anywhere at one price.
    "random_page_cost=1.1",
    "shared_buffers=128MB",
];

/// Few and spread checkpoints: bulk loads write each page once, not once a minute.
const FULL: [&str; 4] =
    ["max_connections=100", "max_wal_size=2GB", "checkpoint_timeout=15min", "effective_cache_size=1GB"];

/// No waiting for the disk at all. Many tests at once, each with its pool.
const TESTS_ONLY: [&str; 6] = [
    "max_connections=400",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
];

impl Durability {
    /// The settings, each as `name=value`.
    pub(super) fn settings(self) -> impl Iterator<Item = &'static str> {
        let own: &[&str] = match self {
            Self::Full => &FULL,
            Self::TestsOnly => &TESTS_ONLY,
        };
        SHARED.iter().chain(own).copied()
    }
}
