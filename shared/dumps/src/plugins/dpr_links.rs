//! Links of the DPR database (specs: dumps 4.9).

use super::assemble::{Assemble, read_rows};
use super::cells::{Cells, Last};
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{DprLinkRecord, LinkType, Record};
use crate::text::{Dialect, Field, Grammar, LineForm, LineMisfit, Part, Row, parts};
use crate::values::{self, Endpoint, OperState};

const SRC_NODE: usize = 0;
const DST_NODE: usize = 1;
const SRC_IF: usize = 2;
const DST_IF: usize = 3;
const TYPE: usize = 4;
const DIRECTION: usize = 5;
const COST: usize = 6;
const STATE: usize = 7;

const GRAMMAR: Grammar = Grammar {
    commands: &["show dpr link", "show dpr links"],
    fields: &[
        Field::word(&["Source", "Src", "Src Node", "From"]),
        Field::word(&["Dest", "Destination", "Dst", "Dst Node", "To"]),
        Field::word(&["Src If", "Source If", "Src Port"]),
        Field::word(&["Dst If", "Dest If", "Dst Port"]),
        Field::word(&["Type", "Link Type"]),
        Field::word(&["Dir", "Direction"]),
        Field::word(&["Cost", "Metric"]),
        Field::word(&["State", "Opr"]),
    ],
    mandatory: &[SRC_NODE, DST_NODE, TYPE],
    nouns: &["links", "dpr links"],
    line_form: Some(LineForm { marks: is_arrow_line, split: split_link }),
    ..Grammar::EMPTY
};

/// The arrows of the line form.
const ARROWS: [&str; 2] = [" -> ", " <-> "];

/// Reads the output of `show dpr links`, and files of `node -> node` lines.
#[derive(Debug)]
pub struct DprLinks {
    dialect: Dialect,
}

impl Default for DprLinks {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for DprLinks {
    fn name(&self) -> &'static str {
        "dpr_links"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        90
    }

    fn targets(&self) -> &[&'static str] {
        &["DPR_Link*.out", "DPR_Link*.txt", "CLI_Show_DPR_Link.out", "CLI_Show_DPR_Links.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Links::default())
    }
}

fn is_arrow_line(line: &str) -> bool {
    ARROWS.iter().any(|arrow| line.contains(arrow))
}

/// Splits `node[:if] -> node[:if] [key=value ..]`.
fn split_link<'l>(dialect: &Dialect, line: &'l str, row: &mut Row<'l>) -> Result<(), LineMisfit> {
    let mut words = parts(line);
    let mut word = || match words.next() {
        Some(Part::Word(word)) => Ok(word),
        _ => Err(LineMisfit::BadRow),
    };
    let (source, arrow, destination) = (word()?, word()?, word()?);
    if !ARROWS.iter().any(|known| known.trim() == arrow) {
        return Err(LineMisfit::BadRow);
    }
    row.set_first(DIRECTION, arrow);
    for (end, node, interface) in [(source, SRC_NODE, SRC_IF), (destination, DST_NODE, DST_IF)] {
        let (name, port) = end.split_once(':').unwrap_or((end, ""));
        row.set_first(node, name);
        row.set_first(interface, port);
    }
    for part in words {
        let Part::Pair { key, value } = part else {
            return Err(LineMisfit::BadRow);
        };
        // Fields of the ends are set already, so a pair cannot change them.
        if let Some(field) = dialect.field(key) {
            row.set_first(field, value);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Links {
    source: Last<Endpoint>,
}

impl Assemble for Links {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        let direction = cells.value(DIRECTION).unwrap_or_default();
        Some(Record::DprLink(DprLinkRecord {
            src_node: cells.required(SRC_NODE, |text| self.source.read(text, values::endpoint))?,
            dst_node: cells.required(DST_NODE, values::endpoint)?,
            src_if: cells.optional(SRC_IF, values::token).unwrap_or_default(),
            dst_if: cells.optional(DST_IF, values::token).unwrap_or_default(),
            link_type: cells.word(TYPE).unwrap_or(LinkType::Other),
            bidirectional: ["<->", "bi", "both"].iter().any(|word| direction.eq_ignore_ascii_case(word)),
            cost: cells.optional(COST, values::uint),
            state: cells.word(STATE).unwrap_or(OperState::Unknown),
        }))
    }
}
