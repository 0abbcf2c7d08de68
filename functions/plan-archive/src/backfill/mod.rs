//! Backfill: one plugin over dumps that readers see already, planned from the stored indexes (specs: dumps 7.8).
//!
//! A dump's chains are those that its load was planned with; only the files of the plugin are looked up. What is to be
//! parsed goes to parse-member, as after a first plan.

mod apply;
mod contents;
mod origin;

use std::sync::Arc;

use landfall_archive::Limits;
use landfall_domain::PlanId;
use landfall_dumps::ledger::{BackfillStep, NODE, backfill_step};
use landfall_dumps::names::PlanNe;
use landfall_dumps::plan::{Birth, Plan, PlannedPlugin, PluginDescriptor};
use landfall_dumps::plugins::Registry;
use landfall_objects::ObjectError;
use landfall_runtime::Clients;
use landfall_store::dump::{self, BackfillCandidate, LoadRow};
use landfall_store::{StoreError, retrying};
use uuid::Uuid;

use origin::Origin;

/// A backfill of one plugin.
#[derive(Debug, Clone)]
pub struct Backfill {
    pub(crate) clients: Clients,
    pub(crate) registry: Arc<Registry>,
    pub(crate) limits: Limits,
    plugin: PluginDescriptor,
    /// Whether rows that an older version has DONE are redone.
    redo_older_versions: bool,
    plan_id: PlanId,
}

/// A plugin that cannot be backfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBackfilled {
    /// `node` makes the identity that all else hangs on; it runs with its dump alone.
    #[error("node is not backfilled: what it finds is the identity of all that is stored")]
    Node,
    /// The registry does not have it.
    #[error("there is no plugin {name:?}: expected one of {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
}

/// Why a dump could not be backfilled. Others can.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store of objects failed.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// The archive was streamed for want of an index, and cannot be walked.
    #[error("the archive cannot be read again")]
    Walk(#[from] crate::PassError),
}

/// What was done, or would be, for one dump.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Backfilled {
    /// Network elements that are parsed.
    pub queued: Vec<String>,
    /// Those without a file for the plugin.
    pub missing: Vec<String>,
    /// Those that ended at once: over the spool limit, or their archive is lost.
    pub failed: Vec<String>,
    /// Bytes fetched to find the files.
    pub bytes_fetched: u64,
}

impl Backfilled {
    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.queued.is_empty() && self.missing.is_empty() && self.failed.is_empty()
    }

    /// Notes a network element whose row is born so; one that is open ends at once where the archive is lost.
    fn note(&mut self, ne: &PlanNe, birth: &Birth, origin: &Origin) {
        let list = match birth {
            Birth::Open if !origin.is_lost() => &mut self.queued,
            Birth::Missing => &mut self.missing,
            Birth::Open | Birth::SpoolLimit { .. } => &mut self.failed,
        };
        list.push(ne.to_string());
    }
}

impl Backfill {
    /// A backfill of the plugin with this name.
    ///
    /// # Errors
    /// The plugin is `node` or not registered.
    pub fn new(
        clients: Clients,
        (registry, limits): (Arc<Registry>, Limits),
        plugin: &str,
        redo_older_versions: bool,
    ) -> Result<Self, NotBackfilled> {
        if plugin == NODE {
            return Err(NotBackfilled::Node);
        }
        let mut all = registry.descriptors();
        let Some(place) = all.iter().position(|found| found.name.as_str() == plugin) else {
            let known: Vec<&str> = all.iter().map(|p| p.name.as_str()).filter(|name| *name != NODE).collect();
            return Err(NotBackfilled::Unknown { name: plugin.to_owned(), known: known.join(", ") });
        };
        let plugin = all.swap_remove(place);
        let plan_id = PlanId(Uuid::now_v7());
        Ok(Self { clients, registry, limits, plugin, redo_older_versions, plan_id })
    }

    /// The plan that all rows of this backfill carry.
    pub fn plan_id(&self) -> PlanId {
        self.plan_id
    }

    /// Opens the rows of one dump and hands them on. With `dry_run` nothing is written.
    ///
    /// # Errors
    /// Database or object store failed; nothing was written.
    pub async fn run(
        &self,
        candidate: &BackfillCandidate,
        dry_run: bool,
    ) -> Result<Backfilled, BackfillError> {
        let Some(Due { load, plan, due }) = self.due(candidate).await? else {
            return Ok(Backfilled::default());
        };
        if due.is_empty() {
            return Ok(Backfilled::default());
        }
        let origin = self.origin(&load).await?;
        let found = self.planned(&load, &origin, (&plan, &due)).await?;
        let mut done = Backfilled::default();
        if dry_run {
            found.plugins.iter().for_each(|(ne, planned)| done.note(ne, &planned.birth, &origin));
        } else {
            done = retrying("backfill", || self.commit(&load, (&origin, &found))).await?;
        }
        Ok(Backfilled { bytes_fetched: found.bytes_fetched, ..done })
    }

    /// The load, and the network elements whose rows are to be opened; none if the load is not shown any more.
    async fn due(&self, candidate: &BackfillCandidate) -> Result<Option<Due>, StoreError> {
        if candidate.adopted {
            return Ok(None);
        }
        // Read in a transaction that is rolled back: nothing is locked for longer than the look takes.
        let mut tx = self.clients.store.begin().await?;
        let Some(plan) = dump::visible_plan(&mut tx, candidate.load_id).await? else { return Ok(None) };
        let Some(load) = dump::find_load(&mut tx, candidate.load_id).await? else { return Ok(None) };
        let mut due = Vec::new();
        for planned in &plan.nes {
            let rows = dump::lock_rows(&mut tx, load.load_id, &planned.ne.to_string()).await?;
            let row = rows.iter().find(|row| row.plugin == self.plugin.name.as_str());
            if self.step(row).is_some() {
                due.push(planned.ne.clone());
            }
        }
        Ok(Some(Due { load, plan, due }))
    }

    fn step(&self, row: Option<&landfall_dumps::ledger::LedgerRow>) -> Option<BackfillStep> {
        backfill_step(row, self.plugin.version, self.redo_older_versions)
    }
}

/// A load with network elements whose rows are to be opened.
struct Due {
    load: LoadRow,
    plan: Plan,
    due: Vec<PlanNe>,
}

/// The plugin's part of a plan, made anew.
pub(crate) struct Found {
    pub plugins: Vec<(PlanNe, PlannedPlugin)>,
    /// The index of the archive, for recipes.
    pub index: Option<landfall_archive::Index>,
    pub bytes_fetched: u64,
}
