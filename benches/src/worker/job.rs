//! What a worker is told, and what it answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::archive::ArchiveJob;
use super::tickets::TicketsJob;
use crate::site::Address;

/// What to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Put objects.
    Put(PutJob),
    /// Get objects.
    Get(GetJob),
    /// Plan one archive.
    Plan(PlanJob),
    /// Parse one file.
    Parse(ParseJob),
    /// Work on an archive in a local file.
    Archive(ArchiveJob),
    /// Go the way of a function to its first commit.
    Start(StartJob),
    /// Clean, stage or drain change files.
    Tickets(TicketsJob),
}

/// Who sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// Our own store, on the AWS SDK: each request is built and signed when its turn comes.
    Sdk,
    /// Bare connections that send requests that were signed before: a client that costs next to nothing.
    Bare,
}

/// What is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// 4 KiB.
    Small,
    /// The smallest dump archive that holds a network element with a parsed file, each another one.
    Archive,
    /// A dump archive of two network elements in which every plugin finds rows, each another one.
    Dump,
}

/// How objects are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keys {
    /// Below the feed's prefix, with a suffix that it ignores.
    Suffix,
    /// Below no feed's prefix.
    NoFeed,
    /// Dump archives.
    Dumps,
}

impl Keys {
    /// The key of an object.
    pub fn of(self, number: u32) -> String {
        match self {
            Self::Suffix => format!("dumps/bench/net/CHG-1/{number:08}.log"),
            Self::NoFeed => format!("other/bench/{number:08}.bin"),
            Self::Dumps => format!("dumps/bench/net{number:05}/CHG-1/GMRE_DUMP_NET_20250118-031500.tgz"),
        }
    }
}

/// Puts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PutJob {
    /// Where.
    pub address: Address,
    /// Who sends.
    pub sender: Sender,
    /// How many connections at once.
    pub connections: u32,
    /// How many objects.
    pub objects: u32,
    /// What.
    pub body: Body,
    /// Their names.
    pub keys: Keys,
    /// At this rate; none for as fast as it goes.
    pub per_second: Option<u32>,
}

/// Gets by bare connections.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetJob {
    /// Where.
    pub address: Address,
    /// How many connections at once.
    pub connections: u32,
    /// How many requests.
    pub requests: u32,
    /// The keys, asked for in turn.
    pub keys: Vec<String>,
}

/// One planning pass in a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanJob {
    /// Where the archive is.
    pub address: Address,
    /// Where its row is.
    pub database_url: String,
    /// Its row.
    pub object_id: i64,
}

/// The way of a function to its first commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartJob {
    /// Where the objects are.
    pub address: Address,
    /// Where the rows are.
    pub database_url: String,
}

/// Its parts, milliseconds each, in the order in which they happen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StartDone {
    /// Making the client of S3, which reads the root certificates.
    pub s3_client: f64,
    /// Making that of SQS, and the pool of connections.
    pub sqs_client: f64,
    /// Reading the rules and building the table of plugins.
    pub registry: f64,
    /// The first connection to the database.
    pub database_connection: f64,
    /// The first transaction, of one statement.
    pub first_transaction: f64,
    /// The first request to the store.
    pub first_head: f64,
    /// The second.
    pub second_head: f64,
}

/// One file for one plugin, in a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ParseJob {
    /// The plugin.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
    /// The name that it has in an archive.
    pub basename: String,
}

/// What parsing one file came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ParseDone {
    /// Time without reading the file, memory with it.
    pub done: Done,
    /// Records found.
    pub records: u64,
    /// How it ended, as stored.
    pub outcome: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Done {
    /// From the word to the end.
    pub seconds: f64,
    /// Processor time of the same span.
    pub cpu_seconds: f64,
    /// Bytes of all bodies that were received.
    pub received: u64,
    /// Peak resident memory of the process before the work began, bytes.
    pub memory_before: u64,
    /// And in all.
    pub memory_peak: u64,
}
