//! Links of dumps to tickets and health checks.

use std::collections::BTreeSet;

use landfall_domain::Sha256Digest;

use super::archive::digest;
use super::cells::{Cells, read_rows};
use super::compare::Comparison;
use super::conflict::{Planned, Read};
use super::table::{RawRow, Table};
use crate::metadata::{HcId, Ticket};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Number of the row.
    pub row: u64,
    /// Digest of the archive.
    pub sha256: Sha256Digest,
    /// The ticket.
    pub ticket: Ticket,
    /// The health check.
    pub hc_id: Option<HcId>,
}

/// What is stored of the archives and links that rows name.
#[derive(Debug, Clone, Default)]
pub struct StoredLinks {
    /// Archives that are stored, or that conflicting rows name.
    pub archives: BTreeSet<Sha256Digest>,
    /// Links: digest, ticket and health check, which is empty for none.
    pub links: BTreeSet<(Sha256Digest, String, String)>,
}

/// Reads rows of links.
pub fn read_links(rows: &[RawRow]) -> Read<LinkRow> {
    read_rows(Table::Links, rows, read)
}

fn read(cells: &mut Cells<'_>) -> Option<LinkRow> {
    let sha256 = cells.needed("sha256", digest);
    let ticket = cells.needed("ticket", str::parse);
    let hc_id = cells.given("hc_id", str::parse);
    Some(LinkRow { row: cells.row(), sha256: sha256?, ticket: ticket?, hc_id })
}

impl LinkRow {
    /// The health check as stored: empty for none.
    pub fn stored_hc(&self) -> String {
        self.hc_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// Compares links with the stored ones, and those with what the rows before bring.
pub fn plan_links(rows: Vec<LinkRow>, mut stored: StoredLinks) -> Planned<LinkRow> {
    let mut planned = Planned::new();
    for row in rows {
        let mut comparison = Comparison::of(Table::Links, row.row);
        if !stored.archives.contains(&row.sha256) {
            comparison.missing_parent("sha256", row.sha256, Table::Archives);
        }
        let key = (row.sha256, row.ticket.to_string(), row.stored_hc());
        let is_stored = stored.links.contains(&key);
        if planned.judge(row, is_stored, comparison.end()).is_some() {
            stored.links.insert(key);
        }
    }
    planned
}
