//! The time guard: new content near dumps of the same network (specs: dumps 7.4).

use super::facts::{DumpStatus, Facts, Link, StoredDump, Upload};
use super::nearness::{Nearness, nearest};
use super::verdict::{GuardWarning, Judgement, LinkChange, RejectCode, Row, Verdict};

/// The verdict of rows T0 to T7.
pub(super) fn judge(facts: Facts<'_>) -> Judgement {
    let upload = facts.upload;
    let compared = || {
        let here = facts.dumps.iter().filter(|dump| dump.network == upload.network);
        here.filter(|dump| dump.status != DumpStatus::Failed && dump.overlaps(upload))
    };
    let own = nearest(&upload.capture, compared().filter(|dump| dump.origin == upload.origin));
    if let Some((dump, nearness)) = own.filter(|(_, nearness)| nearness.is_within_6h()) {
        return within_6h(upload, dump, nearness);
    }
    let other = nearest(&upload.capture, compared().filter(|dump| dump.origin != upload.origin));
    let (row, warning) = new_snapshot(own.map(|(_, nearness)| nearness), other);
    let snapshot_seq = next_snapshot(upload, facts.dumps);
    Judgement::new(row, Verdict::Create { snapshot_seq, warnings: warning.into_iter().collect() })
}

/// The row of a new dump, and its warning. A dump of another origin on the same day tells more than the row
/// of the own origin.
fn new_snapshot(
    own: Option<Nearness>,
    other: Option<(&StoredDump, Nearness)>,
) -> (Row, Option<GuardWarning>) {
    if let Some((dump, nearness)) = other.filter(|(_, nearness)| nearness.same_day) {
        let row = if nearness.is_within_6h() { Row::T2 } else { Row::T4 };
        return (row, Some(GuardWarning::SameDayOtherOrigin { dump: dump.id }));
    }
    let row = match (own, other) {
        (Some(own), _) if own.same_day => Row::T3,
        (_, Some((_, other))) if other.is_within_6h() => Row::T6,
        (None, None) => Row::T0,
        _ => Row::T7,
    };
    (row, None)
}

/// T1, and T5 across midnight.
fn within_6h(upload: &Upload, dump: &StoredDump, nearness: Nearness) -> Judgement {
    let row = if nearness.same_day { Row::T1 } else { Row::T5 };
    let StoredDump { id, origin, capture, .. } = dump;
    if !upload.overwrite {
        let text = format!(
            "dump {id} of origin {origin} was captured at {}, less than 6 h apart; overwrite=true replaces it",
            capture.time
        );
        return Judgement::reject(row, RejectCode::Within6h, text);
    }
    if nearness.is_older() {
        let text = format!("dump {id} was captured later, at {}", capture.time);
        return Judgement::reject(row, RejectCode::OlderSnapshot, text);
    }
    let has_hc = dump.links.iter().any(|link| link.hc_id.is_some());
    if has_hc && !upload.hc_id.as_ref().is_some_and(|hc_id| dump.holds(hc_id)) {
        let text = format!("dump {id} belongs to a health check that the upload does not name");
        return Judgement::reject(row, RejectCode::HcProtected, text);
    }
    Judgement::new(row, Verdict::Overwrite { dump: *id, link: link_of(upload, dump) })
}

/// The link that a replaced dump needs: none if it is there, else the ticket's health check or a new link.
fn link_of(upload: &Upload, dump: &StoredDump) -> Option<LinkChange> {
    let wanted = Link { ticket: upload.ticket.clone(), hc_id: upload.hc_id.clone() };
    if dump.links.contains(&wanted) {
        return None;
    }
    let bare = Link { ticket: upload.ticket.clone(), hc_id: None };
    match &upload.hc_id {
        Some(to) if dump.links.contains(&bare) => {
            Some(LinkChange::SetHc { ticket: bare.ticket, from: None, to: to.clone() })
        }
        _ => Some(LinkChange::Add(wanted)),
    }
}

/// One more than the highest number of the network and UTC day, over all origins and in every status: the
/// number is part of a unique key.
fn next_snapshot(upload: &Upload, dumps: &[StoredDump]) -> u32 {
    let day = upload.capture.time.date_naive();
    let same_day =
        |dump: &&StoredDump| dump.network == upload.network && dump.capture.time.date_naive() == day;
    let highest = dumps.iter().filter(same_day).map(|dump| dump.snapshot_seq).max();
    highest.unwrap_or(0).saturating_add(1)
}
