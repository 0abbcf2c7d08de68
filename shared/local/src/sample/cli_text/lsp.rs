//! `show lsp` (dump specification, 4.3).

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::column::{self, Columns};
use super::{Layout, closing, opening};
use crate::sample::lcg::Lcg;

const COLUMNS: &Columns = &[
    ("LSP Name", 18),
    ("From", 17),
    ("To", 17),
    ("Label", 14),
    ("Tun Id", 12),
    ("Signal", 9),
    ("Role", 10),
    ("State", 10),
    ("Prot", 8),
];
/// Channels on the grid per peer: 9100, 9105 .. 9595.
const CHANNELS: u32 = 100;
/// The first address of the peers. They do not meet the addresses of the sample texts.
const FIRST_PEER: u32 = 0x0a40_0001;
/// How far away the second end of a transit LSP lies.
const FAR_SIDE: u32 = 0x0040_0000;
/// Every so many rows a name is too long for its column and stands alone (P9).
const LONG_NAME_EVERY: u32 = 37;

/// The answer to `show lsp` of one network element.
#[derive(Debug, Clone)]
pub struct LspText {
    ne: String,
    router_id: Ipv4Addr,
    count: u32,
    seed: u64,
    layout: Layout,
}

/// One LSP in the words of the command line, but for the label.
struct Lsp {
    name: String,
    from: Ipv4Addr,
    to: Ipv4Addr,
    channel: u32,
    tunnel: u32,
    signal: &'static str,
    role: &'static str,
    state: &'static str,
    protection: &'static str,
}

impl LspText {
    /// An element without LSPs, in key/value layout.
    pub fn new(ne: impl Into<String>, router_id: Ipv4Addr) -> Self {
        Self { ne: ne.into(), router_id, count: 0, seed: 1, layout: Layout::KeyValue }
    }

    /// The number of LSPs. Up to 100 million keep unique keys.
    pub fn count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Another seed gives other names, states and directions.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The layout of the answer.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// The text.
    pub fn render(&self) -> String {
        let mut text = opening(&self.ne, "show lsp");
        if self.layout == Layout::Table && self.count > 0 {
            text.push_str(&column::header(COLUMNS));
        }
        let mut lcg = Lcg::new(self.seed);
        for index in 0..self.count {
            let lsp = self.lsp(index, &mut lcg);
            if index == self.count / 2 {
                let _ = writeln!(text, "*** NOTIFICATION 207: LSP {} degraded", lsp.tunnel);
            }
            match self.layout {
                Layout::KeyValue => push_block(&mut text, &lsp),
                Layout::Table => push_row(&mut text, &lsp),
            }
        }
        text.push_str(&self.footer());
        text.push_str(&closing(&self.ne));
        text
    }

    fn footer(&self) -> String {
        let none = if self.count == 0 { "*** NOTIFICATION 207: no change\nNo LSPs found\n" } else { "" };
        match self.layout {
            Layout::KeyValue => format!("{none}LSPs : {}\n", self.count),
            Layout::Table => format!("{none}\nTotal LSPs : {}\n", self.count),
        }
    }

    /// The LSP of an index. Peer and channel together are unique, and so is the key.
    fn lsp(&self, index: u32, lcg: &mut Lcg) -> Lsp {
        let peer = Ipv4Addr::from(FIRST_PEER.saturating_add(index / CHANNELS));
        let (own, number) = (self.router_id, index + 1);
        let (from, to, role) = match lcg.below(10) {
            0..5 => (own, peer, lcg.pick(&["originating", "ingress", "head"])),
            5..9 => (peer, own, lcg.pick(&["egress", "tail", "term"])),
            _ => (peer, Ipv4Addr::from(u32::from(peer).saturating_add(FAR_SIDE)), "transit"),
        };
        let (rate, signal) =
            lcg.pick(&[("10G", "OTU2"), ("10G", "otu2e"), ("100G", "OTU4"), ("200G", "OTUC2")]);
        let short: String = self.ne.chars().take(3).collect();
        let name = if number.is_multiple_of(LONG_NAME_EVERY) {
            format!("{short}-{rate}-PROTECTED-BY-RING-{number:06}")
        } else {
            format!("{short}-{rate}-{number:06}")
        };
        let state = match lcg.below(20) {
            0 => "down",
            1 => "degraded",
            2 => "setup",
            _ => "up",
        };
        let protection = lcg.pick(&["1+R", "1+1", "1+1+R", "none"]);
        let channel = 9100 + index % CHANNELS * 5;
        Lsp { name, from, to, channel, tunnel: number, signal, role, state, protection }
    }
}

/// One block. The label takes the three forms of a channel in turn.
fn push_block(text: &mut String, lsp: &Lsp) {
    let label = match lsp.tunnel % 3 {
        0 => lsp.channel.to_string(),
        1 => format!("ch {}", lsp.channel),
        _ => format!("{}.{:02} THz", (lsp.channel + 10_000) / 100, lsp.channel % 100),
    };
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "LSP Name         : {}\n\
         From             : {}\n\
         To               : {}\n\
         Label            : {label}\n\
         Tunnel Id        : {}\n\
         Signal           : {}\n\
         Role             : {}\n\
         State            : {}\n\
         Protection       : {}\n\n",
        lsp.name, lsp.from, lsp.to, lsp.tunnel, lsp.signal, lsp.role, lsp.state, lsp.protection
    );
}

/// One row; a name that does not fit stands alone before it.
fn push_row(text: &mut String, lsp: &Lsp) {
    let mut name = lsp.name.as_str();
    if name.len() > 16 {
        text.push_str(name);
        text.push('\n');
        name = "";
    }
    let (from, to) = (lsp.from.to_string(), lsp.to.to_string());
    let (label, tunnel) = (lsp.channel.to_string(), lsp.tunnel.to_string());
    let role = if lsp.role == "originating" { "origin" } else { lsp.role };
    let cells = [name, &from, &to, &label, &tunnel, lsp.signal, role, lsp.state, lsp.protection];
    column::push_row(text, COLUMNS, &cells);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use super::{Layout, LspText};

    fn lsps(count: u32, layout: Layout) -> String {
        LspText::new("HEL-CORE-01", Ipv4Addr::new(10, 20, 0, 1)).count(count).layout(layout).render()
    }

    fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
        let lines = text.lines().filter(|line| line.starts_with(key));
        lines.map(|line| line.split(" : ").nth(1).unwrap()).collect()
    }

    #[test]
    fn key_value_layout() {
        insta::assert_snapshot!(lsps(3, Layout::KeyValue), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show lsp

        LSP Name         : HEL-10G-000001
        From             : 10.20.0.1
        To               : 10.64.0.1
        Label            : ch 9100
        Tunnel Id        : 1
        Signal           : OTU2
        Role             : ingress
        State            : setup
        Protection       : none

        *** NOTIFICATION 207: LSP 2 degraded
        LSP Name         : HEL-200G-000002
        From             : 10.64.0.1
        To               : 10.20.0.1
        Label            : 191.05 THz
        Tunnel Id        : 2
        Signal           : OTUC2
        Role             : egress
        State            : up
        Protection       : none

        LSP Name         : HEL-200G-000003
        From             : 10.20.0.1
        To               : 10.64.0.1
        Label            : 9110
        Tunnel Id        : 3
        Signal           : OTUC2
        Role             : head
        State            : up
        Protection       : 1+R

        LSPs : 3
        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn table_layout() {
        insta::assert_snapshot!(lsps(4, Layout::Table), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show lsp

        LSP Name          From             To               Label         Tun Id      Signal   Role      State     Prot
        ----------------  ---------------  ---------------  ------------  ----------  -------  --------  --------  ------
        HEL-10G-000001    10.20.0.1        10.64.0.1        9100          1           OTU2     ingress   setup     none
        HEL-200G-000002   10.64.0.1        10.20.0.1        9105          2           OTUC2    egress    up        none
        *** NOTIFICATION 207: LSP 3 degraded
        HEL-200G-000003   10.20.0.1        10.64.0.1        9110          3           OTUC2    head      up        1+R
        HEL-200G-000004   10.64.0.1        10.20.0.1        9115          4           OTUC2    egress    up        1+1+R

        Total LSPs : 4
        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn an_element_without_lsps_says_so() {
        insta::assert_snapshot!(lsps(0, Layout::Table), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show lsp

        *** NOTIFICATION 207: no change
        No LSPs found

        Total LSPs : 0
        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn the_footer_counts_the_blocks_and_keys_are_unique() {
        let text = lsps(2500, Layout::KeyValue);
        let (from, to) = (values(&text, "From"), values(&text, "To "));
        let labels = values(&text, "Label");
        let keys: BTreeSet<_> =
            from.iter().zip(&to).zip(&labels).map(|((from, to), label)| (from, to, label)).collect();
        assert_eq!(keys.len(), 2500);
        assert_eq!(values(&text, "LSP Name").len(), 2500);
        assert!(text.contains("\nLSPs : 2500\nHEL-CORE-01[1]#\n"));
        assert_eq!(text.matches("*** NOTIFICATION").count(), 1);
    }

    #[test]
    fn the_footer_counts_the_rows_and_every_cell_starts_at_its_column() {
        let text = lsps(2500, Layout::Table);
        // The second column is the only place where a row of this table has an address after two blanks.
        let rows: Vec<&str> = text.lines().filter(|line| line.get(18..21) == Some("10.")).collect();
        assert_eq!(rows.len(), 2500);
        for row in rows {
            for start in [18, 35, 52, 66, 78, 87, 97, 107] {
                assert_eq!(row.as_bytes()[start - 1], b' ', "{row}");
                assert_ne!(row.as_bytes()[start], b' ', "{row}");
            }
        }
        assert!(text.contains("\nTotal LSPs : 2500\n"));
        assert_eq!(text.lines().filter(|line| line.contains("PROTECTED")).count(), 2500 / 37);
    }

    #[test]
    fn a_seed_decides_the_text() {
        let text = |seed| LspText::new("A", Ipv4Addr::LOCALHOST).count(50).seed(seed).render();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}
