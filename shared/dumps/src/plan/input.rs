//! What a plan is made from.

use chrono::{DateTime, Utc};
use landfall_domain::PlanId;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Contents, PluginRef};
use crate::chain::ActiveFilter;

/// How to plan (specs: dumps 2.4, 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// Whether only containers of an active controller are taken.
    pub active: ActiveFilter,
    /// Largest target file that is read, in bytes. Exactly at the limit is allowed.
    pub spool_limit: u64,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { active: ActiveFilter::Off, spool_limit: 64 << 20 }
    }
}

/// What a plan must know of a registered plugin. A plugin that gets no ledger rows (the dummy) is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginDescriptor {
    /// The plugin's name.
    pub name: PluginRef,
    /// Version of its rules.
    pub version: u32,
    /// Its place in the order, lowest first.
    pub priority: u32,
    /// The plugins whose files make this one's unwanted for the same network element.
    pub yields_to: Vec<PluginRef>,
}

/// How the walk over the outer object ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OuterEnd {
    /// To its proper end.
    Whole,
    /// Damaged: the dump can be at best PARTIAL. What was read whole is planned.
    Broken {
        /// The break, with its offset.
        text: String,
    },
}

/// All that a plan depends on.
#[derive(Debug, Clone)]
pub struct PlanInput<'a> {
    /// Names the plan; chosen by the caller.
    pub plan_id: PlanId,
    /// The object's file name: the last part of its key.
    pub outer: &'a str,
    /// The capture time that the upload's metadata states.
    pub meta_capture_ts: Option<DateTime<Utc>>,
    /// How to plan.
    pub options: PlanOptions,
    /// The registered plugins, in any order.
    pub plugins: &'a [PluginDescriptor],
    /// What the pass met; it tells the upload time too.
    pub contents: &'a Contents,
    /// How the walk ended.
    pub end: OuterEnd,
}
