//! Which plugin may run when, for one network element (specs: dumps 4, 7.7).

use std::net::Ipv4Addr;

use thiserror::Error;

use super::merge::PluginResult;
use super::state::UnitState;
use crate::plugins::{FailureCode, Outcome, ParseContext, Registry};
use crate::records::Record;
use crate::values::nename;

/// The plugin that all others wait for.
const NODE: &str = "node";

/// The plan's name of a network element without a name.
const UNKNOWN: &str = "UNKNOWN";

/// What the node's own record says about who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeIdentity {
    /// Its name.
    pub ne_name: Option<String>,
    /// Its router id.
    pub router_id: Option<Ipv4Addr>,
}

/// A move the state machine refuses. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RunError {
    /// The plugin has no unit in this run.
    #[error("plugin {plugin} has no unit for this network element")]
    UnknownPlugin {
        /// The name as given.
        plugin: String,
    },
    /// The unit does not allow the move.
    #[error("E_LEDGER_STATE: plugin {plugin} cannot {action} in state {state:?}")]
    State {
        /// The plugin.
        plugin: String,
        /// The move.
        action: &'static str,
        /// Where the unit stands.
        state: UnitState,
    },
}

#[derive(Debug, Clone)]
struct Unit {
    plugin: &'static str,
    requires: Vec<&'static str>,
    state: UnitState,
}

/// The run of one network element's plugins: a pure state machine over the ledger's rows.
///
/// Node first: nothing else is ready before its unit is final. Then all by rising priority whose requirements
/// are done; `missing` and `empty` count as done. Where a requirement failed for good the unit fails with
/// `E_DEPENDENCY`, at once. A plugin that waits for another try holds nobody up but those that require it.
#[derive(Debug, Clone)]
pub struct NeRun {
    plan_ne: String,
    node: NodeIdentity,
    /// By rising priority.
    units: Vec<Unit>,
}

impl NeRun {
    /// A run from the ledger's states. Plugins of the registry that are not in `states` have no unit; names that
    /// are not in the registry are left out, for they cannot be run here.
    pub fn new<'s>(
        registry: &Registry,
        plan_ne: impl Into<String>,
        states: impl IntoIterator<Item = (&'s str, UnitState)>,
    ) -> Self {
        let states: Vec<(&str, UnitState)> = states.into_iter().collect();
        let units = registry.plugins().filter_map(|plugin| {
            let state = states.iter().find(|(name, _)| *name == plugin.name())?.1;
            Some(Unit { plugin: plugin.name(), requires: plugin.requires().to_vec(), state })
        });
        Self { plan_ne: plan_ne.into(), node: NodeIdentity::default(), units: units.collect() }
    }

    /// Tells what node's record said in an earlier run, where its unit is done already.
    pub fn with_node(mut self, node: NodeIdentity) -> Self {
        self.node = node;
        self
    }

    /// The plugins that may start now, by rising priority.
    pub fn ready(&self) -> Vec<&'static str> {
        let node_is_final = self.state(NODE).is_none_or(UnitState::is_final);
        let may = |unit: &&Unit| {
            unit.state.is_open()
                && (node_is_final || unit.plugin == NODE)
                && unit.requires.iter().all(|required| self.is_done(required))
        };
        self.units.iter().filter(may).map(|unit| unit.plugin).collect()
    }

    /// Where a plugin's unit stands.
    pub fn state(&self, plugin: &str) -> Option<UnitState> {
        self.units.iter().find(|unit| unit.plugin == plugin).map(|unit| unit.state)
    }

    /// All units, by rising priority.
    pub fn states(&self) -> impl Iterator<Item = (&'static str, UnitState)> + '_ {
        self.units.iter().map(|unit| (unit.plugin, unit.state))
    }

    /// Whether every unit is final.
    pub fn is_finished(&self) -> bool {
        self.units.iter().all(|unit| unit.state.is_final())
    }

    /// Starts a plugin that is ready.
    pub fn start(&mut self, plugin: &str) -> Result<(), RunError> {
        let ready = self.ready().contains(&plugin);
        self.step(plugin, "start", |_| ready, UnitState::Running)
    }

    /// Gives a running plugin back without a result.
    pub fn release(&mut self, plugin: &str) -> Result<(), RunError> {
        self.step(plugin, "be released", |state| state == UnitState::Running, UnitState::Pending)
    }

    /// Takes the result of a running plugin. Answers which others failed with it (`E_DEPENDENCY`); their rows
    /// belong to the same commit.
    pub fn finish(&mut self, plugin: &str, result: &PluginResult) -> Result<Vec<&'static str>, RunError> {
        let end = match &result.failure {
            Some(failed) => UnitState::Failed(failed.failure.code),
            None => UnitState::Done(result.outcome),
        };
        self.step(plugin, "finish", |state| state == UnitState::Running, end)?;
        if let Some(Record::Node(node)) = result.records().next() {
            self.node = NodeIdentity { ne_name: node.ne_name.clone(), router_id: node.router_id };
        }
        Ok(self.fail_dependents())
    }

    /// Takes an error around a running plugin that is not of its own making, such as a lost source. With
    /// `None` it is tried again. Answers which others failed with it.
    pub fn fail(
        &mut self,
        plugin: &str,
        for_good: Option<FailureCode>,
    ) -> Result<Vec<&'static str>, RunError> {
        let end = for_good.map_or(UnitState::Waiting, UnitState::Failed);
        self.step(plugin, "fail", |state| state == UnitState::Running, end)?;
        Ok(self.fail_dependents())
    }

    /// Fails every open unit whose requirement failed for good, and answers which. Call it once after
    /// [`NeRun::new`]; later moves do it themselves.
    pub fn fail_dependents(&mut self) -> Vec<&'static str> {
        let mut failed = Vec::new();
        // Requirements have lower priorities, so one pass in order reaches those behind those.
        for index in 0..self.units.len() {
            let Some(unit) = self.units.get(index).filter(|unit| unit.state.is_open()) else {
                continue;
            };
            let lost =
                unit.requires.iter().any(|name| matches!(self.state(name), Some(UnitState::Failed(_))));
            if lost && let Some(unit) = self.units.get_mut(index) {
                unit.state = UnitState::Failed(FailureCode::Dependency);
                failed.push(unit.plugin);
            }
        }
        failed
    }

    /// What the parser of a file is told. The name is that of node's record, else the plan's.
    pub fn context(&self, basename: &str, path_ip: Option<Ipv4Addr>) -> ParseContext {
        let plan_name = || nename(&self.plan_ne).filter(|name| name != UNKNOWN);
        ParseContext {
            ne_name: self.node.ne_name.clone().or_else(plan_name),
            router_id: self.node.router_id,
            ne_dir: self.plan_ne.clone(),
            path_ip,
            basename: basename.to_owned(),
        }
    }

    fn is_done(&self, plugin: &str) -> bool {
        // A plugin without a unit is never waited for.
        self.state(plugin)
            .is_none_or(|state| matches!(state, UnitState::Done(outcome) if outcome != Outcome::Failed))
    }

    fn step(
        &mut self,
        plugin: &str,
        action: &'static str,
        allowed: impl FnOnce(UnitState) -> bool,
        to: UnitState,
    ) -> Result<(), RunError> {
        let unit = self
            .units
            .iter_mut()
            .find(|unit| unit.plugin == plugin)
            .ok_or_else(|| RunError::UnknownPlugin { plugin: plugin.to_owned() })?;
        if !allowed(unit.state) {
            return Err(RunError::State { plugin: plugin.to_owned(), action, state: unit.state });
        }
        unit.state = to;
        Ok(())
    }
}
