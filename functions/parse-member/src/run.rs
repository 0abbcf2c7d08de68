//! The run of one message: claim, read, parse, commit plugin by plugin.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::{Disposition, ParseMember as Message, Problem, Reason, Stage};
use landfall_dumps::ledger::{Claimed, NODE};
use landfall_dumps::plan::{PlannedFile, PlannedNe, PlannedPlugin};
use landfall_dumps::plugins::Plugin;
use landfall_dumps::runner::NodeIdentity;
use landfall_runtime::{Deadline, Moment, Point};
use landfall_store::dump::{self, LoadRow};
use landfall_store::{StoreError, retrying};
use tokio::sync::OnceCell;

use crate::ParseMember;
use crate::failure::{Settled, Trouble};
use crate::heartbeat::Heartbeat;
use crate::members::{Found, Members};
use crate::spool::{Archive, Spooled, spool};
use crate::way::Way;

/// Bytes of members that are held at the same time; a single plugin may need more, up to its planned sizes.
const SPOOL_AT_ONCE: u64 = 64 << 20;
/// Below this the rest of the work is given back.
const SHORT: Duration = Duration::from_secs(20);

/// One message being run.
pub(crate) struct Run<'a> {
    pub message: &'a Message,
    pub load: LoadRow,
    pub planned: PlannedNe,
    /// What node's record says, once somebody needs it.
    identity: OnceCell<NodeIdentity>,
}

impl ParseMember {
    pub(crate) async fn run_message(&self, message: &Message, deadline: Deadline) -> Result<(), Problem> {
        let Some(run) = self.open(message).await? else { return Err(stale("its load or element is gone")) };
        let Settled { mut claimed, ended } = self.claim_first(&run).await?;
        if claimed.is_empty() && ended == 0 {
            return Err(stale("its rows are final, held by another worker or not due"));
        }
        let ne = message.ne.clone();
        let heartbeat = Heartbeat::start(self.clients.clone(), run.load.load_id, ne, Arc::clone(&self.owner));
        while !claimed.is_empty() {
            claimed = match self.run_next(&run, claimed, deadline).await {
                Ok(rest) => rest,
                Err(problem) => {
                    heartbeat.give_up().await;
                    return Err(problem);
                }
            };
        }
        heartbeat.end();
        Ok(())
    }

    async fn open<'a>(&self, message: &'a Message) -> Result<Option<Run<'a>>, StoreError> {
        let mut conn = self.clients.store.pool().acquire().await?;
        let load = dump::find_load(&mut conn, message.load_id).await?;
        drop(conn);
        let Some(load) = load else { return Ok(None) };
        let planned = dump::planned_ne(self.clients.store.pool(), message.load_id, &message.ne).await?;
        Ok(planned.map(|planned| Run { message, load, planned, identity: OnceCell::new() }))
    }

    /// What each wanted plugin requires, as the registry says.
    pub(crate) fn wanted<'a>(&'a self, message: &'a Message) -> Vec<(&'a str, &'a [&'a str])> {
        let requires = |name: &str| self.registry.plugin(name).map(Plugin::requires);
        message.plugins.iter().filter_map(|name| Some((name.as_str(), requires(name)?))).collect()
    }

    /// Claims what the message may begin with. A row whose requirement was born failed ends here.
    async fn claim_first(&self, run: &Run<'_>) -> Result<Settled, StoreError> {
        retrying("claim_units", || async {
            let now = self.clients.clock.now();
            let mut tx = self.clients.store.begin().await?;
            dump::lock_dump_shared(&mut tx, run.load.dump_id).await?;
            let before = dump::lock_rows(&mut tx, run.load.load_id, &run.message.ne).await?;
            let mut rows = before.clone();
            let settled = self.settle(&mut tx, run, (&before, &mut rows), now).await?;
            tx.commit().await?;
            Ok(settled)
        })
        .await
    }

    /// Runs the first of the claimed plugins, as many as are read together; gives the rest, with what has been
    /// claimed further, by rising priority. With too little time left all are given back.
    async fn run_next(
        &self,
        run: &Run<'_>,
        mut claimed: Vec<Claimed>,
        deadline: Deadline,
    ) -> Result<Vec<Claimed>, Problem> {
        if deadline.is_short_of(SHORT) {
            self.release(run, &claimed).await?;
            return Ok(Vec::new());
        }
        let mut rest = claimed.split_off(group_length(&run.planned, &claimed));
        rest.extend(self.run_group(run, &claimed).await?);
        rest.sort_by_key(|unit| self.registry.plugin(&unit.plugin).map(Plugin::priority));
        Ok(rest)
    }

    /// Reads the members of some plugins in one go, then parses and commits plugin by plugin.
    async fn run_group(&self, run: &Run<'_>, group: &[Claimed]) -> Result<Vec<Claimed>, Problem> {
        let started = self.clients.clock.now();
        let files: Vec<&PlannedFile> =
            group.iter().flat_map(|unit| files_of(&run.planned, &unit.plugin)).collect();
        let archive =
            Archive { objects: &self.clients.objects, source: &run.load.source, limits: &self.limits };
        let way = Way {
            resume: run.message.resume.as_deref(),
            planned: &run.planned,
            work_bucket: &self.clients.work_bucket,
            sha256: &run.load.sha256,
        };
        let read = async {
            self.clients.faults.pass(Stage::ParseMember, Point::Read, Moment::Before)?;
            let reading = spool(archive, &way, &files).await?;
            self.clients.faults.pass(Stage::ParseMember, Point::Read, Moment::After)?;
            Ok(reading)
        };
        let reading = match read.await {
            Ok(reading) => reading,
            Err(trouble) => return self.fail_units(run, group, trouble, started).await,
        };
        let mut bytes = Some((reading.bytes_read, reading.bytes_inflated));
        let mut further = Vec::new();
        for unit in group {
            let members: Vec<Spooled> = files_of(&run.planned, &unit.plugin)
                .filter_map(|file| reading.members.iter().find(|m| m.chain_path == file.chain_path).cloned())
                .collect();
            let found = self.parse(run, &unit.plugin, members).await?;
            let cost = crate::unit::Cost { started, bytes: bytes.take() };
            further.extend(self.commit_unit(run, unit, &found, cost).await?);
        }
        Ok(further)
    }

    /// What node found, read once for a message. Nothing but node begins before node's row is final, so the first
    /// reading comes after the commit that stored it.
    async fn identity<'r>(&self, run: &'r Run<'_>) -> Result<&'r NodeIdentity, StoreError> {
        let read = || async {
            let mut conn = self.clients.store.pool().acquire().await?;
            let (ne_name, router_id) =
                dump::node_identity(&mut conn, run.load.load_id, &run.message.ne).await?;
            let router_id = router_id.and_then(|router_id| router_id.parse().ok());
            Ok(NodeIdentity { ne_name, router_id })
        };
        run.identity.get_or_try_init(read).await
    }

    async fn parse(&self, run: &Run<'_>, plugin: &str, members: Vec<Spooled>) -> Result<Found, Problem> {
        let node = if plugin == NODE { NodeIdentity::default() } else { self.identity(run).await?.clone() };
        let context = |basename: &str| node.context(&run.message.ne, basename, run.planned.path_ip);
        Members::new(&self.registry, plugin, members, context).read().await
    }
}

/// The failure that ends a message as stale.
pub(crate) fn stale(why: &str) -> Problem {
    Problem::new(Disposition::Ack, Reason::new("stale").with_text(why))
}

fn planned_plugin<'a>(planned: &'a PlannedNe, plugin: &str) -> Option<&'a PlannedPlugin> {
    planned.plugins.iter().find(|p| p.plugin.as_str() == plugin)
}

fn files_of<'a>(planned: &'a PlannedNe, plugin: &str) -> impl Iterator<Item = &'a PlannedFile> + use<'a> {
    planned_plugin(planned, plugin).into_iter().flat_map(|p| &p.files)
}

/// How many of the claimed plugins are read together: at least one, and as many as the memory allows.
fn group_length(planned: &PlannedNe, claimed: &[Claimed]) -> usize {
    let mut total = 0_u64;
    let mut length = 0_usize;
    for unit in claimed {
        let size: u64 = files_of(planned, &unit.plugin).map(|file| file.size).fold(0, u64::saturating_add);
        total = total.saturating_add(size);
        if length > 0 && total > SPOOL_AT_ONCE {
            break;
        }
        length = length.saturating_add(1);
    }
    length
}

impl From<landfall_runtime::InjectedFault> for Trouble {
    fn from(fault: landfall_runtime::InjectedFault) -> Self {
        Self::Fault(fault)
    }
}
