//! The health-check matrix: new content under a health check that has dumps (specs: dumps 7.3).

use super::facts::{DumpId, DumpStatus, Facts, Link, StoredDump};
use super::nearness::{Nearness, nearest};
use super::verdict::{Judgement, RejectCode, Row, Verdict};
use crate::metadata::HcId;

/// The verdict of rows H2, H3, H5 and H6; none means to go on.
pub(super) fn judge(facts: Facts<'_>) -> Option<Judgement> {
    if let Some(refusal) = refusal(facts, None) {
        return Some(refusal);
    }
    let (upload, hc_id) = (facts.upload, facts.upload.hc_id.as_ref()?);
    let capture = &upload.capture;
    // H3 has refused what is of another ticket, so these are of the same.
    let here = || rivals(facts, hc_id, None);
    let is_older = |dump: &&StoredDump| Nearness::of(capture, &dump.capture).is_older();
    if let Some((dump, _)) = nearest(capture, here().filter(is_older)) {
        let text = format!("dump {} of {hc_id} was captured later, at {}", dump.id, dump.capture.time);
        let code = if upload.overwrite { RejectCode::OlderSnapshot } else { RejectCode::HcExists };
        return Some(Judgement::reject(Row::H5, code, text));
    }
    let (dump, _) = nearest(capture, here())?;
    if upload.overwrite {
        return Some(Judgement::new(Row::H2, Verdict::Overwrite { dump: dump.id, link: None }));
    }
    let text =
        format!("dump {} of {hc_id} has the same network elements; overwrite=true replaces it", dump.id);
    Some(Judgement::reject(Row::H2, RejectCode::HcExists, text))
}

/// The refusals of rows H6 and H3, in this order; `except` is the dump that owns the same content.
pub(super) fn refusal(facts: Facts<'_>, except: Option<DumpId>) -> Option<Judgement> {
    let (upload, hc_id) = (facts.upload, facts.upload.hc_id.as_ref()?);
    let elsewhere = holders(facts, hc_id).filter(|dump| dump.network != upload.network);
    if let Some((dump, _)) = nearest(&upload.capture, elsewhere) {
        let text = format!("{hc_id} belongs to network {} (dump {})", dump.network, dump.id);
        return Some(Judgement::reject(Row::H6, RejectCode::HcNetworkConflict, text));
    }
    let link = Link { ticket: upload.ticket.clone(), hc_id: Some(hc_id.clone()) };
    let other_ticket = rivals(facts, hc_id, except).filter(|dump| !dump.links.contains(&link));
    let (dump, _) = nearest(&upload.capture, other_ticket)?;
    let text = format!("{hc_id} belongs to another ticket (dump {})", dump.id);
    Some(Judgement::reject(Row::H3, RejectCode::HcTicketConflict, text))
}

/// The dumps that are compared with and hold the health check.
fn holders<'a>(facts: Facts<'a>, hc_id: &'a HcId) -> impl Iterator<Item = &'a StoredDump> {
    let compared = |dump: &&StoredDump| dump.status != DumpStatus::Failed;
    facts.hc_holders.iter().filter(compared).filter(move |dump| dump.holds(hc_id))
}

/// Those of the upload's network that share a network element with it.
fn rivals<'a>(
    facts: Facts<'a>,
    hc_id: &'a HcId,
    except: Option<DumpId>,
) -> impl Iterator<Item = &'a StoredDump> {
    let upload = facts.upload;
    holders(facts, hc_id).filter(move |dump| {
        dump.network == upload.network && dump.overlaps(upload) && Some(dump.id) != except
    })
}
