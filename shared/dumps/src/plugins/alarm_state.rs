//! Alarms as the node lists them (specs: dumps 4.7).

use compact_str::CompactString;

use super::assemble::{Assemble, read_rows};
use super::cells::{Cells, Last};
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{AlarmRecord, AlarmSource, Record};
use crate::text::{Dialect, Field, Grammar, WarningCode};
use crate::values::{self, AidParts};

pub(super) const SEVERITY: usize = 0;
pub(super) const CONDITION: usize = 1;
pub(super) const AID: usize = 2;
const ALARM_ID: usize = 3;
pub(super) const AFFECTING: usize = 4;
pub(super) const RAISED: usize = 5;
pub(super) const DESCRIPTION: usize = 6;

/// The fields of an alarm, which its older form shares.
pub(super) const FIELDS: &[Field] = &[
    Field::word(&["Sev", "Severity"]),
    Field::word(&["Condition", "Cond", "Probable Cause", "Condition Type"]),
    Field::word(&["AID", "Entity", "Object"]),
    Field::word(&["Alarm Id", "Alarm", "Id", "No"]),
    Field::word(&["SA", "Effect", "Service Effect", "Srv Eff", "Service Affecting"]),
    Field::text(&["Raised", "Date Time", "Raised At", "Time"]),
    Field::text(&["Description", "Descr", "Text"]),
];

const GRAMMAR: Grammar = Grammar {
    commands: &["show alarm", "show alarms", "show condition"],
    fields: FIELDS,
    mandatory: &[SEVERITY, CONDITION, AID],
    start: Some(ALARM_ID),
    nouns: &["alarms", "active alarms"],
    ..Grammar::EMPTY
};

/// Reads the output of `show alarms`.
#[derive(Debug)]
pub struct AlarmState {
    dialect: Dialect,
}

impl Default for AlarmState {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for AlarmState {
    fn name(&self) -> &'static str {
        "alarm_state"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        70
    }

    fn targets(&self) -> &[&'static str] {
        &["alarm_state*.out", "CLI_Show_Alarm.out", "CLI_Show_Alarms.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Alarms::of(AlarmSource::AlarmState))
    }
}

/// Builds alarms of either form.
pub(super) struct Alarms {
    source: AlarmSource,
    condition: Last<CompactString>,
    description: Last<CompactString>,
}

impl Alarms {
    /// For the plugin that reads them.
    pub fn of(source: AlarmSource) -> Self {
        Self { source, condition: Last::default(), description: Last::default() }
    }
}

impl Assemble for Alarms {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        let severity = cells.required_word(SEVERITY)?;
        let condition = cells.required(CONDITION, |text| self.condition.read(text, values::token))?;
        let aid = cells.required(AID, values::token)?;
        let parts = AidParts::of(&aid);
        Some(Record::Alarm(AlarmRecord {
            source: self.source,
            alarm_id: cells.optional(ALARM_ID, values::uint),
            severity,
            condition,
            card: parts.card.map(Into::into),
            shelf: parts.shelf,
            slot: parts.slot,
            port: parts.port.map(Into::into),
            aid,
            service_affecting: cells.optional(AFFECTING, values::yes_no),
            raised_at: cells.optional_as(WarningCode::BadTs, RAISED, values::timestamp),
            description: cells.optional(DESCRIPTION, |text| self.description.read(text, values::text)),
        }))
    }
}
