//! Which node has which router id (specs: dumps 4.10).

use std::net::Ipv4Addr;

use super::assemble::{Assemble, read_rows};
use super::cells::Cells;
use super::key_table::KeyTable;
use super::parsed::FileEnd;
use super::plugin::{ParseContext, Plugin};
use super::reading::Reading;
use crate::records::{Record, RouterMapRecord, put_text};
use crate::text::{Dialect, Field, Grammar, LineForm, LineMisfit, Row, WarningCode};
use crate::values::{self, Addresses};

const ROUTER_ID: usize = 0;
const NAME: usize = 1;
const MGMT_IP: usize = 2;

const GRAMMAR: Grammar = Grammar {
    commands: &["show dpr router map", "show dpr router-map", "show dpr routermap"],
    fields: &[
        Field::word(&["Router Id", "Router", "RID"]),
        Field::word(&["NE Name", "Node Name", "Name", "Node"]),
        Field::word(&["Mgmt IP", "Management IP"]),
    ],
    mandatory: &[ROUTER_ID, NAME],
    nouns: &["routers"],
    // Without a header every line is one of the line form.
    line_form: Some(LineForm { marks: |_| true, split: split_entry }),
    ..Grammar::EMPTY
};

/// Reads the output of `show dpr router map`, and files of `router = name` lines.
#[derive(Debug)]
pub struct DprRouterMap {
    dialect: Dialect,
}

impl Default for DprRouterMap {
    fn default() -> Self {
        Self { dialect: Dialect::new(GRAMMAR) }
    }
}

impl Plugin for DprRouterMap {
    fn name(&self) -> &'static str {
        "dpr_router_map"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        100
    }

    fn targets(&self) -> &[&'static str] {
        &["DPR_Router_Map*.out", "DPR_Router_Map*.txt", "CLI_Show_DPR_Router_Map.out"]
    }

    fn requires(&self) -> &[&'static str] {
        &["node"]
    }

    fn read(&self, input: &[u8], reading: Reading<'_>) -> FileEnd {
        read_rows(input, &self.dialect, reading, &mut Routers::default())
    }
}

/// Splits `ROUTER (=, -> or blanks) NAME [MGMT_IP] [# or ; comment]`.
fn split_entry<'l>(_dialect: &Dialect, line: &'l str, row: &mut Row<'l>) -> Result<(), LineMisfit> {
    let entry = line.split(['#', ';']).next().unwrap_or_default().trim();
    let ends = [entry.find([' ', '=']), entry.find("->")];
    let end = ends.into_iter().flatten().min().ok_or(LineMisfit::BadRow)?;
    let (router, rest) = entry.split_at_checked(end).ok_or(LineMisfit::BadRow)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').or_else(|| rest.strip_prefix("->")).unwrap_or(rest);
    let mut words = rest.split_whitespace();
    let name = words.next().filter(|name| is_name(name)).ok_or(LineMisfit::BadRow)?;
    let mgmt_ip = words.next().unwrap_or_default();
    if router.is_empty() || words.next().is_some() {
        return Err(LineMisfit::BadRow);
    }
    row.set_first(ROUTER_ID, router);
    row.set_first(NAME, name);
    row.set_first(MGMT_IP, mgmt_ip);
    Ok(())
}

fn is_name(word: &str) -> bool {
    word.starts_with(char::is_alphabetic) && word.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c))
}

/// Remembers the router id under which a name came first.
#[derive(Default)]
struct Routers {
    first: KeyTable<Ipv4Addr>,
    router_ids: Addresses,
    mgmt_ips: Addresses,
}

impl Assemble for Routers {
    fn record(&mut self, cells: &mut Cells<'_>, context: &ParseContext) -> Option<Record> {
        let read_id = |text: &str| self.router_ids.read(text);
        let router_id = cells.required_as(WarningCode::RouterIdInvalid, ROUTER_ID, read_id)?;
        let ne_name = cells.required(NAME, values::nename)?;
        Some(Record::RouterMap(RouterMapRecord {
            router_id,
            mgmt_ip: cells.optional(MGMT_IP, |text| self.mgmt_ips.read(text)),
            is_local: context.ne_name.as_deref() == Some(ne_name.as_str()),
            ne_name,
        }))
    }

    fn kept(&mut self, record: &Record, cells: &mut Cells<'_>, context: &ParseContext) {
        let Record::RouterMap(entry) = record else {
            return;
        };
        let noted = self.first.note(|out| put_text(out, &entry.ne_name), entry.router_id);
        let first = noted.map_or(entry.router_id, |first| *first);
        let own = context.router_id.filter(|_| entry.is_local);
        if first != entry.router_id || own.is_some_and(|own| own != entry.router_id) {
            cells.warn(WarningCode::RouterIdConflict);
        }
    }
}
