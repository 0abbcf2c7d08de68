//! Alarms in the older form with one line per alarm (specs: dumps 4.11).

use memchr::memchr_iter;

use super::alarm_state::{AFFECTING, AID, Alarms, CONDITION, DESCRIPTION, FIELDS, RAISED, SEVERITY};
use super::assemble::read_rows;
use super::parsed::FileEnd;
use super::plugin::Plugin;
use super::reading::Reading;
use crate::records::AlarmSource;
use crate::text::{Dialect, Grammar, LineForm, LineMisfit, Row};
use crate::values::is_null;

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
        let mut alarms = Alarms { source: AlarmSource::AlarmStateLegacy };
        read_rows(input, &self.dialect, reading, &mut alarms)
    }
}

/// Splits a line at its first six semicolons.
fn split_alarm(_dialect: &Dialect, line: &str, row: &mut Row) -> Result<(), LineMisfit> {
    let mut ends = memchr_iter(b';', line.as_bytes());
    let mut start = 0_usize;
    let mut part = || {
        let end = ends.next().ok_or(LineMisfit::BadRow)?;
        let part = line.get(start..end).unwrap_or_default();
        start = end.saturating_add(1);
        Ok(part.trim())
    };
    for field in [SEVERITY, CONDITION, AID, AFFECTING] {
        row.set_first(field, part()?);
    }
    let (date, time) = (part()?, part()?);
    let description = line.get(start..).unwrap_or_default().trim();
    row.set_first(DESCRIPTION, description);
    // Without a date there is no time; a date alone is a bad one.
    if !is_null(date) {
        row.set_first(RAISED, date);
    }
    if !is_null(date) && !is_null(time) {
        row.append(RAISED, time, " ");
    }
    Ok(())
}
