//! The contract of a plugin (specs: dumps 4, registry contract).

use std::net::Ipv4Addr;

use super::known::KnownKeys;
use super::parsed::{FileEnd, ParsedFile};
use super::reading::Reading;
use crate::records::Record;

/// What a parser is told besides the bytes. All of it is known without a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParseContext {
    /// The node's name: from its own record, else the plan's name of it; `None` if that is unknown.
    pub ne_name: Option<String>,
    /// The router id of the node's own record.
    pub router_id: Option<Ipv4Addr>,
    /// The plan's name of the network element (plan-NE), the last resort of its identity.
    pub ne_dir: String,
    /// The leftmost valid address of the file's chain path.
    pub path_ip: Option<Ipv4Addr>,
    /// The last part of the file's path, for plugins that share a file with another one.
    pub basename: String,
}

/// Among which records of a network element a plugin's keys are unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// All of the plugin's: of two with one key, in whatever files, the first stays.
    Element,
    /// Those of one file: the chain path is part of the key (specs: dumps 4.4), so files share none.
    File,
}

/// Reads one kind of file into records. Pure: the same bytes and context give the same result.
pub trait Plugin: Send + Sync {
    /// The unique name: lower-case letters, digits and `_`.
    fn name(&self) -> &'static str;

    /// The version of the parser, from 1. A higher one lets a backfill read old dumps again.
    fn version(&self) -> u32;

    /// The unique place in the order of plugins; lower runs first.
    fn priority(&self) -> u32;

    /// The globs of its files' basenames, matched in any case. Not empty.
    fn targets(&self) -> &[&'static str];

    /// The plugins that may share a file with this one; both must say so.
    fn overlaps(&self) -> &[&'static str] {
        &[]
    }

    /// The plugins that must have ended well for this network element before this one runs.
    fn requires(&self) -> &[&'static str] {
        &[]
    }

    /// The plugins whose files make those of this one superfluous (specs: dumps 4.11).
    fn yields_to(&self) -> &[&'static str] {
        &[]
    }

    /// Among which records its keys are unique.
    fn key_scope(&self) -> KeyScope {
        KeyScope::Element
    }

    /// Reads one file, and hands its records on while it reads. The records are worth nothing if
    /// the end is a failure.
    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd;

    /// Reads one file and keeps its records together.
    fn parse(&self, input: &[u8], context: &ParseContext) -> ParsedFile {
        let mut records = Vec::new();
        let (mut known, mut out) = (KnownKeys::default(), |some: &mut Vec<Record>| records.append(some));
        let end = self.read(input, Reading::new(context, &mut known, &mut out));
        end.with(records)
    }
}
