//! Label switched paths (specs: dumps 4.3).

use compact_str::CompactString;
use serde::Serialize;

use crate::values::{Endpoint, Label, Signal, vocabulary};

vocabulary! {
    /// What the node is to the path.
    LspRole {
        /// The path starts here.
        Origin = "ORIGIN": ["origin", "originating", "ingress", "head"],
        /// The path passes here.
        Transit = "TRANSIT": ["transit", "intermediate"],
        /// The path ends here.
        Term = "TERM": ["term", "terminating", "egress", "tail"],
    }
}

vocabulary! {
    /// The state of a path.
    LspState {
        /// Carries traffic.
        Up = "UP": ["up", "is", "active", "established"],
        /// Carries none.
        Down = "DOWN": ["down", "dwn", "failed"],
        /// Carries traffic with faults.
        Degraded = "DEGRADED": ["degraded", "deg"],
        /// Is being set up.
        Setup = "SETUP": ["setup", "signaling", "signalling"],
        /// Is being taken down.
        Teardown = "TEARDOWN": ["teardown", "deleting"],
        /// Not told, or told in words we do not know.
        Unknown = "UNKNOWN": [],
    }
}

vocabulary! {
    /// How a path is protected; `none` is a value, not null.
    Protection {
        /// Not at all.
        Unprotected = "UNPROTECTED": ["unprotected", "none", "no"],
        /// By restoration.
        Restoration = "1+R": ["1+r", "restoration", "reroute"],
        /// By a second path.
        OnePlusOne = "1+1": ["1+1", "snc", "sncp"],
        /// By a second path and restoration.
        OnePlusOneRestoration = "1+1+R": ["1+1+r", "sncp+r"],
        /// By one path for several.
        OneForN = "1:N": ["1:n"],
    }
}

/// One path as the node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct LspRecord {
    /// Where it starts.
    pub from_node: Endpoint,
    /// Where it ends.
    pub to_node: Endpoint,
    /// Its label in the stored form; empty if there is none.
    pub label: Label,
    /// Its label as printed.
    pub label_raw: Option<CompactString>,
    /// Its name.
    pub lsp_name: Option<CompactString>,
    /// Its tunnel id.
    pub tunnel_id: Option<u64>,
    /// Its signal type.
    pub signal_type: Option<Signal>,
    /// What the node is to it.
    pub role: Option<LspRole>,
    /// Its state.
    pub state: LspState,
    /// Its protection.
    pub protection: Option<Protection>,
}
