//! The commit: the verdict under the lock of the network, and all that follows from it, or nothing.

use chrono::{DateTime, Utc};
use landfall_domain::{LoadId, ParseMember, PlanId, Reason, Stage, State};
use landfall_dumps::guard::{Judgement, Link, LinkChange, ResumeScope, Upload, Verdict, judge};
use landfall_dumps::metadata::{CountryChoice, MetaConflict, choose_country};
use landfall_dumps::plan::{OuterEnd, Plan};
use landfall_store::attempt::{self, Attempt, TryOutcome};
use landfall_store::dump::{
    self, GuardData, LockedDump, NewDump, NewLoad, NewWarning, OpenUnits, Replaces, Replacing, Source,
    sidecar,
};
use landfall_store::object::{self, Move, ObjectRow};
use landfall_store::{PgConnection, StoreError, outbox, retrying, step};
use serde_json::json;

use crate::flip::commit_flip;
use crate::handler::{Decision, Judged, PlanArchive, Planned};
use crate::metadata::Resolved;
use crate::waiting;

/// Another upload of the same content was committed first: the verdict must be found anew.
const SAME_CONTENT: &str = "archive_sha256_pkey";
/// Times a verdict is found before the message is given back.
const VERDICTS: u32 = 3;

impl PlanArchive {
    pub(crate) async fn commit_one(&self, decision: &Decision) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            match retrying("plan_archive", || self.commit_once(decision)).await {
                Err(error) if error.violates(SAME_CONTENT) && tries < VERDICTS => tries += 1,
                result => return result,
            }
        }
    }

    async fn commit_once(&self, decision: &Decision) -> Result<(), StoreError> {
        let now = self.clients.clock.now();
        let mut tx = self.clients.store.begin().await?;
        match &decision.judged {
            Judged::Flip(load_id) => {
                if !commit_flip(&mut tx, decision, *load_id, now).await? {
                    return Ok(());
                }
            }
            Judged::End(state, reason, sha256) => {
                let Some(object) = enter(&mut tx, decision, &reason.code, now).await? else {
                    return Ok(());
                };
                if let Some(sha256) = sha256 {
                    object::set_content(&mut tx, object.object_id, sha256).await?;
                }
                end(&mut tx, &object, *state, reason.clone(), now).await?;
            }
            Judged::Missing(reason) => {
                if !self.wait_or_reject(&mut tx, decision, reason, now).await? {
                    return Ok(());
                }
            }
            Judged::Planned(planned) => {
                if !commit_planned(&mut tx, decision, planned, now).await? {
                    return Ok(());
                }
            }
        }
        waiting::note_sidecars(&mut tx, decision, now).await?;
        attempt::record(&mut tx, &finished(decision), now).await?;
        tx.commit().await.map_err(StoreError::from)
    }
}

/// Enters the step and locks the object; none if somebody else has done this step, or the object has gone on.
pub(crate) async fn enter(
    conn: &mut PgConnection,
    Decision { object, look, .. }: &Decision,
    outcome: &str,
    now: DateTime<Utc>,
) -> Result<Option<ObjectRow>, StoreError> {
    sidecar::lock(conn, &[(&object.bucket, &object.key)]).await?;
    let Some(locked) = object::lock(conn, object.object_id).await? else { return Ok(None) };
    if locked.run != object.run || !waiting::is_open(conn, &locked, *look).await? {
        return Ok(None);
    }
    let unit = look.unit();
    let key = (object.object_id, Stage::PlanArchive, unit.as_str(), object.run);
    let entered = step::enter(conn, key, outcome, now).await?;
    Ok(entered.then_some(locked))
}

pub(crate) async fn end(
    conn: &mut PgConnection,
    object: &ObjectRow,
    state: State,
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if state == State::Rejected {
        let detail = json!({ "code": reason.code, "text": reason.text, "key": object.key });
        dump::audit(conn, "rejected", (Some(object.object_id), None), &detail, now).await?;
    }
    object::transition(conn, object, &Move { to: state, reason, run: object.run }, now).await
}

fn finished(decision: &Decision) -> Attempt {
    let object = &decision.object;
    let bytes = |n: u64| Some(i64::try_from(n).unwrap_or(i64::MAX));
    let (outcome, reason) = match &decision.judged {
        Judged::End(State::Quarantined, reason, _) => (TryOutcome::Quarantine, Some(reason.clone())),
        Judged::End(_, reason, _) | Judged::Missing(reason) => (TryOutcome::Ok, Some(reason.clone())),
        Judged::Planned(_) | Judged::Flip(_) => (TryOutcome::Ok, None),
    };
    let unit = match &decision.judged {
        Judged::Flip(load_id) => format!("flip load {load_id}"),
        Judged::End(..) | Judged::Missing(_) | Judged::Planned(_) => decision.look.unit(),
    };
    Attempt {
        object_id: Some(object.object_id),
        stage: Stage::PlanArchive,
        unit,
        run: object.run,
        attempt: decision.attempt,
        started: decision.started,
        outcome,
        reason,
        bytes_read: bytes(decision.stats.consumed),
        bytes_inflated: bytes(decision.stats.inflated),
    }
}

/// The verdict and its effects; false if the step was done before. Lock order: network, dump (the owner of the same
/// content or the one that is replaced), object.
async fn commit_planned(
    conn: &mut PgConnection,
    decision: &Decision,
    planned: &Planned,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let upload = upload_of(planned);
    dump::lock_network(conn, &upload.customer.to_string(), &upload.network.to_string()).await?;
    let data =
        dump::guard_data(conn, &upload, &planned.sha256, Some(decision.object.object_id), None).await?;
    let Judgement { verdict, row } = judge(data.facts(&upload));
    tracing::info!(verdict = verdict.name(), row = %row, "verdict {} by {row}", verdict.name());
    let replaced = match &verdict {
        Verdict::Overwrite { dump, .. } => dump::lock_dump(conn, dump.0).await?,
        _ => None,
    };
    let Some(object) = enter(conn, decision, verdict.name(), now).await? else { return Ok(false) };
    let object = waiting::dispatched(conn, object, now).await?;
    object::set_content(conn, object.object_id, &planned.sha256).await?;
    let effects = Effects { object: &object, planned, upload: &upload, data: &data, now };
    effects.apply(conn, verdict, replaced).await?;
    Ok(true)
}

fn upload_of(planned: &Planned) -> Upload {
    upload_from(&planned.upload, &planned.plan)
}

/// What is judged of an upload.
pub(crate) fn upload_from(resolved: &Resolved, plan: &Plan) -> Upload {
    let metadata = &resolved.metadata;
    Upload {
        customer: resolved.customer.clone(),
        network: metadata.network.clone(),
        ticket: metadata.ticket.clone(),
        hc_id: metadata.hc_id.clone(),
        origin: metadata.origin.clone(),
        capture: plan.capture,
        nes: plan.ne_names(),
        overwrite: metadata.overwrite,
    }
}

/// What a verdict works on.
struct Effects<'a> {
    object: &'a ObjectRow,
    planned: &'a Planned,
    upload: &'a Upload,
    data: &'a GuardData,
    now: DateTime<Utc>,
}

impl Effects<'_> {
    async fn apply(
        &self,
        conn: &mut PgConnection,
        verdict: Verdict,
        replaced: Option<LockedDump>,
    ) -> Result<(), StoreError> {
        let (state, reason) = verdict.object_state();
        let (object_id, now) = (self.object.object_id, self.now);
        match verdict {
            Verdict::Create { snapshot_seq, warnings } => {
                let warnings = warnings.iter().map(|w| archive_warning(w.code(), w.to_string())).collect();
                self.create(conn, snapshot_seq, warnings).await
            }
            Verdict::Resume { dump, scope, link } => {
                if let Some(change) = link {
                    dump::change_link(conn, dump.0, &change, object_id, now).await?;
                }
                self.resume(conn, scope).await
            }
            Verdict::Link { dump, change } => {
                dump::change_link(conn, dump.0, &change, object_id, now).await?;
                end(conn, self.object, state, reason, now).await
            }
            Verdict::Skip { .. } => skip(conn, self.object, self.data, reason, now).await,
            Verdict::Overwrite { dump, link } => {
                let what =
                    || StoreError::Unreadable { what: format!("dump {dump} is gone within its verdict") };
                self.overwrite(conn, replaced.ok_or_else(what)?, link).await
            }
            Verdict::Reject { .. } => end(conn, self.object, state, reason, now).await,
        }
    }

    async fn create(
        &self,
        conn: &mut PgConnection,
        snapshot_seq: u32,
        warnings: Vec<NewWarning>,
    ) -> Result<(), StoreError> {
        let Self { object, planned, upload, now, .. } = *self;
        let network =
            dump::ensure_network(conn, &upload.customer.to_string(), &upload.network.to_string()).await?;
        let (origin, country) = (upload.origin.to_string(), self.country().country.map(|c| c.to_string()));
        let new = NewDump {
            network: &network,
            capture: planned.plan.capture,
            origin: &origin,
            snapshot_seq: i32::try_from(snapshot_seq).unwrap_or(i32::MAX),
            country: country.as_deref(),
            sha256: &planned.sha256,
            source: &Source::of(object, planned.size),
        };
        let dump_id = dump::create_dump(conn, &new, now).await?;
        let link = Link { ticket: upload.ticket.clone(), hc_id: upload.hc_id.clone() };
        dump::change_link(conn, dump_id, &LinkChange::Add(link), object.object_id, now).await?;
        self.fill(conn, dump_id, None, warnings).await
    }

    /// A load beside the one that readers see; it takes its place once it has ended.
    async fn overwrite(
        &self,
        conn: &mut PgConnection,
        dump: LockedDump,
        link: Option<LinkChange>,
    ) -> Result<(), StoreError> {
        let by = Replacing { upload: self.upload.clone(), link };
        self.fill(conn, dump.dump_id, Some(Replaces { dump, by: &by }), Vec::new()).await
    }

    /// A load of its own, with its ledger, warnings and messages.
    async fn fill(
        &self,
        conn: &mut PgConnection,
        dump_id: i64,
        replaces: Option<Replaces<'_>>,
        mut warnings: Vec<NewWarning>,
    ) -> Result<(), StoreError> {
        let Self { object, planned, upload, now, .. } = *self;
        let (origin, country) = (upload.origin.to_string(), self.country().country.map(|c| c.to_string()));
        let open: Vec<OpenUnits> = open_units(&planned.plan);
        let count = open.iter().map(|unit| unit.plugins.len()).sum::<usize>();
        let load = NewLoad {
            dump_id,
            object: (object.object_id, object.run),
            source: &Source::of(object, planned.size),
            sha256: &planned.sha256,
            origin: &origin,
            country: country.as_deref(),
            plan: &planned.plan,
            outer_whole: planned.plan.outer_end == OuterEnd::Whole,
            open_units: i32::try_from(count).unwrap_or(i32::MAX),
            replaces,
        };
        let load_id = dump::create_load(conn, &load, now).await?;
        // The same content keeps naming the load that readers see until that is replaced.
        if self.data.owner.is_none() {
            dump::point_sha(conn, &planned.sha256, dump_id, load_id).await?;
        }
        dump::insert_births(conn, load_id, &planned.plan, now).await?;
        warnings.extend(self.upload_warnings());
        warnings.extend(plan_warnings(&planned.plan));
        dump::store_warnings(conn, load_id, &warnings).await?;
        self.hand_on(conn, (load_id, planned.plan.plan_id), &open).await
    }

    fn country(&self) -> CountryChoice {
        let upload = &self.planned.upload;
        choose_country(upload.metadata.country.as_ref(), upload.customer_country.as_ref())
    }

    /// What an operator should know of the upload's metadata.
    fn upload_warnings(&self) -> impl Iterator<Item = NewWarning> + '_ {
        let mismatch = self.country().mismatch.then(|| {
            archive_warning("W_COUNTRY_MISMATCH", "the customer's row names another country".into())
        });
        let conflicts = self.planned.upload.metadata.conflicts.iter();
        mismatch.into_iter().chain(conflicts.map(|c| archive_warning(MetaConflict::CODE, c.to_string())))
    }

    async fn resume(&self, conn: &mut PgConnection, scope: ResumeScope) -> Result<(), StoreError> {
        let Some((load_id, _)) = self.data.owner_load else {
            return Err(StoreError::Unreadable { what: "resume without a load".into() });
        };
        let source = Source::of(self.object, self.planned.size);
        let plan_id = self.planned.plan.plan_id;
        let to = (&source, self.object.object_id, self.object.run);
        let open = dump::resume_load(conn, load_id, to, (plan_id, scope)).await?;
        self.hand_on(conn, (load_id, plan_id), &open).await
    }

    /// One message per network element; a load with nothing open ends here.
    async fn hand_on(
        &self,
        conn: &mut PgConnection,
        (load_id, plan_id): (LoadId, PlanId),
        open: &[OpenUnits],
    ) -> Result<(), StoreError> {
        if open.is_empty() {
            let load = dump::load_in(conn, load_id).await?;
            dump::units_ended(conn, &load, 0, self.now).await?;
            return Ok(());
        }
        let mut messages = Vec::with_capacity(open.len());
        for unit in open {
            let (ne, plugins) = (unit.ne.clone(), unit.plugins.clone());
            let resume = self.planned.recipes.get(&ne).cloned();
            let body = ParseMember { load_id, plan_id, ne, plugins, resume };
            messages.push(dump::parse_message(&body, self.now)?);
        }
        outbox::send(conn, &messages, self.now).await
    }
}

/// A duplicate names what it repeats; a replay that changes nothing gives the object its old state back.
pub(crate) async fn skip(
    conn: &mut PgConnection,
    object: &ObjectRow,
    data: &GuardData,
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let first = data.owner_load.and_then(|(_, object)| object);
    if first == Some(object.object_id) {
        let before = object::state_before(conn, object.object_id, object.run).await?;
        if let Some((state, reason)) = before {
            return end(conn, object, state, reason, now).await;
        }
    }
    let text = match first {
        Some(first) => format!("{}, first seen as object {first}", reason.text.unwrap_or_default()),
        None => reason.text.unwrap_or_default(),
    };
    let reason = Reason::new("duplicate").with_text(text);
    end(conn, object, State::Duplicate, reason, now).await
}

fn open_units(plan: &Plan) -> Vec<OpenUnits> {
    let units = plan.nes.iter().map(|ne| OpenUnits {
        ne: ne.ne.to_string(),
        plugins: ne.open_plugins().map(|p| p.plugin.to_string()).collect(),
    });
    units.filter(|unit| !unit.plugins.is_empty()).collect()
}

fn archive_warning(code: &str, text: String) -> NewWarning {
    NewWarning {
        plan_ne: String::new(),
        plugin: "plan".into(),
        chain_path: String::new(),
        code: code.into(),
        line: 0,
        text: Some(text),
    }
}

fn plan_warnings(plan: &Plan) -> impl Iterator<Item = NewWarning> + '_ {
    plan.warnings.kept().iter().map(|warning| NewWarning {
        plan_ne: warning.ne.as_ref().map(ToString::to_string).unwrap_or_default(),
        plugin: warning.plugin.as_ref().map_or_else(|| "plan".into(), ToString::to_string),
        chain_path: warning.chain_path.clone(),
        code: warning.code.to_string(),
        line: 0,
        text: Some(match warning.offset {
            Some(offset) => format!("{} (byte {offset})", warning.text),
            None => warning.text.clone(),
        }),
    })
}
