//! A clean text for every plugin, of any length: each row has a key of its own and nothing is damaged.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use chrono::TimeDelta;
use landfall_local::sample::fixtures::capture_on;

/// The first address of the peers, and how many channels each has.
const FIRST_PEER: u32 = 0x0a40_0000;
const CHANNELS: u32 = 100;

/// Whose answer a text is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The network element.
    pub ne: String,
    /// Its router id.
    pub router: Ipv4Addr,
}

/// How long a text gets.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// So many rows.
    Rows(u32),
    /// The fewest rows that reach so many bytes.
    Bytes(u64),
}

/// The texts of one plugin.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The plugin.
    pub plugin: &'static str,
    /// Where a collector puts it below the directory of an EC.
    pub path: &'static str,
    form: Form,
    /// Rows of one record.
    rows_a_record: u32,
}

/// What a text is made of.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// The answer to a command: a header, rows in columns, a footer that counts the records.
    Table {
        command: &'static str,
        columns: &'static [(&'static str, usize)],
        footer: &'static str,
        row: Cells,
    },
    /// Lines without anything around them.
    Lines(fn(u32) -> String),
}

/// The cells of a row.
type Cells = fn(u32, &Place) -> Vec<String>;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// Lines, with those of the header and the footer.
    pub lines: u32,
    /// Rows.
    pub rows: u32,
}

/// One text for each plugin of the production registry, by rising priority.
pub const TEXTS: [Text; 11] = [
    Text { plugin: "node", path: "cli/CLI_Show_Node.out", form: NODE, rows_a_record: 1 },
    Text { plugin: "dpr_db", path: "cli/CLI_Show_DPR_DB.out", form: DPR_DB, rows_a_record: 1 },
    Text { plugin: "lsp", path: "cli/CLI_Show_LSP.out", form: LSP, rows_a_record: 1 },
    Text { plugin: "nea_trace", path: "nea/nea_trace.log", form: Form::Lines(trace), rows_a_record: 1 },
    Text { plugin: "nea_bucket_counts", path: "nea/nea_bucket.out", form: NEA_BUCKET, rows_a_record: 1 },
    Text { plugin: "ma_notif_bucket_counts", path: "misc/ma_notif.out", form: MA_NOTIF, rows_a_record: 1 },
    Text { plugin: "alarm_state", path: "alarm/alarm_state.out", form: ALARM, rows_a_record: 1 },
    Text { plugin: "dpr_3r", path: "misc/DPR_3R.out", form: THREE_R, rows_a_record: 2 },
    Text { plugin: "dpr_links", path: "misc/DPR_Links.out", form: LINKS, rows_a_record: 1 },
    Text { plugin: "dpr_router_map", path: "misc/DPR_Router_Map.out", form: ROUTERS, rows_a_record: 1 },
    Text { plugin: "alarm_state_legacy", path: "alarm_state", form: Form::Lines(legacy), rows_a_record: 1 },
];

const NODE: Form = Form::Table {
    command: "show node",
    columns: &[
        ("Node Name", 18),
        ("Router ID", 15),
        ("Mgmt IP", 15),
        ("Version", 18),
        ("Adm", 4),
        ("Opr", 9),
    ],
    footer: "Nodes",
    row: |n, place| {
        let name = if n == 0 { place.ne.clone() } else { format!("FAR-EDGE-{n:06}") };
        let router = if n == 0 { place.router } else { peer(n) };
        let mgmt = Ipv4Addr::from(0xac14_0000_u32.wrapping_add(n));
        vec![name, router.to_string(), mgmt.to_string(), "R14.1".into(), "up".into(), "up".into()]
    },
};

const DPR_DB: Form = Form::Table {
    command: "show dpr db",
    columns: &[
        ("Id", 8),
        ("Type", 5),
        ("Local Router", 15),
        ("Remote Router", 15),
        ("Local If", 12),
        ("Remote If", 12),
        ("Cost", 6),
        ("SRLG", 10),
        ("State", 9),
        ("Seq", 10),
        ("Age", 12),
    ],
    footer: "Total DPR entries",
    row: |n, place| {
        vec![
            n.to_string(),
            "LINK".into(),
            place.router.to_string(),
            peer(n).to_string(),
            format!("1-{}-LINE", n % 32),
            format!("2-{}-LINE", n % 32),
            (n % 1000).to_string(),
            format!("{},{}", 100 + n % 9, 200 + n % 9),
            "UP".into(),
            format!("0x{:08x}", 0x8000_0000 | n),
            format!("{:02}:{:02}:09", n % 24, n % 60),
        ]
    },
};

const LSP: Form = Form::Table {
    command: "show lsp",
    columns: &[
        ("LSP Name", 16),
        ("From", 15),
        ("To", 15),
        ("Label", 12),
        ("Tun Id", 8),
        ("Signal", 7),
        ("Role", 8),
        ("State", 8),
        ("Prot", 6),
    ],
    footer: "Total LSPs",
    row: |n, place| {
        vec![
            format!("L-100G-{n:08}"),
            place.router.to_string(),
            peer(n / CHANNELS).to_string(),
            (9100 + n % CHANNELS * 5).to_string(),
            n.to_string(),
            "OTU4".into(),
            "ingress".into(),
            "up".into(),
            "1+R".into(),
        ]
    },
};

const NEA_BUCKET: Form = Form::Table {
    command: "show nea buckets",
    columns: &[
        ("Bucket", 8),
        ("Name", 14),
        ("Size", 8),
        ("Total", 8),
        ("Used", 8),
        ("Free", 8),
        ("Peak", 8),
        ("Fail", 6),
        ("Use %", 6),
    ],
    footer: "Buckets",
    row: |n, _| {
        let used = n % 10_000;
        vec![
            n.to_string(),
            format!("B{n:08}"),
            "4K".into(),
            "10,000".into(),
            used.to_string(),
            (10_000 - used).to_string(),
            "10,000".into(),
            (n % 7).to_string(),
            format!("{:.1}", f64::from(used) / 100.0),
        ]
    },
};

const MA_NOTIF: Form = Form::Table {
    command: "show ma notif",
    columns: &[
        ("Bucket", 10),
        ("Received", 10),
        ("Sent", 10),
        ("Dropped", 8),
        ("Queued", 7),
        ("Max Queue", 9),
        ("Last", 20),
    ],
    footer: "Notification buckets",
    row: |n, _| {
        let count = |number: u32| number.to_string();
        let last = raised(n).format("%Y-%m-%d %H:%M:%S").to_string();
        vec![format!("T{n:08}"), count(n + 7), count(n + 5), count(2), count(0), count(n % 100), last]
    },
};

const ALARM: Form = Form::Table {
    command: "show alarms",
    columns: &[
        ("Id", 9),
        ("Sev", 4),
        ("Condition", 14),
        ("AID", 18),
        ("SA", 4),
        ("Raised", 20),
        ("Description", 34),
    ],
    footer: "Active alarms",
    row: |n, _| {
        vec![
            n.to_string(),
            "MJ".into(),
            "FECUBCSD".into(),
            aid(n),
            "NSA".into(),
            raised(n).format("%Y-%m-%d %H:%M:%S").to_string(),
            "Post-FEC signal degrade".into(),
        ]
    },
};

const THREE_R: Form = Form::Table {
    command: "show dpr 3r",
    columns: &[
        ("Group", 8),
        ("Group Name", 16),
        ("Rate", 6),
        ("Red", 5),
        ("State", 9),
        ("Member", 6),
        ("AID", 18),
        ("Role", 9),
        ("Mbr State", 9),
        ("Label", 8),
    ],
    footer: "3R Groups",
    row: |n, _| {
        let (group, spare) = (n / 2, n % 2 == 1);
        let of_group =
            [group.to_string(), format!("REGEN-{group:08}"), "OTU4".into(), "1:1".into(), "up".into()];
        let member = [
            (1 + n % 2).to_string(),
            aid(n),
            if spare { "spare" } else { "working" }.into(),
            "is".into(),
            if spare { "-".into() } else { (9100 + n % CHANNELS * 5).to_string() },
        ];
        // Further members leave the columns of their group empty.
        let of_group = of_group.into_iter().map(|cell| if spare { String::new() } else { cell });
        of_group.chain(member).collect()
    },
};

const LINKS: Form = Form::Table {
    command: "show dpr links",
    columns: &[
        ("Source", 15),
        ("Src If", 12),
        ("Dest", 15),
        ("Dst If", 12),
        ("Type", 8),
        ("Dir", 4),
        ("Cost", 6),
        ("State", 9),
    ],
    footer: "DPR links",
    row: |n, place| {
        vec![
            place.router.to_string(),
            format!("1-{}-LINE", n % 32),
            peer(n).to_string(),
            format!("2-{}-LINE", n % 32),
            "OTS".into(),
            "<->".into(),
            (n % 1000).to_string(),
            "up".into(),
        ]
    },
};

const ROUTERS: Form = Form::Table {
    command: "show dpr router map",
    columns: &[("Router Id", 15), ("NE Name", 20), ("Mgmt IP", 15)],
    footer: "Routers",
    row: |n, _| {
        let mgmt = Ipv4Addr::from(0xac14_0000_u32.wrapping_add(n));
        vec![peer(n).to_string(), format!("FAR-EDGE-{n:08}"), mgmt.to_string()]
    },
};

fn trace(n: u32) -> String {
    let at = capture_on(0) - TimeDelta::days(1) + TimeDelta::milliseconds(n.into());
    let at = at.format("%Y-%m-%d %H:%M:%S%.3f");
    format!("{at} [NEA] <INFO> ({n}) BUCKET_ALLOC: bucket={} size=4096 owner=\"rsvp main\"", n % 64)
}

fn legacy(n: u32) -> String {
    let at = raised(n).format("%Y-%m-%d;%H:%M:%S");
    format!("MJ;FECUBCSD;{};NSA;{at};Post-FEC signal degrade", aid(n))
}

fn peer(n: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST_PEER.wrapping_add(n))
}

fn aid(n: u32) -> String {
    format!("112SCA1-{}-{}-L1", 1 + n % 24, 2 + n % 31)
}

/// A second of its own for each row, before the capture.
fn raised(n: u32) -> chrono::DateTime<chrono::Utc> {
    capture_on(0) - TimeDelta::seconds(i64::from(n) + 1)
}

impl Text {
    /// Records that a text of so many rows has. A file of nodes is read for its first one.
    pub fn records(&self, rows: u32) -> u32 {
        if self.plugin == "node" { rows.min(1) } else { rows / self.rows_a_record }
    }

    /// Rows of all tables that a text of so many rows brings: members of groups are stored beside their group.
    pub fn stored(&self, rows: u32) -> u32 {
        if self.rows_a_record > 1 { self.records(rows) + rows } else { self.records(rows) }
    }

    /// The text in memory. A network element has itself alone in its file of nodes.
    pub fn render(&self, place: &Place, rows: u32) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let rows = if self.plugin == "node" { 1 } else { rows };
        self.write(&mut out, place, Until::Rows(rows))?;
        Ok(out)
    }

    /// Writes a text; one row is in memory.
    pub fn write(&self, out: &mut impl Write, place: &Place, until: Until) -> io::Result<Written> {
        let mut written = Written { bytes: 0, lines: 0, rows: 0 };
        let mut put = |line: &str, written: &mut Written| {
            written.bytes += line.len() as u64 + 1;
            written.lines += 1;
            writeln!(out, "{line}")
        };
        if let Form::Table { command, columns, .. } = self.form {
            let heads: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
            let rules: Vec<String> = columns.iter().map(|(_, width)| "-".repeat(*width)).collect();
            put(&format!("{}[1]# {command}", place.ne), &mut written)?;
            put("", &mut written)?;
            put(&aligned(columns, &heads), &mut written)?;
            put(&aligned(columns, &rules), &mut written)?;
        }
        while match until {
            Until::Rows(rows) => written.rows < rows,
            Until::Bytes(bytes) => written.bytes < bytes || !written.rows.is_multiple_of(self.rows_a_record),
        } {
            let line = match self.form {
                Form::Table { columns, row, .. } => aligned(columns, &row(written.rows, place)),
                Form::Lines(line) => line(written.rows),
            };
            put(&line, &mut written)?;
            written.rows += 1;
        }
        if let Form::Table { footer, .. } = self.form {
            put("", &mut written)?;
            put(&format!("{footer} : {}", written.rows / self.rows_a_record), &mut written)?;
            put(&format!("{}[1]#", place.ne), &mut written)?;
        }
        Ok(written)
    }
}

fn aligned(columns: &[(&str, usize)], cells: &[String]) -> String {
    let mut line = String::new();
    for ((_, width), cell) in columns.iter().zip(cells) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', (width + 2).saturating_sub(cell.chars().count())));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use landfall_dumps::plugins::{Outcome, ParseContext, Plugin, Registry};

    use super::*;

    fn place() -> Place {
        Place { ne: "BEN-CORE-1".into(), router: Ipv4Addr::new(10, 20, 0, 1) }
    }

    #[test]
    fn every_production_plugin_reads_its_text_without_loss() {
        let registry = Registry::production().unwrap();
        assert!(registry.plugins().map(Plugin::name).eq(TEXTS.map(|text| text.plugin)));
        for text in TEXTS {
            let basename = text.path.rsplit('/').next().unwrap().to_owned();
            let context = ParseContext { basename, ..ParseContext::default() };
            let parsed =
                registry.plugin(text.plugin).unwrap().parse(&text.render(&place(), 3000).unwrap(), &context);
            assert_eq!(parsed.outcome, Outcome::Ok, "{} {:?}", text.plugin, parsed.warnings.first());
            assert_eq!(parsed.records.len(), text.records(3000) as usize, "{}", text.plugin);
        }
    }

    #[test]
    fn a_text_ends_at_the_row_that_reaches_its_bytes() {
        for text in TEXTS {
            let mut out = Vec::new();
            let written = text.write(&mut out, &place(), Until::Bytes(10_000)).unwrap();
            assert_eq!(written.bytes, out.len() as u64);
            assert_eq!(written.lines as usize, str::from_utf8(&out).unwrap().lines().count());
            assert!((10_000..10_600).contains(&written.bytes), "{} {written:?}", text.plugin);
        }
    }
}
