//! A stored dump, an upload, and what was decided, in few words.
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_dumps::capture_time::{CaptureStamp, Precision, Source};
use landfall_dumps::guard::{
    DumpId, DumpStatus, Facts, Judgement, Link, LinkChange, OwnerSource, ShaOwner, StoredDump, Upload,
    Verdict, judge,
};

use crate::dump::at;

/// A time `2025-01-18 03:00:00`, or a date for day precision.
pub fn stamp(text: &str) -> CaptureStamp {
    let (time, precision) = match text.split_once(' ') {
        Some((date, time)) => (format!("{date}T{time}Z"), Precision::Second),
        None => (format!("{text}T00:00:00Z"), Precision::Day),
    };
    CaptureStamp::new(at(&time), precision, Source::Name)
}

/// Links written `T-1`, `T-1/HC-1`, parted by blanks.
pub fn links(text: &str) -> Vec<Link> {
    let link = |text: &str| {
        let (ticket, hc_id) = text.split_once('/').map_or((text, None), |(ticket, hc)| (ticket, Some(hc)));
        Link { ticket: ticket.parse().unwrap(), hc_id: hc_id.map(|hc| hc.parse().unwrap()) }
    };
    text.split_whitespace().map(link).collect()
}

/// The upload: ticket T-1 of customer acme, network north, element NE1, origin a, at 2025-01-18 09:00.
pub fn upload() -> Upload {
    Upload {
        customer: "acme".parse().unwrap(),
        network: "north".parse().unwrap(),
        ticket: "T-1".parse().unwrap(),
        hc_id: None,
        origin: "a".parse().unwrap(),
        capture: stamp("2025-01-18 09:00:00"),
        nes: ["NE1".parse().unwrap()].into(),
        overwrite: false,
    }
}

/// An upload of another ticket and health check, written as a link.
pub fn upload_as(link: &str, overwrite: bool) -> Upload {
    let link = links(link).remove(0);
    Upload { ticket: link.ticket, hc_id: link.hc_id, overwrite, ..upload() }
}

/// A stored dump like the upload, with these links.
pub fn stored(id: i64, of: &str) -> StoredDump {
    let Upload { network, origin, capture, nes, .. } = upload();
    let status = DumpStatus::Complete;
    StoredDump { id: DumpId(id), network, capture, origin, snapshot_seq: 1, status, links: links(of), nes }
}

/// The owner of the upload's content.
pub fn owner(dump: StoredDump) -> ShaOwner {
    let customer = upload().customer;
    ShaOwner { customer, dump, source: OwnerSource::Settled, has_resumable_rows: false }
}

/// The judgement where all stored dumps are of one customer.
pub fn judged(upload: &Upload, sha_owner: Option<&ShaOwner>, dumps: &[StoredDump]) -> Judgement {
    judge(Facts { upload, sha_owner, dumps, hc_holders: dumps })
}

/// The row and verdict in few words; the text of a refusal is left out.
pub fn shown(judgement: &Judgement) -> String {
    let row = judgement.row;
    match &judgement.verdict {
        Verdict::Create { snapshot_seq, warnings } => {
            let codes: Vec<&str> = warnings.iter().map(|warning| warning.code()).collect();
            format!("{row} CREATE {snapshot_seq} {}", codes.join(" ")).trim_end().to_owned()
        }
        Verdict::Skip { dump } => format!("{row} SKIP {dump}"),
        Verdict::Resume { dump, scope, link } => {
            format!("{row} RESUME {dump} {scope:?}{}", change(link.as_ref()))
        }
        Verdict::Link { dump, change: link } => format!("{row} LINK {dump}{}", change(Some(link))),
        Verdict::Overwrite { dump, link } => format!("{row} OVERWRITE {dump}{}", change(link.as_ref())),
        Verdict::Reject { code, .. } => format!("{row} REJECT {code}"),
    }
}

fn change(link: Option<&LinkChange>) -> String {
    let hc = |hc: &Option<landfall_dumps::metadata::HcId>| {
        hc.as_ref().map_or("none".to_owned(), ToString::to_string)
    };
    match link {
        None => String::new(),
        Some(LinkChange::Add(Link { ticket, hc_id })) => format!(" +{ticket}/{}", hc(hc_id)),
        Some(LinkChange::SetHc { ticket, from, to }) => format!(" {ticket}/{}->{to}", hc(from)),
    }
}
