//! What becomes of a record, in the order of the specification (specs: tickets 5).

use serde::{Deserialize, Serialize};

use crate::Dataset;
use crate::csv::Record;
use crate::header::Header;

/// How an export says that it stopped before its end.
const SENTINEL: &str = "EXPORT STOPPED";

/// Digits of a ticket id.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// Why a row was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// It has other fields than the header.
    FieldCount,
    /// It has a NUL character, which the database cannot hold.
    NulCharacter,
    /// It names no ticket.
    MissingTicketId,
    /// The ticket's id has another shape.
    BadTicketId,
    /// The ticket is of the other dataset.
    WrongDataset,
}

impl RejectReason {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FieldCount => "field_count",
            Self::NulCharacter => "nul_character",
            Self::MissingTicketId => "missing_ticket_id",
            Self::BadTicketId => "bad_ticket_id",
            Self::WrongDataset => "wrong_dataset",
        }
    }
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It says that the export stopped.
    Sentinel,
    /// It is refused.
    Reject(RejectReason),
    /// It is of an alarm.
    Alarm,
    /// It is a row of the ticket whose id was written.
    Keep,
}

/// Judges a record; `ticket_id` holds the id, trimmed and in upper case, of what is kept.
pub(crate) fn judge(
    record: &Record<'_>,
    header: &Header,
    dataset: Dataset,
    ticket_id: &mut String,
) -> Verdict {
    if is_sentinel(record) {
        return Verdict::Sentinel;
    }
    if record.len() != header.len() {
        return Verdict::Reject(RejectReason::FieldCount);
    }
    if memchr::memchr(0, record.text().as_bytes()).is_some() {
        return Verdict::Reject(RejectReason::NulCharacter);
    }
    ticket_id.clear();
    ticket_id.push_str(record.field(header.ticket_id).unwrap_or_default().trim());
    ticket_id.make_ascii_uppercase();
    match refuse_id(ticket_id, dataset) {
        Some(reason) => Verdict::Reject(reason),
        None if is_true(record.field(header.is_alarm).unwrap_or_default()) => Verdict::Alarm,
        None => Verdict::Keep,
    }
}

/// Whether the first cell with something in it begins as a sentinel does, in any case.
fn is_sentinel(record: &Record<'_>) -> bool {
    let first = record.fields().map(str::trim).find(|field| !field.is_empty()).unwrap_or_default();
    first
        .as_bytes()
        .get(..SENTINEL.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SENTINEL.as_bytes()))
}

/// What is wrong with an id in upper case.
pub(crate) fn refuse_id(id: &str, dataset: Dataset) -> Option<RejectReason> {
    if id.is_empty() {
        return Some(RejectReason::MissingTicketId);
    }
    let of = Dataset::ALL.into_iter().find_map(|d| Some((d, id.strip_prefix(d.id_prefix())?)));
    match of {
        Some((of, digits)) if ID_DIGITS.contains(&digits.len()) && is_digits(digits) => {
            (of != dataset).then_some(RejectReason::WrongDataset)
        }
        _ => Some(RejectReason::BadTicketId),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `true`, `t`, `1`, `yes` or `y`, in any case.
pub(crate) fn is_true(text: &str) -> bool {
    let text = text.trim();
    ["true", "t", "1", "yes", "y"].into_iter().any(|word| text.eq_ignore_ascii_case(word))
}
