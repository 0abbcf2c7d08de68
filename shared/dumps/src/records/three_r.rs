//! Regenerator groups (specs: dumps 4.8).

use compact_str::CompactString;
use serde::Serialize;

use crate::values::{Label, OperState, Signal, vocabulary};

vocabulary! {
    /// What a member does in its group.
    MemberRole {
        /// Carries traffic.
        Working = "WORKING": ["working", "wrk"],
        /// Takes over for a working one.
        Protecting = "PROTECTING": ["protecting", "protection", "prt"],
        /// Is free.
        Spare = "SPARE": ["spare", "spr"],
    }
}

/// One regenerator group with its members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ThreeRGroupRecord {
    /// Its number.
    pub group_id: u64,
    /// Its name.
    pub group_name: Option<CompactString>,
    /// The signal it regenerates.
    pub line_rate: Option<Signal>,
    /// How many protect how many: `n:m` or `n+m`.
    pub redundancy: Option<CompactString>,
    /// Whether it works.
    pub oper_state: OperState,
    /// Its members, in the order of the file.
    pub members: Vec<ThreeRMember>,
}

/// One member of a regenerator group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ThreeRMember {
    /// Its number in the group.
    pub member_id: u64,
    /// Where it is: the access identifier.
    pub aid: CompactString,
    /// What it does.
    pub role: Option<MemberRole>,
    /// Whether it works.
    pub state: OperState,
    /// Its label in the stored form; empty if there is none.
    pub label: Label,
}
