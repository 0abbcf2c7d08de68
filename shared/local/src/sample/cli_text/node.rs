//! `show node` (dump specification, 4.1).

use std::net::Ipv4Addr;

use super::column::{self, Columns};
use super::{Layout, closing, opening};

const COLUMNS: &Columns =
    &[("Node Name", 26), ("Router ID", 17), ("Mgmt IP", 17), ("Version", 22), ("Adm", 6), ("Opr", 10)];

/// The answer to `show node` of one network element.
#[derive(Debug, Clone)]
pub struct NodeText {
    ne: String,
    router_id: Ipv4Addr,
    lsps: u32,
    layout: Layout,
}

impl NodeText {
    /// An element with a name of at most 24 characters and a router id, in key/value layout.
    pub fn new(ne: impl Into<String>, router_id: Ipv4Addr) -> Self {
        Self { ne: ne.into(), router_id, lsps: 0, layout: Layout::KeyValue }
    }

    /// The number of LSPs it tells of, in key/value layout only.
    pub fn lsps(mut self, count: u32) -> Self {
        self.lsps = count;
        self
    }

    /// The layout of the answer.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// The management address: the router id's, moved to 172/8.
    fn mgmt_ip(&self) -> Ipv4Addr {
        let [_, b, c, d] = self.router_id.octets();
        Ipv4Addr::new(172, b, c, d)
    }

    /// The text.
    pub fn render(&self) -> String {
        let answer = match self.layout {
            Layout::KeyValue => self.key_value(),
            Layout::Table => self.table(),
        };
        format!("{}{answer}{}", opening(&self.ne, "show node"), closing(&self.ne))
    }

    fn key_value(&self) -> String {
        let [a, b, c, d] = self.router_id.octets();
        format!(
            "Node Name                     : {ne}\n\
             Node Type                     : 1830 PSS-32\n\
             Node Id                       : {a:03}.{b:03}.{c:03}.{d:03}\n\
             Management IP Address         : {mgmt_ip}\n\
             GMRE Version                  : R 14.1-2 (build 0452)\n\
             Active Network Version        : 14.1.2\n\
             Area ID                       : 0.0.0.0\n\
             Admin State                   : unlocked\n\
             *** NOTIFICATION 118: LSP state change, suppressed\n\
             Operational State             : up\n\
             Uptime                        : {days} days, 03:14:07\n\
             Number of LSPs                : {lsps}\n\n",
            ne = self.ne,
            mgmt_ip = self.mgmt_ip(),
            days = 10 + u32::from(d),
            lsps = self.lsps,
        )
    }

    fn table(&self) -> String {
        let (router_id, mgmt_ip) = (self.router_id.to_string(), self.mgmt_ip().to_string());
        let mut text = column::header(COLUMNS);
        text.push_str("*** NOTIFICATION 118: LSP state change, suppressed\n");
        let cells = [self.ne.as_str(), &router_id, &mgmt_ip, "1830PSSECX-14.1-2", "up", "up"];
        column::push_row(&mut text, COLUMNS, &cells);
        text.push_str("\nNodes : 1\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{Layout, NodeText};

    #[test]
    fn key_value_layout() {
        let text = NodeText::new("HEL-CORE-01", Ipv4Addr::new(10, 20, 0, 1)).lsps(400).render();
        insta::assert_snapshot!(text, @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show node

        Node Name                     : HEL-CORE-01
        Node Type                     : 1830 PSS-32
        Node Id                       : 010.020.000.001
        Management IP Address         : 172.20.0.1
        GMRE Version                  : R 14.1-2 (build 0452)
        Active Network Version        : 14.1.2
        Area ID                       : 0.0.0.0
        Admin State                   : unlocked
        *** NOTIFICATION 118: LSP state change, suppressed
        Operational State             : up
        Uptime                        : 11 days, 03:14:07
        Number of LSPs                : 400

        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn table_layout() {
        let text = NodeText::new("TMP-AGG-02", Ipv4Addr::new(10, 20, 0, 2)).layout(Layout::Table).render();
        insta::assert_snapshot!(text, @"
        Welcome to the GMRE command line
        Authorized use only

        TMP-AGG-02[1]# set notification off
        TMP-AGG-02[1]# show node

        Node Name                 Router ID        Mgmt IP          Version               Adm   Opr
        ------------------------  ---------------  ---------------  --------------------  ----  --------
        *** NOTIFICATION 118: LSP state change, suppressed
        TMP-AGG-02                10.20.0.2        172.20.0.2       1830PSSECX-14.1-2     up    up

        Nodes : 1
        TMP-AGG-02[1]#
        ");
    }
}
