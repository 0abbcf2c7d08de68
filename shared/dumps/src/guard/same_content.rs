//! The duplicate policy: the same SHA-256 is stored already (specs: dumps 7.2).

use super::facts::{DumpStatus, Facts, Link, OwnerSource, ShaOwner, Upload};
use super::health_check;
use super::verdict::{Judgement, LinkChange, RejectCode, ResumeScope, Row, Verdict};
use crate::metadata::HcId;

/// How the upload's health check compares with those of some links.
enum HealthCheck<'a> {
    Same,
    Adopted(&'a HcId),
    Dropped,
    Differs { stored: &'a HcId, new: &'a HcId },
}

pub(super) fn judge(facts: Facts<'_>, owner: &ShaOwner) -> Judgement {
    let upload = facts.upload;
    if owner.customer != upload.customer {
        // Nothing of the other customer may show here.
        let text = "the same content is stored already and cannot be taken for this customer".to_owned();
        return Judgement::reject(Row::D9, RejectCode::ShaCustomerConflict, text);
    }
    if owner.dump.network != upload.network {
        let text = format!("the same content is dump {} of network {}", owner.dump.id, owner.dump.network);
        return Judgement::reject(Row::D8, RejectCode::ShaNetworkConflict, text);
    }
    let (row, change) = link_asked_for(upload, &owner.dump.links);
    let brings_hc = matches!(row, Row::D2 | Row::D4 | Row::D5 | Row::D6 | Row::D7);
    if brings_hc && let Some(refusal) = health_check::refusal(facts, Some(owner.dump.id)) {
        return refusal;
    }
    Judgement::new(row, verdict(row, change, upload, owner))
}

fn verdict(row: Row, link: Option<LinkChange>, upload: &Upload, owner: &ShaOwner) -> Verdict {
    let dump = owner.dump.id;
    if owner.dump.status == DumpStatus::Failed {
        return Verdict::Resume { dump, scope: ResumeScope::All, link };
    }
    match (row, link) {
        (Row::D4, _) if !upload.overwrite => Verdict::Reject {
            code: RejectCode::HcConflict,
            text: format!("dump {dump} has the same content and ticket, and another health check"),
        },
        (Row::D1 | Row::D4, link) if upload.overwrite => Verdict::Overwrite { dump, link },
        (Row::D1, link) if owner.source == OwnerSource::Lost && owner.has_resumable_rows => {
            Verdict::Resume { dump, scope: ResumeScope::Unfinished, link }
        }
        (_, Some(change)) => Verdict::Link { dump, change },
        (_, None) => Verdict::Skip { dump },
    }
}

/// The row of D1 to D7, and the link it asks for.
fn link_asked_for(upload: &Upload, links: &[Link]) -> (Row, Option<LinkChange>) {
    let of_ticket: Vec<&Link> = links.iter().filter(|link| link.ticket == upload.ticket).collect();
    let new = upload.hc_id.as_ref();
    if of_ticket.is_empty() {
        let row = match compare(new, &links.iter().collect::<Vec<_>>()) {
            HealthCheck::Same | HealthCheck::Dropped => Row::D5,
            HealthCheck::Adopted(_) => Row::D6,
            HealthCheck::Differs { .. } => Row::D7,
        };
        let link = Link { ticket: upload.ticket.clone(), hc_id: new.cloned() };
        return (row, Some(LinkChange::Add(link)));
    }
    let set = |from: Option<&HcId>, to: &HcId| {
        Some(LinkChange::SetHc { ticket: upload.ticket.clone(), from: from.cloned(), to: to.clone() })
    };
    match compare(new, &of_ticket) {
        HealthCheck::Same => (Row::D1, None),
        HealthCheck::Adopted(to) => (Row::D2, set(None, to)),
        HealthCheck::Dropped => (Row::D3, None),
        HealthCheck::Differs { stored, new } => (Row::D4, set(Some(stored), new)),
    }
}

/// With several links: same if any has that health check, adopted if none has one, else it differs.
fn compare<'a>(new: Option<&'a HcId>, links: &[&'a Link]) -> HealthCheck<'a> {
    if links.iter().any(|link| link.hc_id.as_ref() == new) {
        return HealthCheck::Same;
    }
    let stored = links.iter().filter_map(|link| link.hc_id.as_ref()).min();
    match (new, stored) {
        (None, _) => HealthCheck::Dropped,
        (Some(new), None) => HealthCheck::Adopted(new),
        (Some(new), Some(stored)) => HealthCheck::Differs { stored, new },
    }
}
