//! The first record: which column stands where (specs: tickets 3).

use std::collections::{BTreeMap, BTreeSet};

use crate::columns::{COLUMNS, Column};
use crate::csv::Record;
use crate::{FileError, FileRule, json};

/// Characters of a name that an error shows.
const SHOWN: usize = 80;

/// Where the columns stand.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) ticket_id: usize,
    pub(crate) is_alarm: usize,
    pub(crate) cluster: usize,
    pub(crate) location_name: usize,
    /// What the JSON object of a row holds, in its order.
    pub(crate) members: Vec<Member>,
    /// Names of columns beside the known ones.
    pub(crate) extras: Vec<String>,
}

/// A value of the JSON object of a row.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its column.
    pub(crate) place: usize,
    /// What stands before it: `{"name":` or `,"name":`.
    pub(crate) before: String,
}

impl Header {
    pub(crate) fn read(record: &Record<'_>) -> Result<Self, FileError> {
        let refuse = |rule, text: String| FileError::new(rule, text).at_line(record.line);
        let mut places = BTreeMap::new();
        let mut names = Vec::with_capacity(record.len());
        for (place, field) in record.fields().enumerate() {
            let name = column_name(field, place);
            if name.contains('\0') {
                let number = place.saturating_add(1);
                let text = format!("the name of column {number} has a NUL character");
                return Err(refuse(FileRule::ColumnName, text));
            }
            if places.insert(name.clone(), place).is_some() {
                return Err(refuse(FileRule::ColumnTwice, format!("column {:?} stands twice", shown(&name))));
            }
            names.push(name);
        }
        let missing: Vec<&str> = COLUMNS.into_iter().filter(|name| !places.contains_key(*name)).collect();
        let place = |column: Column| places.get(column.name()).copied();
        let (Some(ticket_id), Some(is_alarm), Some(cluster), Some(location_name), true) = (
            place(Column::TicketId),
            place(Column::IsAlarm),
            place(Column::Cluster),
            place(Column::LocationName),
            missing.is_empty(),
        ) else {
            let text = format!("the header lacks {}", missing.join(", "));
            return Err(refuse(FileRule::ColumnMissing, text));
        };
        let known: BTreeSet<&str> = COLUMNS.into();
        let extras = names.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
        let members = members(&places);
        Ok(Self { ticket_id, is_alarm, cluster, location_name, members, extras })
    }

    /// Fields that each row must have.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }
}

/// Names compare trimmed and in lower case. A column without a name is named by its place.
fn column_name(field: &str, place: usize) -> String {
    let name = field.trim().to_lowercase();
    if name.is_empty() { format!("column_{}", place.saturating_add(1)) } else { name }
}

/// The shortest name first, then by bytes: so jsonb keeps the keys of an object, and what comes in this order it does not
/// sort, which is half of what reading a row costs it.
fn members(places: &BTreeMap<String, usize>) -> Vec<Member> {
    let mut ordered: Vec<(&String, &usize)> = places.iter().collect();
    ordered.sort_by_key(|(name, _)| name.len());
    let member = |(nth, (name, place)): (usize, (&String, &usize))| {
        let mut before = String::from(if nth == 0 { "{" } else { "," });
        json::push_string(&mut before, name);
        before.push(':');
        Member { place: *place, before }
    };
    ordered.into_iter().enumerate().map(member).collect()
}

fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}
