//! What an upload came to, as its caller is told (specs: dumps 7.5).

use landfall_domain::{LoadId, ObjectId, State};
use landfall_dumps::guard::{ExitCode, VerdictName, exit_code};
use serde::Serialize;
use sqlx::PgPool;

use super::RowCounts;
use super::digest::{WarningGroup, load_rows, warning_groups};
use crate::StoreError;

/// Warnings of one code that a result has in full; the rest are counted.
const FIRST_WARNINGS: i64 = 1;
/// Failed ledger rows that a result has; more would tell nobody anything.
const ERRORS: i64 = 100;

/// The result of one run of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunResult {
    /// Whether all was done that the verdict asks for.
    pub ok: bool,
    /// The verdict; none where the object ended, or still is, before one.
    pub verdict: Option<VerdictName>,
    /// The reason code of the object's state.
    pub code: String,
    /// The dump that the upload made, changed or repeats.
    pub dump_id: Option<i64>,
    /// Rows that the upload brought, by table.
    pub inserted: RowCounts,
    /// What failed.
    pub errors: Vec<RunError>,
    /// What an operator should know, by code.
    pub warnings: Vec<WarningGroup>,
    /// Object and run, as `42/1`.
    pub run_id: String,
    /// Where the object stands.
    #[serde(skip)]
    pub state: State,
}

/// One thing that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunError {
    /// The code.
    pub code: String,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The network element, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ne: Option<String>,
    /// The plugin, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

impl RunResult {
    /// The exit code of a command that ends with this result.
    pub fn exit_code(&self) -> ExitCode {
        exit_code(self.state, &self.code)
    }

    /// Rows of all tables.
    pub fn rows(&self) -> i64 {
        self.inserted.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Warnings of all codes.
    pub fn warning_count(&self) -> i64 {
        self.warnings.iter().fold(0, |sum, group| sum.saturating_add(group.count))
    }
}

/// The object's row with what its newest run came to.
struct Ended {
    state: State,
    reason: String,
    reason_text: Option<String>,
    run: i32,
    verdict: Option<VerdictName>,
    /// The load that this run brought or went on with.
    load: Option<(LoadId, i64)>,
    /// The dump that has the object's content.
    owner: Option<i64>,
}

/// The result of the newest run of an object; none if the object is not known. Of one that is still worked on it
/// tells what is there so far.
pub async fn run_result(pool: &PgPool, object_id: ObjectId) -> Result<Option<RunResult>, StoreError> {
    let Some(ended) = ended(pool, object_id).await? else { return Ok(None) };
    let verdict = last_verdict(ended.verdict, ended.state, &ended.reason);
    let load = ended.load.filter(|_| verdict.is_some_and(VerdictName::parses));
    let (inserted, mut errors, warnings) = match load {
        Some((load_id, _)) => (
            load_rows(pool, load_id).await?,
            failures(pool, load_id).await?,
            warning_groups(pool, load_id, FIRST_WARNINGS).await?,
        ),
        None => (RowCounts::new(), Vec::new(), Vec::new()),
    };
    // The dump that has the same content may be another customer's: a refused upload is not told of it.
    let dump_id = match verdict {
        Some(VerdictName::Reject) => None,
        _ => load.map(|(_, dump_id)| dump_id).or(ended.owner),
    };
    let exit = exit_code(ended.state, &ended.reason);
    let (ok, run_id) = (exit == ExitCode::Done, format!("{object_id}/{}", ended.run));
    if !ok && ended.state.is_final() && errors.is_empty() {
        let (code, text) = (ended.reason.clone(), ended.reason_text);
        errors.push(RunError { code, text, ne: None, plugin: None });
    }
    let (code, state) = (ended.reason, ended.state);
    Ok(Some(RunResult { ok, verdict, code, dump_id, inserted, errors, warnings, run_id, state }))
}

/// The verdict that holds. An object may be refused before its content is judged, and an OVERWRITE is judged again
/// where its dump has changed meanwhile: its state then tells what came of it.
fn last_verdict(step: Option<VerdictName>, state: State, reason: &str) -> Option<VerdictName> {
    match (step, state) {
        (_, State::Rejected) => Some(VerdictName::Reject),
        (Some(VerdictName::Overwrite), State::Duplicate) => Some(VerdictName::Skip),
        (Some(VerdictName::Overwrite), State::Done) if reason == "linked" => Some(VerdictName::Link),
        _ => step,
    }
}

async fn ended(pool: &PgPool, object_id: ObjectId) -> Result<Option<Ended>, StoreError> {
    let names: Vec<String> = VerdictName::ALL.map(|name| name.as_str().to_owned()).into();
    let row = sqlx::query!(
        r#"select o.state, o.reason, o.reason_text, o.run,
            (select s.outcome from ingest.step s where s.object_id = o.object_id and s.stage = 'plan-archive'
                and s.unit = '' and s.run = o.run and s.outcome = any($2)) as verdict,
            l.load_id as "load_id?", l.dump_id as "dump_id?", a.dump_id as "owner?"
           from ingest.object o
           left join lateral (select load_id, dump_id from dump.load
                where object_id = o.object_id and run = o.run order by load_id desc limit 1) l on true
           left join dump.archive_sha256 a on a.sha256 = o.content_sha256 and o.state in ('done', 'duplicate')
           where o.object_id = $1"#,
        object_id.0,
        &names
    )
    .fetch_optional(pool)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let state = r.state.parse().map_err(|e: landfall_domain::UnknownState| unreadable(&e))?;
    let verdict = r.verdict.map(|name| name.parse::<VerdictName>()).transpose();
    Ok(Some(Ended {
        state,
        reason: r.reason,
        reason_text: r.reason_text,
        run: r.run,
        verdict: verdict.map_err(|e| unreadable(&e))?,
        load: r.load_id.map(LoadId).zip(r.dump_id),
        owner: r.owner,
    }))
}

fn unreadable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unreadable { what: error.to_string() }
}

async fn failures(pool: &PgPool, load_id: LoadId) -> Result<Vec<RunError>, StoreError> {
    let rows = sqlx::query!(
        r#"select plan_ne, plugin, coalesce(error_code, '') as "code!", error_text from dump.plugin_ledger
           where load_id = $1 and state = 'FAILED' order by plan_ne, priority limit $2"#,
        load_id.0,
        ERRORS
    )
    .fetch_all(pool)
    .await?;
    let error = |(code, text, ne, plugin)| RunError { code, text, ne: Some(ne), plugin: Some(plugin) };
    Ok(rows.into_iter().map(|r| error((r.code, r.error_text, r.plan_ne, r.plugin))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_that_was_found_anew_is_told_by_the_state() {
        use VerdictName::{Create, Link, Overwrite, Reject, Skip};

        let table = [
            (None, State::Rejected, "customer_unknown", Some(Reject)),
            (None, State::Quarantined, "E_NOT_ARCHIVE", None),
            (Some(Create), State::Done, "complete", Some(Create)),
            (Some(Overwrite), State::Done, "complete", Some(Overwrite)),
            (Some(Overwrite), State::Rejected, "older_snapshot", Some(Reject)),
            (Some(Overwrite), State::Duplicate, "duplicate", Some(Skip)),
            (Some(Overwrite), State::Done, "linked", Some(Link)),
            // A replay of a linked upload changes nothing.
            (Some(Skip), State::Done, "linked", Some(Skip)),
        ];
        for (step, state, reason, verdict) in table {
            assert_eq!(last_verdict(step, state, reason), verdict, "{step:?} {state} {reason}");
        }
    }
}
