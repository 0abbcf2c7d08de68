//! The verdict that an upload would get now, for a dry run: nothing is written and nothing locked (specs: dumps 7.9).

use std::collections::BTreeMap;

use landfall_domain::Sha256Digest;
use landfall_dumps::guard::{Judgement, Verdict, judge};
use landfall_dumps::plan::Plan;
use landfall_store::{PgConnection, StoreError, dump};

use crate::commit::upload_from;
use crate::metadata::{Refused, Sources, resolve};

/// What would become of an upload.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// CREATE, SKIP, RESUME, LINK, OVERWRITE or REJECT.
    pub verdict: &'static str,
    /// The row of the matrices that decides; none where the metadata does.
    pub row: Option<String>,
    /// The reason that the object would have.
    pub reason: String,
    /// The same in words.
    pub text: Option<String>,
}

/// Judges an archive as if it were uploaded now under this key with this user metadata.
///
/// # Errors
/// The database failed.
pub async fn preview(
    conn: &mut PgConnection,
    (key, headers): (&str, &BTreeMap<String, String>),
    (plan, sha256): (&Plan, &Sha256Digest),
    auto_create_customer: bool,
) -> Result<Preview, StoreError> {
    let sources = Sources { key, outer: &plan.outer, headers, sidecar: None };
    let resolved = match resolve(conn, &sources, auto_create_customer).await? {
        Ok(resolved) => resolved,
        Err(Refused::Rejected(reason) | Refused::Missing(reason)) => {
            let (reason, text) = (reason.code.to_string(), reason.text);
            return Ok(Preview { verdict: "REJECT", row: None, reason, text });
        }
    };
    let upload = upload_from(&resolved, plan);
    let data = dump::guard_facts(conn, &upload, sha256, (None, None)).await?;
    let Judgement { verdict, row } = judge(data.facts(&upload));
    let (_, reason) = verdict.object_state();
    let text = match &verdict {
        Verdict::Create { warnings, .. } if !warnings.is_empty() => {
            let warnings: Vec<String> = warnings.iter().map(|w| format!("{}: {w}", w.code())).collect();
            Some(warnings.join("; "))
        }
        _ => reason.text,
    };
    Ok(Preview { verdict: verdict.name(), row: Some(row.to_string()), reason: reason.code.to_string(), text })
}
