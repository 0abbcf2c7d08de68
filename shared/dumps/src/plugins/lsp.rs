//! Label switched paths (specs: dumps 4.3).

use super::assemble::{Assemble, read_rows};
use super::cells::{Cells, Last};
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{LspRecord, LspState, Record};
use crate::text::{Dialect, Field, Grammar};
use crate::values::{self, Endpoint, Label, Signal};

const FROM: usize = 0;
const TO: usize = 1;
const LABEL: usize = 2;
const NAME: usize = 3;
const TUNNEL: usize = 4;
const SIGNAL: usize = 5;
const ROLE: usize = 6;
const STATE: usize = 7;
const PROTECTION: usize = 8;

const GRAMMAR: Grammar = Grammar {
    commands: &["show lsp", "show lsps"],
    fields: &[
        Field::word(&["From", "From Node", "Source", "Ingress"]),
        Field::word(&["To", "To Node", "Destination", "Egress"]),
        Field::word(&["Label", "Lambda", "Wavelength"]),
        Field::word(&["LSP Name", "Name"]),
        Field::word(&["Tun Id", "Tunnel Id", "Tunnel", "Tun"]),
        Field::word(&["Signal", "Signal Type", "Rate"]),
        Field::word(&["Role"]),
        Field::word(&["State", "Opr", "Oper State", "LSP State"]),
        Field::word(&["Protection", "Prot", "Recovery"]),
    ],
    mandatory: &[FROM, TO, LABEL],
    start: Some(NAME),
    nouns: &["lsps"],
    ..Grammar::EMPTY
};

/// Reads the output of `show lsp`.
#[derive(Debug)]
pub struct LspPlugin {
    dialect: Dialect,
}

impl Default for LspPlugin {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for LspPlugin {
    fn name(&self) -> &'static str {
        "lsp"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        30
    }

    fn targets(&self) -> &[&'static str] {
        &["CLI_Show_LSP.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Lsps::default())
    }
}

#[derive(Default)]
struct Lsps {
    from: Last<Endpoint>,
    to: Last<Endpoint>,
    signal: Last<Signal>,
}

impl Assemble for Lsps {
    fn record(&mut self, cells: &mut Cells<'_>, _context: &ParseContext) -> Option<Record> {
        Some(Record::Lsp(LspRecord {
            from_node: cells.required(FROM, |text| self.from.read(text, values::endpoint))?,
            to_node: cells.required(TO, |text| self.to.read(text, values::endpoint))?,
            label: cells.value(LABEL).map(Label::read).unwrap_or_default(),
            label_raw: cells.optional(LABEL, values::trimmed),
            lsp_name: cells.optional(NAME, values::text),
            tunnel_id: cells.optional(TUNNEL, values::uint),
            signal_type: cells.optional(SIGNAL, |text| self.signal.read(text, Signal::read)),
            role: cells.word(ROLE),
            state: cells.word(STATE).unwrap_or(LspState::Unknown),
            protection: cells.word(PROTECTION),
        }))
    }
}
