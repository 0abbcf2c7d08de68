//! Entries of the DPR database (specs: dumps 4.2).

use std::net::Ipv4Addr;

use super::assemble::{Assemble, Surveyed};
use super::cells::{Cells, Last};
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{DprRecord, Record};
use crate::text::{Dialect, Field, Grammar};
use crate::values::{self, OperState};

const ID: usize = 0;
const TYPE: usize = 1;
const LOCAL_ROUTER: usize = 2;
const REMOTE_ROUTER: usize = 3;
const LOCAL_IF: usize = 4;
const REMOTE_IF: usize = 5;
const COST: usize = 6;
const SRLG: usize = 7;
const STATE: usize = 8;
const SEQ: usize = 9;
const AGE: usize = 10;

const GRAMMAR: Grammar = Grammar {
    commands: &["show dpr db", "show dpr database"],
    fields: &[
        Field::word(&["DPR Id", "Id", "DPR Entry", "Entry"]),
        Field::word(&["Type", "DPR Type"]),
        Field::word(&["Local Router", "Local Router Id", "Adv Router"]),
        Field::word(&["Remote Router", "Remote Router Id", "Nbr Router"]),
        Field::word(&["Local If", "Local Interface"]),
        Field::word(&["Remote If", "Remote Interface"]),
        Field::word(&["Cost", "Metric"]),
        Field::text(&["SRLG", "SRLGs"]),
        Field::word(&["State", "Oper State", "Opr"]),
        Field::word(&["Seq", "Sequence", "Seq No"]),
        Field::word(&["Age", "Age (s)"]),
    ],
    mandatory: &[ID, TYPE, LOCAL_ROUTER],
    start: Some(ID),
    nouns: &["entries", "dpr entries"],
    ..Grammar::EMPTY
};

/// Reads the output of `show dpr db`.
#[derive(Debug)]
pub struct DprDb {
    dialect: Dialect,
}

impl Default for DprDb {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for DprDb {
    fn name(&self) -> &'static str {
        "dpr_db"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        20
    }

    fn targets(&self) -> &[&'static str] {
        &["CLI_Show_DPR_DB.out"]
    }

    fn overlaps(&self) -> &[&'static str] {
        &["dpr_3r"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        let file = Surveyed::of(input, &self.dialect);
        // The file is shared, so it may hold nothing but the section of the other plugin.
        if file.survey.lacks_own_section() {
            return FileEnd::missing();
        }
        file.read_rows(reading, &mut Entries::default())
    }
}

#[derive(Default)]
struct Entries {
    local_router: Last<Ipv4Addr>,
}

impl Assemble for Entries {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        Some(Record::Dpr(DprRecord {
            dpr_id: cells.required(ID, values::uint)?,
            dpr_type: cells.required_word(TYPE)?,
            local_router_id: cells
                .required(LOCAL_ROUTER, |text| self.local_router.read(text, values::ipv4))?,
            remote_router_id: cells.optional(REMOTE_ROUTER, values::ipv4),
            local_if: cells.optional(LOCAL_IF, values::token),
            remote_if: cells.optional(REMOTE_IF, values::token),
            cost: cells.optional(COST, values::uint),
            srlg: cells.optional(SRLG, values::uints).unwrap_or_default(),
            oper_state: cells.word(STATE).unwrap_or(OperState::Unknown),
            seq: cells.optional(SEQ, values::uint),
            age_s: cells.optional(AGE, values::duration),
        }))
    }
}
