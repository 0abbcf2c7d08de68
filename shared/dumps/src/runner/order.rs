//! The run of one network element's plugins in memory (specs: dumps 7.9).

use std::net::Ipv4Addr;

use thiserror::Error;

use super::merge::PluginResult;
use super::state::UnitState;
use super::unit::{Unit, fallen, ready};
use crate::names::PlanNe;
use crate::plugins::{FailureCode, ParseContext, Registry};
use crate::records::Record;
use crate::values::nename;

/// What the node's own record says about who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeIdentity {
    /// Its name.
    pub ne_name: Option<String>,
    /// Its router id.
    pub router_id: Option<Ipv4Addr>,
}

impl NodeIdentity {
    /// What the parser of a file is told. The name is that of node's record, else the plan's.
    pub fn context(&self, plan_ne: &str, basename: &str, path_ip: Option<Ipv4Addr>) -> ParseContext {
        let plan_name = || nename(plan_ne).filter(|name| name != PlanNe::UNKNOWN).map(String::from);
        ParseContext {
            ne_name: self.ne_name.clone().or_else(plan_name),
            router_id: self.router_id,
            ne_dir: plan_ne.to_owned(),
            path_ip,
            basename: basename.to_owned(),
        }
    }
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
struct Row {
    plugin: &'static str,
    priority: u32,
    requires: Vec<&'static str>,
    state: UnitState,
}

/// The run of one network element's plugins: the state machine of the ledger without leases and times, ordered by
/// the same rules ([`ready`], [`fallen`]).
#[derive(Debug, Clone)]
pub struct NeRun {
    plan_ne: String,
    node: NodeIdentity,
    /// By rising priority.
    rows: Vec<Row>,
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
        let rows = registry.plugins().filter_map(|plugin| {
            let state = states.iter().find(|(name, _)| *name == plugin.name())?.1;
            Some(Row {
                plugin: plugin.name(),
                priority: plugin.priority(),
                requires: plugin.requires().to_vec(),
                state,
            })
        });
        Self { plan_ne: plan_ne.into(), node: NodeIdentity::default(), rows: rows.collect() }
    }

    /// The plugins that may start now, by rising priority.
    pub fn ready(&self) -> Vec<&'static str> {
        ready(&self.units()).into_iter().filter_map(|index| Some(self.rows.get(index)?.plugin)).collect()
    }

    /// Where a plugin's unit stands.
    pub fn state(&self, plugin: &str) -> Option<UnitState> {
        self.rows.iter().find(|row| row.plugin == plugin).map(|row| row.state)
    }

    /// All units, by rising priority.
    pub fn states(&self) -> impl Iterator<Item = (&'static str, UnitState)> + '_ {
        self.rows.iter().map(|row| (row.plugin, row.state))
    }

    /// Whether every unit is final.
    pub fn is_finished(&self) -> bool {
        self.rows.iter().all(|row| row.state.is_final())
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
        for (index, _) in fallen(&self.units()) {
            if let Some(row) = self.rows.get_mut(index) {
                row.state = UnitState::Failed(FailureCode::Dependency);
                failed.push(row.plugin);
            }
        }
        failed
    }

    /// What the parser of a file is told now; see [`NodeIdentity::context`].
    pub fn context(&self, basename: &str, path_ip: Option<Ipv4Addr>) -> ParseContext {
        self.node.context(&self.plan_ne, basename, path_ip)
    }

    fn units(&self) -> Vec<Unit<'_>> {
        let units = self.rows.iter().map(|row| Unit {
            plugin: row.plugin,
            priority: i64::from(row.priority),
            requires: &row.requires,
            standing: row.state.standing(),
        });
        units.collect()
    }

    fn step(
        &mut self,
        plugin: &str,
        action: &'static str,
        allowed: impl FnOnce(UnitState) -> bool,
        to: UnitState,
    ) -> Result<(), RunError> {
        let row = self
            .rows
            .iter_mut()
            .find(|row| row.plugin == plugin)
            .ok_or_else(|| RunError::UnknownPlugin { plugin: plugin.to_owned() })?;
        if !allowed(row.state) {
            return Err(RunError::State { plugin: plugin.to_owned(), action, state: row.state });
        }
        row.state = to;
        Ok(())
    }
}
