//! Regenerator groups and their members (specs: dumps 4.8).

use super::assemble::Surveyed;
use super::parsed::FileEnd;
use super::plugin::Plugin;
use super::reading::Reading;
use super::three_r_groups::Groups;
use crate::text::{Dialect, Field, Grammar, Wrap};

pub(super) const GROUP: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const RATE: usize = 2;
pub(super) const REDUNDANCY: usize = 3;
pub(super) const GROUP_STATE: usize = 4;
pub(super) const MEMBER: usize = 5;
pub(super) const AID: usize = 6;
pub(super) const ROLE: usize = 7;
pub(super) const MEMBER_STATE: usize = 8;
pub(super) const LABEL: usize = 9;

const GRAMMAR: Grammar = Grammar {
    commands: &["show dpr 3r", "show 3r"],
    fields: FIELDS,
    mandatory: &[GROUP, MEMBER, AID],
    start: Some(GROUP),
    nouns: &["groups", "3r groups"],
    wrap: Wrap::OwnRow,
    ..Grammar::EMPTY
};

/// The fields of a group and of one member.
pub(super) const FIELDS: &[Field] = &[
    Field::word(&["Group", "Group Id", "3R Group", "Grp"]),
    Field::text(&["Group Name", "Name"]),
    Field::word(&["Rate", "Line Rate"]),
    Field::word(&["Red", "Redundancy"]),
    Field::word(&["State", "Group State", "Opr"]),
    Field::word(&["Member", "Mbr", "Member Id"]),
    Field::word(&["AID", "Member AID", "Port"]),
    Field::word(&["Role"]),
    Field::word(&["Mbr State", "Member State", "M.State"]),
    Field::word(&["Label", "Lambda"]),
];

/// The file that is shared with the plugin of the DPR database.
const SHARED: &str = "CLI_Show_DPR_DB.out";

/// Reads the output of `show dpr 3r`.
#[derive(Debug)]
pub struct DprThreeR {
    dialect: Dialect,
}

impl Default for DprThreeR {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for DprThreeR {
    fn name(&self) -> &'static str {
        "dpr_3r"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        80
    }

    fn targets(&self) -> &[&'static str] {
        &["DPR_3R*.out", "CLI_Show_DPR_3R.out", SHARED]
    }

    fn overlaps(&self) -> &[&'static str] {
        &["dpr_db"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        let file = Surveyed::of(input, &self.dialect);
        if reading.context.basename.eq_ignore_ascii_case(SHARED) && !file.survey.own_echo {
            return FileEnd::missing();
        }
        let groups = Groups::of(file.survey.layout, reading.records);
        file.read_into(groups)
    }
}
