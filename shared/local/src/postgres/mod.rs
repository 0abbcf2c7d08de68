//! A private Postgres cluster, made from the server programs that the machine has.
//!
//! The folder given to [`PrivateCluster::start`] holds:
//!
//! | file | what |
//! |---|---|
//! | `owner.lock` | locked while a process runs the cluster; the kernel frees it however that process ends |
//! | `data/` | the cluster (`PGDATA`); made under another name and renamed when it is complete |
//! | `server.log` | the server's log; moved to `server.log.1` at a start that finds it large |
//! | `url` | how to connect by the unix socket, while it runs: `psql "$(cat url)"` |
//! | `password`, `port` | for connections over loopback, which ask for the password |
//! | `cluster-folder` | only where needed: the folder that holds `data/` and `server.log` instead of this one |
//!
//! Postgres refuses to run as root. A process that runs as root therefore starts the server as the user `postgres`.
//! Where that user cannot enter the folder (a checkout under `/root`), `data/` and `server.log` are kept in
//! `/var/lib/landfall/<digest of the folder's path>`, and `cluster-folder` says so.
//!
//! The unix socket lies in a folder of its own that only the server's user (and root) can enter; it is trusted.

mod account;
mod cluster;
mod error;
mod home;
mod leftover;
mod programs;
mod server;
mod settings;

pub use cluster::PrivateCluster;
pub use error::PostgresError;
pub use settings::Durability;
