//! `show alarms` (dump specification, 4.7).

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::column::{self, Columns};
use super::{Layout, closing, opening};
use crate::sample::lcg::Lcg;

const COLUMNS: &Columns =
    &[("Id", 11), ("Sev", 6), ("Condition", 16), ("AID", 20), ("SA", 6), ("Raised", 22), ("Description", 36)];
/// The column at which a description goes on in the next line of a table.
const DESCRIPTION_AT: usize = 81;
/// Severity in a table, in a block.
const SEVERITIES: [(&str, &str); 6] = [
    ("CR", "critical"),
    ("MJ", "major"),
    ("MN", "minor"),
    ("MN", "minor"),
    ("WR", "warning"),
    ("NR", "not reported"),
];
/// Condition, first line of the description, second line.
const CONDITIONS: [(&str, &str, &str); 6] = [
    ("LOS-P", "Incoming payload loss of signal", ""),
    ("FECUBCSD", "Post-FEC signal degrade", "on the line side"),
    ("OTU-LOF", "Loss of frame,", "both directions"),
    ("LANLOS", "Far end", ""),
    ("LPBKLINE", "Loopback", ""),
    ("FANFAIL", "Fan unit failed", ""),
];
const CARDS: [&str; 5] = ["112SCA1", "43STX4P", "11QPA4", "11STMM10", "130SCX10"];

/// The answer to `show alarms` of one network element.
#[derive(Debug, Clone)]
pub struct AlarmText {
    ne: String,
    capture: DateTime<Utc>,
    count: u32,
    seed: u64,
    layout: Layout,
}

/// One alarm in the words of the command line.
struct Alarm {
    id: u32,
    severity: (&'static str, &'static str),
    condition: (&'static str, &'static str, &'static str),
    aid: String,
    effect: &'static str,
    raised: DateTime<Utc>,
}

impl AlarmText {
    /// An element without alarms, in table layout. All alarms are raised before `capture`.
    pub fn new(ne: impl Into<String>, capture: DateTime<Utc>) -> Self {
        Self { ne: ne.into(), capture, count: 0, seed: 1, layout: Layout::Table }
    }

    /// The number of alarms. Up to 100 million have times after the year 2000.
    pub fn count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Another seed gives other alarms.
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
        let mut text = opening(&self.ne, "show alarms");
        if self.layout == Layout::Table && self.count > 0 {
            text.push_str(&column::header(COLUMNS));
        }
        let mut lcg = Lcg::new(self.seed);
        for index in 0..self.count {
            if index == self.count / 2 {
                text.push_str("*** NOTIFICATION 311: alarm list changed\n");
            }
            let alarm = self.alarm(index, &mut lcg);
            match self.layout {
                Layout::KeyValue => push_block(&mut text, &alarm),
                Layout::Table => push_row(&mut text, &alarm),
            }
        }
        text.push_str(&self.footer());
        text.push_str(&closing(&self.ne));
        text
    }

    fn footer(&self) -> String {
        let none = if self.count == 0 { "*** NOTIFICATION 311: no change\nNo active alarms\n" } else { "" };
        match self.layout {
            Layout::KeyValue => format!("{none}Alarms : {}\n", self.count),
            Layout::Table => format!("{none}\nActive alarms : {}\n", self.count),
        }
    }

    /// The alarm of an index. Its time, five seconds before the one before it, makes the key unique.
    fn alarm(&self, index: u32, lcg: &mut Lcg) -> Alarm {
        let card = lcg.pick(&CARDS);
        let (shelf, slot, port) = (1 + lcg.below(24), 2 + lcg.below(31), 1 + lcg.below(4));
        let age = 5 * i64::from(index) + 1 + i64::from(lcg.below(5));
        Alarm {
            id: index + 1,
            severity: lcg.pick(&SEVERITIES),
            condition: lcg.pick(&CONDITIONS),
            aid: format!("{card}-{shelf}-{slot}-L{port}"),
            effect: lcg.pick(&["SA", "NSA"]),
            raised: self.capture - TimeDelta::seconds(age),
        }
    }
}

fn push_block(text: &mut String, alarm: &Alarm) {
    let (condition, first, second) = alarm.condition;
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "Alarm Id        : {}\n\
         Severity        : {}\n\
         Condition Type  : {condition}\n\
         AID             : {}\n\
         Service Effect  : {}\n\
         Raised At       : {}\n\
         Description     : {first}\n",
        alarm.id,
        alarm.severity.1,
        alarm.aid,
        alarm.effect,
        alarm.raised.format("%d/%m/%Y %H:%M:%S"),
    );
    if !second.is_empty() {
        let _ = writeln!(text, "{:18}{second}", "");
    }
    text.push('\n');
}

fn push_row(text: &mut String, alarm: &Alarm) {
    let (condition, first, second) = alarm.condition;
    let (id, raised) = (alarm.id.to_string(), alarm.raised.format("%Y-%m-%d %H:%M:%S").to_string());
    let cells = [id.as_str(), alarm.severity.0, condition, &alarm.aid, alarm.effect, &raised, first];
    column::push_row(text, COLUMNS, &cells);
    if !second.is_empty() {
        let _ = writeln!(text, "{:DESCRIPTION_AT$}{second}", "");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AlarmText, COLUMNS, DESCRIPTION_AT, Layout};
    use crate::sample::fixtures::capture_on;

    fn alarms(count: u32, layout: Layout) -> String {
        AlarmText::new("HEL-CORE-01", capture_on(0)).count(count).layout(layout).render()
    }

    #[test]
    fn key_value_layout() {
        insta::assert_snapshot!(alarms(2, Layout::KeyValue), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show alarms

        Alarm Id        : 1
        Severity        : warning
        Condition Type  : LOS-P
        AID             : 43STX4P-10-6-L1
        Service Effect  : NSA
        Raised At       : 18/01/2025 03:14:55
        Description     : Incoming payload loss of signal

        *** NOTIFICATION 311: alarm list changed
        Alarm Id        : 2
        Severity        : not reported
        Condition Type  : LOS-P
        AID             : 43STX4P-22-13-L3
        Service Effect  : NSA
        Raised At       : 18/01/2025 03:14:50
        Description     : Incoming payload loss of signal

        Alarms : 2
        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn table_layout() {
        insta::assert_snapshot!(alarms(5, Layout::Table), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show alarms

        Id         Sev   Condition       AID                 SA    Raised                Description
        ---------  ----  --------------  ------------------  ----  --------------------  ----------------------------------
        1          WR    LOS-P           43STX4P-10-6-L1     NSA   2025-01-18 03:14:55   Incoming payload loss of signal
        2          NR    LOS-P           43STX4P-22-13-L3    NSA   2025-01-18 03:14:50   Incoming payload loss of signal
        *** NOTIFICATION 311: alarm list changed
        3          CR    LANLOS          112SCA1-22-19-L3    NSA   2025-01-18 03:14:47   Far end
        4          CR    LANLOS          112SCA1-11-24-L1    SA    2025-01-18 03:14:44   Far end
        5          NR    FANFAIL         130SCX10-5-15-L4    NSA   2025-01-18 03:14:36   Fan unit failed

        Active alarms : 5
        HEL-CORE-01[1]#
        ");
        let before: usize = COLUMNS[..6].iter().map(|(_, width)| width).sum();
        assert_eq!(before, DESCRIPTION_AT);
    }

    #[test]
    fn an_element_without_alarms_says_so() {
        insta::assert_snapshot!(alarms(0, Layout::KeyValue), @"
        Welcome to the GMRE command line
        Authorized use only

        HEL-CORE-01[1]# set notification off
        HEL-CORE-01[1]# show alarms

        *** NOTIFICATION 311: no change
        No active alarms
        Alarms : 0
        HEL-CORE-01[1]#
        ");
    }

    #[test]
    fn the_footer_counts_the_blocks_and_times_are_unique() {
        let text = alarms(2000, Layout::KeyValue);
        let times: BTreeSet<&str> = text.lines().filter(|line| line.starts_with("Raised At")).collect();
        assert_eq!(times.len(), 2000);
        assert_eq!(text.lines().filter(|line| line.starts_with("Alarm Id")).count(), 2000);
        assert!(text.contains("\nAlarms : 2000\n"));
    }

    #[test]
    fn the_footer_counts_the_rows_and_times_are_unique() {
        let text = alarms(2000, Layout::Table);
        let times: BTreeSet<&str> =
            text.lines().filter_map(|line| line.get(59..78)).filter(|t| t.starts_with("20")).collect();
        assert_eq!(times.len(), 2000);
        assert!(text.contains("\nActive alarms : 2000\n"));
        assert_eq!(text.matches("*** NOTIFICATION").count(), 1);
    }
}
