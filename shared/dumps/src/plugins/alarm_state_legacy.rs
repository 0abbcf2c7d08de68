//! Alarms in the older form with one line per alarm (specs: dumps 4.11).

use super::alarm_state::{AFFECTING, AID, Alarms, CONDITION, DESCRIPTION, FIELDS, RAISED, SEVERITY};
use super::assemble::read_rows;
use super::parsed::FileEnd;
use super::plugin::Plugin;
use super::reading::Reading;
use crate::records::AlarmSource;
use crate::text::{Dialect, Grammar, LineForm, LineMisfit, Row, split_at};
use crate::values::{is_null, trim};

const GRAMMAR: Grammar = Grammar {
    fields: FIELDS,
    line_form: Some(LineForm { marks: |_| true, split: split_alarm }),
    ..Grammar::EMPTY
};

/// Reads the file of `severity;condition;aid;sa;date;time;description` lines.
#[derive(Debug)]
pub struct AlarmStateLegacy {
    dialect: Dialect,
}

impl Default for AlarmStateLegacy {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for AlarmStateLegacy {
    fn name(&self) -> &'static str {
        "alarm_state_legacy"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        110
    }

    fn targets(&self) -> &[&'static str] {
        &["alarm_state", "alarm_state.txt"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn yields_to(&self) -> &[&'static str] {
        &["alarm_state"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Alarms::of(AlarmSource::AlarmStateLegacy))
    }
}

/// Splits a line at its first six semicolons.
fn split_alarm<'l>(_dialect: &Dialect, line: &'l str, row: &mut Row<'l>) -> Result<(), LineMisfit> {
    let mut parts = split_at(line, b';');
    let mut cells = [""; 6];
    let mut behind = 0_usize;
    for cell in &mut cells {
        let part = parts.next().ok_or(LineMisfit::BadRow)?;
        behind = behind.saturating_add(part.len()).saturating_add(1);
        *cell = trim(part);
    }
    // None if there were but five semicolons.
    let description = line.get(behind..).ok_or(LineMisfit::BadRow)?;
    let [severity, condition, aid, affecting, date, time] = cells;
    for (field, text) in [(SEVERITY, severity), (CONDITION, condition), (AID, aid), (AFFECTING, affecting)] {
        row.set_first(field, text);
    }
    row.set_first(DESCRIPTION, trim(description));
    // Without a date there is no time; a date alone is a bad one.
    if !is_null(date) {
        row.set_first(RAISED, date);
        if !is_null(time) {
            row.append(RAISED, time, " ");
        }
    }
    Ok(())
}
