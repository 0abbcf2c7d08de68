//! Puts members to their regenerator groups, in tables and in blocks (specs: dumps 4.8).

use std::collections::HashMap;

use super::assemble::RecordSink;
use super::cells::Cells;
use super::collect::Collector;
use super::dpr_3r::{
    AID, FIELDS, GROUP, GROUP_STATE, LABEL, MEMBER, MEMBER_STATE, NAME, RATE, REDUNDANCY, ROLE,
};
use crate::records::{Record, ThreeRGroupRecord, ThreeRMember};
use crate::text::{Counted, KeyValue, Layout, Part, Row, RowSink, WarningCode, Warnings, parts};
use crate::values::{self, Label, OperState, Signal};

/// The groups read so far.
pub(super) struct Groups<'a> {
    layout: Layout,
    records: Collector<'a>,
    /// The group that further rows belong to.
    current: Option<Current>,
    /// The member lines of the block at work.
    lines: Vec<MemberLine>,
}

/// The group that was added last, while rows may still add members to it.
#[derive(Debug)]
struct Current {
    group_id: u64,
    /// Where each member stands in the group.
    places: HashMap<u64, usize>,
}

/// A `Member <n> : ..` line of a block.
#[derive(Debug)]
struct MemberLine {
    row: Row<'static>,
    /// Whether there is text in it that is no pair.
    stray: bool,
}

impl<'a> Groups<'a> {
    pub fn of(layout: Layout, records: Collector<'a>) -> Self {
        Self { layout, records, current: None, lines: Vec::new() }
    }

    /// A row of a table: a group with its first member, or one more member of the current group.
    fn table_row(&mut self, row: &Row<'_>, warnings: &mut Warnings) -> Counted {
        let cells = &mut Cells::new(row, warnings);
        let id = cells.value(GROUP).and_then(values::uint);
        let current = self.current.as_ref().map(|current| current.group_id);
        let continues = cells.text(GROUP).is_empty();
        if continues && current.is_none() {
            cells.warn(WarningCode::MemberOrphan);
            return Counted::No;
        }
        if !continues && (id.is_none() || id != current) {
            self.start(row, warnings);
            self.add_table_member(row, warnings);
            return Counted::Yes;
        }
        self.add_table_member(row, warnings);
        Counted::No
    }

    /// Starts the group of this row or block. Afterwards there is a current group only if it was added.
    fn start(&mut self, row: &Row<'_>, warnings: &mut Warnings) {
        self.current = None;
        let Some(group) = group(&mut Cells::new(row, warnings)) else {
            return;
        };
        let group_id = group.group_id;
        let record = Record::ThreeRGroup(group);
        if self.layout == Layout::Table && self.records.holds_key_of(&record) {
            // The rows of the earlier group may be anywhere, so the two are not compared.
            warnings.add(WarningCode::DupKey, row.line());
            return;
        }
        let kept = self.records.push(record, row.line(), warnings);
        self.current = kept.is_some().then(|| Current { group_id, places: HashMap::new() });
    }

    /// Adds the member of a table row to the current group. A row may have none.
    fn add_table_member(&mut self, row: &Row<'_>, warnings: &mut Warnings) {
        let cells = &mut Cells::new(row, warnings);
        if self.current.is_none() || (cells.value(MEMBER).is_none() && cells.value(AID).is_none()) {
            return;
        }
        self.add_member(cells);
    }

    fn add_member(&mut self, cells: &mut Cells<'_>) {
        let (Some(current), Some(Record::ThreeRGroup(group))) = (&mut self.current, self.records.last_mut())
        else {
            return;
        };
        if let Some(member) = member(cells) {
            add(member, group, &mut current.places, cells);
        }
    }

    /// A whole block. Its member lines came before it, so that a repeated block can be compared as a whole.
    fn block(&mut self, row: &Row<'_>, warnings: &mut Warnings) {
        let lines = std::mem::take(&mut self.lines);
        let Some(mut group) = group(&mut Cells::new(row, warnings)) else {
            return;
        };
        let repeated = self.records.holds_key_of(&Record::ThreeRGroup(group.clone()));
        let mut places = HashMap::new();
        let mut silent = Warnings::default();
        let told = if repeated { &mut silent } else { &mut *warnings };
        for line in &lines {
            let cells = &mut Cells::new(&line.row, told);
            if line.stray {
                cells.warn(WarningCode::UnparsedLine);
            }
            if let Some(member) = member(cells) {
                add(member, &mut group, &mut places, cells);
            }
        }
        let _ = self.records.push(Record::ThreeRGroup(group), row.line(), warnings);
    }
}

impl RowSink for Groups<'_> {
    fn row(&mut self, row: &Row<'_>, warnings: &mut Warnings) -> Counted {
        if self.layout == Layout::Table {
            return self.table_row(row, warnings);
        }
        self.block(row, warnings);
        Counted::Yes
    }

    fn member(&mut self, number: u32, pair: &KeyValue<'_>, _warnings: &mut Warnings) -> bool {
        let line = member_line(number, pair);
        let used = line.is_some();
        self.lines.extend(line);
        used
    }
}

impl RecordSink for Groups<'_> {
    fn finish(self) -> u64 {
        self.records.finish()
    }
}

/// The group of a row or block, without its members.
fn group(cells: &mut Cells<'_>) -> Option<ThreeRGroupRecord> {
    Some(ThreeRGroupRecord {
        group_id: cells.required(GROUP, values::uint)?,
        group_name: cells.optional(NAME, values::text),
        line_rate: cells.optional(RATE, Signal::read),
        redundancy: cells.optional(REDUNDANCY, values::ratio),
        oper_state: cells.word(GROUP_STATE).unwrap_or(OperState::Unknown),
        members: Vec::new(),
    })
}

fn member(cells: &mut Cells<'_>) -> Option<ThreeRMember> {
    Some(ThreeRMember {
        member_id: cells.required(MEMBER, values::uint)?,
        aid: cells.required(AID, values::token)?,
        role: cells.word(ROLE),
        state: cells.word(MEMBER_STATE).unwrap_or(OperState::Unknown),
        label: cells.value(LABEL).map(Label::read).unwrap_or_default(),
    })
}

/// Adds a member to its group, or warns that its number was there before.
fn add(
    member: ThreeRMember,
    group: &mut ThreeRGroupRecord,
    places: &mut HashMap<u64, usize>,
    cells: &mut Cells<'_>,
) {
    let place = *places.entry(member.member_id).or_insert(group.members.len());
    match group.members.get(place) {
        Some(earlier) if *earlier == member => cells.warn(WarningCode::DupRow),
        Some(_) => cells.warn(WarningCode::DupKey),
        None => group.members.push(member),
    }
}

/// Reads `Member <n> : <AID> key=value ..`. `None` if the pair is another one.
fn member_line(number: u32, pair: &KeyValue<'_>) -> Option<MemberLine> {
    let (name, id) = pair.key.split_once(' ')?;
    if !name.eq_ignore_ascii_case("member") {
        return None;
    }
    let mut line = MemberLine { row: Row::with_fields(FIELDS.len()), stray: false };
    line.row.start(number);
    line.row.copy_first(MEMBER, id);
    for (place, part) in parts(pair.value).enumerate() {
        match part {
            Part::Word(aid) if place == 0 => {
                line.row.copy_first(AID, aid);
            }
            Part::Word(_) => line.stray = true,
            Part::Pair { key, value } => {
                if let Some(field) = member_field(key) {
                    line.row.copy_first(field, value);
                }
            }
        }
    }
    Some(line)
}

/// The field of a key in a member line. Unknown keys are ignored.
fn member_field(key: &str) -> Option<usize> {
    let known = [("role", ROLE), ("state", MEMBER_STATE), ("label", LABEL), ("lambda", LABEL)];
    known.into_iter().find(|(name, _)| key.eq_ignore_ascii_case(name)).map(|(_, field)| field)
}
