//! The commit of one plugin for one network element: records, warnings, ledger and counts in one transaction.

use chrono::{DateTime, Utc};
use landfall_domain::{Problem, Reason, Stage};
use landfall_dumps::ledger::{self, Claimed, LedgerOutcome, NODE};
use landfall_dumps::plugins::Outcome;
use landfall_dumps::records::{NodeRecord, Record};
use landfall_dumps::runner::PluginResult;
use landfall_runtime::{InjectedFault, Moment, Point};
use landfall_store::attempt::{self, Attempt, TryOutcome};
use landfall_store::dump::{self, IdentityClash, NewWarning, NodeFacts};
use landfall_store::{PgConnection, StoreError, retrying};

use crate::ParseMember;
use crate::failure::Trouble;
use crate::members::Found;
use crate::run::Run;

/// What a try cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub started: DateTime<Utc>,
    /// Bytes read and inflated; of the first plugin of a reading only.
    pub bytes: Option<(u64, u64)>,
}

/// Why a unit's commit did not happen.
#[derive(Debug, thiserror::Error)]
enum Uncommitted {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Fault(#[from] InjectedFault),
}

impl ParseMember {
    /// Commits a plugin's result; gives what its end has claimed further.
    pub(crate) async fn commit_unit(
        &self,
        run: &Run<'_>,
        unit: &Claimed,
        found: &Found,
        cost: Cost,
    ) -> Result<Vec<Claimed>, Problem> {
        match self.try_commit(run, unit, found, cost).await {
            Ok(further) => Ok(further),
            Err(Uncommitted::Store(error)) if error.is_data() => {
                let units = std::slice::from_ref(unit);
                self.fail_units(run, units, Trouble::Refused(error), cost.started).await
            }
            Err(Uncommitted::Store(error)) => Err(error.into()),
            Err(Uncommitted::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn try_commit(
        &self,
        run: &Run<'_>,
        unit: &Claimed,
        found: &Found,
        cost: Cost,
    ) -> Result<Vec<Claimed>, Uncommitted> {
        self.clients.faults.pass(Stage::ParseMember, Point::Commit, Moment::Before)?;
        let further = retrying("commit_unit", || self.commit_once(run, unit, found, cost)).await?;
        self.clients.faults.pass(Stage::ParseMember, Point::Commit, Moment::After)?;
        Ok(further)
    }

    async fn commit_once(
        &self,
        run: &Run<'_>,
        unit: &Claimed,
        found: &Found,
        cost: Cost,
    ) -> Result<Vec<Claimed>, StoreError> {
        let (now, result) = (self.clients.clock.now(), &found.result);
        let mut tx = self.clients.store.begin().await?;
        if unit.plugin == NODE {
            if !dump::lock_load(&mut tx, run.load.dump_id, run.load.load_id).await? {
                return Ok(Vec::new());
            }
        } else {
            dump::lock_dump_shared(&mut tx, run.load.dump_id).await?;
        }
        let before = dump::lock_rows(&mut tx, run.load.load_id, &run.message.ne).await?;
        let mut rows = before.clone();
        let Some(row) = rows.iter_mut().find(|r| r.plugin == unit.plugin) else { return Ok(Vec::new()) };
        let owner = self.owner_of(run, unit);
        // Only a row that a backfill has opened again comes with counts.
        let has_records = row.record_count > 0 || row.warning_count > 0;
        let moved = match &result.failure {
            Some(failure) => {
                let text = format!("{}: {}", failure.chain_path, failure.failure.text);
                ledger::fail(row, &owner, (failure.failure.code.as_str(), &text), now)
            }
            None => ledger::finish(row, &owner, ledger_outcome(result.outcome), counts(result), now),
        };
        let is_final = row.is_final();
        if let Err(refused) = moved {
            // Somebody else took the row over: their commit counts.
            tracing::info!("{refused}");
            return Ok(Vec::new());
        }
        if result.failure.is_none() {
            if has_records {
                dump::purge_unit(&mut tx, (run.load.load_id, &run.message.ne), &unit.plugin).await?;
            }
            store_result(&mut tx, run, found).await?;
        }
        store_warnings(&mut tx, run, &unit.plugin, result).await?;
        let settled = self.settle(&mut tx, run, (&before, &mut rows), now).await?;
        attempt::record(&mut tx, &finished_attempt(run, unit, (result, is_final), cost), now).await?;
        tx.commit().await?;
        Ok(settled.claimed)
    }
}

fn ledger_outcome(outcome: Outcome) -> LedgerOutcome {
    match outcome {
        Outcome::Ok => LedgerOutcome::Ok,
        Outcome::Partial => LedgerOutcome::Partial,
        Outcome::Empty => LedgerOutcome::Empty,
        Outcome::Missing => LedgerOutcome::Missing,
        Outcome::Failed => LedgerOutcome::Failed,
    }
}

fn counts(result: &PluginResult) -> (i64, i64) {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    (count(result.record_count()), count(result.warning_count()))
}

/// Stores the records under the identity of the network element; node is what makes that identity.
async fn store_result(conn: &mut PgConnection, run: &Run<'_>, found: &Found) -> Result<(), StoreError> {
    let result = &found.result;
    let (load_id, ne) = (run.load.load_id, run.message.ne.as_str());
    let node = result.files.iter().find_map(|file| {
        let record = file.records.iter().find_map(|record| match record {
            Record::Node(node) => Some(node),
            _ => None,
        });
        record.map(|node| (file.chain_path.as_str(), node))
    });
    if let Some((chain_path, node)) = node {
        return store_node(conn, run, chain_path, node).await;
    }
    if result.record_count() == 0 {
        return Ok(());
    }
    let known = dump::ne_of(conn, load_id, ne).await?;
    let ne_id = if let Some(ne_id) = known {
        ne_id
    } else {
        // Node gave no identity: the path does. Network elements are made under the load's lock.
        dump::lock_load(conn, run.load.dump_id, load_id).await?;
        dump::resolve_ne(conn, run.load.network_id, (load_id, ne), &format!("path:{ne}")).await?.0
    };
    found.store(conn, load_id, ne_id).await
}

async fn store_node(
    conn: &mut PgConnection,
    run: &Run<'_>,
    chain_path: &str,
    node: &NodeRecord,
) -> Result<(), StoreError> {
    let (load_id, ne) = (run.load.load_id, run.message.ne.as_str());
    let facts = facts_of(chain_path, node);
    let (_, clash) = dump::resolve_ne(conn, run.load.network_id, (load_id, ne), &facts.ne_key).await?;
    if clash == IdentityClash::Yes {
        let warning = NewWarning {
            plan_ne: ne.to_owned(),
            plugin: NODE.into(),
            chain_path: chain_path.to_owned(),
            code: "W_EXTRA_NODE".into(),
            line: 0,
            text: Some(format!("{} is another network element of this dump already", facts.ne_key)),
        };
        dump::store_warnings(conn, load_id, &[warning]).await?;
    }
    dump::store_node(conn, load_id, ne, &facts).await
}

fn facts_of(chain_path: &str, node: &NodeRecord) -> NodeFacts {
    fn text<T: ToString>(value: Option<&T>) -> Option<String> {
        value.map(ToString::to_string)
    }
    NodeFacts {
        chain_path: chain_path.to_owned(),
        ne_name: node.ne_name.clone(),
        ne_key: node.ne_key.to_string(),
        ne_type: node.ne_type.clone(),
        router_id: text(node.router_id.as_ref()),
        mgmt_ip: text(node.mgmt_ip.as_ref()),
        mgmt_ip_source: node.mgmt_ip_source.to_string(),
        version_raw: node.version_raw.clone(),
        version: text(node.version.as_ref()),
        version_build: node.version_build.clone(),
        network_version: text(node.network_version.as_ref()),
        area_id: node.area_id.clone(),
        admin_state: text(node.admin_state.as_ref()),
        oper_state: text(node.oper_state.as_ref()),
        uptime_s: node.uptime_s.map(|s| i64::try_from(s).unwrap_or(i64::MAX)),
    }
}

async fn store_warnings(
    conn: &mut PgConnection,
    run: &Run<'_>,
    plugin: &str,
    result: &PluginResult,
) -> Result<(), StoreError> {
    let warnings: Vec<NewWarning> = result
        .files
        .iter()
        .flat_map(|file| file.warnings.iter().map(move |warning| (file, warning)))
        .map(|(file, warning)| NewWarning {
            plan_ne: run.message.ne.clone(),
            plugin: plugin.to_owned(),
            chain_path: file.chain_path.clone(),
            code: warning.code.as_str().to_owned(),
            line: i64::from(warning.line),
            text: Some(warning.code.expected().to_owned()),
        })
        .collect();
    dump::store_warnings(conn, run.load.load_id, &warnings).await
}

fn finished_attempt(
    run: &Run<'_>,
    unit: &Claimed,
    (result, is_final): (&PluginResult, bool),
    cost: Cost,
) -> Attempt {
    let bytes = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let outcome = match (&result.failure, is_final) {
        (None, _) => TryOutcome::Ok,
        (Some(_), true) => TryOutcome::Failed,
        (Some(_), false) => TryOutcome::Retry,
    };
    let reason = result.failure.as_ref().map(|failure| {
        let text = format!("{}: {}", failure.chain_path, failure.failure.text);
        Reason::new(failure.failure.code.as_str()).with_text(text)
    });
    Attempt {
        object_id: run.load.object.map(|(id, _)| id),
        stage: Stage::ParseMember,
        unit: format!("{} {}", run.message.ne, unit.plugin),
        run: run.load.object.map_or(landfall_domain::Run(1), |(_, number)| number),
        attempt: unit.attempt,
        started: cost.started,
        outcome,
        reason,
        bytes_read: cost.bytes.map(|(read, _)| bytes(read)),
        bytes_inflated: cost.bytes.map(|(_, inflated)| bytes(inflated)),
    }
}
