//! What a parse finds wrong without giving up the file (specs: dumps 3.8, 8).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

/// Warnings of one code that are stored for one file; further ones are only counted.
pub const MAX_STORED: u64 = 1000;

macro_rules! codes {
    ($( $(#[$meta:meta])* $variant:ident = $text:literal: $expected:literal ),+ $(,)?) => {
        /// The code of a parse warning. The order is that of the texts, which the stored order follows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum WarningCode { $( $(#[$meta])* $variant ),+ }

        impl WarningCode {
            /// Every code, in the order of the texts.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// The code as it is stored.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text ),+ }
            }

            /// What was expected instead, and what has become of what was there: one sentence for people.
            pub const fn expected(self) -> &'static str {
                match self { $( Self::$variant => $expected ),+ }
            }
        }
    };
}

codes! {
    /// A line or row of a form that fits no record.
    BadRow = "W_BAD_ROW":
        "expected a row that fits the columns of its table, or a line of one of the plugin's forms; the line is skipped",
    /// A point in time that cannot be read.
    BadTs = "W_BAD_TS":
        "expected a point in time, as 2025-01-18 03:14:07",
    /// A value that cannot be read.
    BadValue = "W_BAD_VALUE":
        "expected a value of the field's type; a required field costs its record, another takes its default",
    /// Used and free do not sum up to the capacity.
    BucketSum = "W_BUCKET_SUM":
        "expected used and free to sum up to the capacity; the record is kept as reported",
    /// The node refused the command.
    CliError = "W_CLI_ERROR":
        "expected the answer of the command; the node gave an error message, which is skipped",
    /// A footer counts other than we did.
    CountMismatch = "W_COUNT_MISMATCH":
        "expected as many rows as the footer counts; the rows that are there are kept",
    /// The key of an earlier record with other values.
    DupKey = "W_DUP_KEY":
        "expected each key once; an earlier record of this key differs and is kept instead",
    /// An earlier record once more.
    DupRow = "W_DUP_ROW":
        "expected each record once; this one repeats an earlier one and is skipped",
    /// Bytes that are no UTF-8 were replaced.
    Encoding = "W_ENCODING":
        "expected UTF-8; bytes that are none are replaced by U+FFFD",
    /// A second node in a node's own file.
    ExtraNode = "W_EXTRA_NODE":
        "expected one network element in the file; the first is kept, this one is skipped",
    /// A line over the limit was dropped.
    LineTooLong = "W_LINE_TOO_LONG":
        "expected lines of at most 8192 bytes; this one is skipped",
    /// A member without a group.
    MemberOrphan = "W_MEMBER_ORPHAN":
        "expected a regenerator group before its members; this member has none and is skipped",
    /// The management address is not the reported one.
    MgmtIpFallback = "W_MGMT_IP_FALLBACK":
        "expected a reported management address; the router id or an address in the path stands in for it, if there is one",
    /// A required field is missing; the record is skipped.
    MissingField = "W_MISSING_FIELD":
        "expected a value in each required field; the record is skipped",
    /// The reported percentage is not the computed one.
    PctMismatch = "W_PCT_MISMATCH":
        "expected a percentage within 1.0 of used by capacity; the computed one is stored",
    /// Two places name different router ids.
    RouterIdConflict = "W_ROUTER_ID_CONFLICT":
        "expected one router id for each name, and the network element's own for its own; the record is kept",
    /// Another node of the network holds the router id.
    RouterIdDuplicate = "W_ROUTER_ID_DUPLICATE":
        "expected a router id that no other network element of the network holds; it is not stored",
    /// A router id that cannot be read.
    RouterIdInvalid = "W_ROUTER_ID_INVALID":
        "expected a router id in the form of an IPv4 address",
    /// A trace message of too many lines.
    TraceTrunc = "W_TRACE_TRUNC":
        "expected a message of at most 16 further lines; the rest is cut off",
    /// A line inside a block that is no key and value.
    UnparsedLine = "W_UNPARSED_LINE":
        "expected a key and its value, or more of what stands before; the line is skipped",
    /// A version text without a version.
    VersionUnparsed = "W_VERSION_UNPARSED":
        "expected a text that holds a version number, as R15.1; the text is kept, the version stays empty",
}

impl WarningCode {
    /// Whether a file with this warning is only partly read. The other warnings leave the outcome `ok`.
    pub const fn makes_partial(self) -> bool {
        !matches!(self, Self::Encoding | Self::MgmtIpFallback | Self::CountMismatch | Self::DupRow)
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WarningCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One warning about one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ParseWarning {
    /// The line, from 1; 0 is the file as a whole. First, because warnings are sorted by line, then code.
    pub line: u32,
    /// What was found.
    pub code: WarningCode,
}

impl fmt::Display for ParseWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.code, self.line)
    }
}

/// The warnings of one file: each code once per line, at most [`MAX_STORED`] of a code kept, all counted.
#[derive(Debug, Default)]
pub struct Warnings {
    stored: Vec<ParseWarning>,
    tallies: BTreeMap<WarningCode, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    last_line: Option<u32>,
}

impl Warnings {
    /// Adds a warning, unless the line has it already. Warnings of one line and code must follow each other.
    pub fn add(&mut self, code: WarningCode, line: u32) {
        let tally = self.tallies.entry(code).or_default();
        if tally.last_line == Some(line) {
            return;
        }
        tally.last_line = Some(line);
        tally.count = tally.count.saturating_add(1);
        if tally.count <= MAX_STORED {
            self.stored.push(ParseWarning { line, code });
        }
    }

    /// How many warnings there were, with those that are not stored.
    pub fn total(&self) -> u64 {
        self.tallies.values().fold(0, |sum, tally| sum.saturating_add(tally.count))
    }

    /// Whether any of them makes the file only partly read.
    pub fn any_partial(&self) -> bool {
        self.tallies.keys().any(|code| code.makes_partial())
    }

    /// The stored warnings, sorted by line, then code.
    pub fn into_sorted(mut self) -> Vec<ParseWarning> {
        self.stored.sort_unstable();
        self.stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_sort_as_their_texts() {
        assert!(WarningCode::ALL.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()));
    }

    #[test]
    fn every_code_says_what_was_expected_in_words_of_its_own() {
        let texts: std::collections::BTreeSet<_> = WarningCode::ALL.iter().map(|c| c.expected()).collect();
        assert_eq!(texts.len(), WarningCode::ALL.len());
        assert!(texts.iter().all(|text| text.starts_with("expected ") && !text.ends_with('.')));
    }

    #[test]
    fn a_code_is_reported_once_per_line_and_sorted_by_line_then_code() {
        let mut warnings = Warnings::default();
        for (code, line) in [
            (WarningCode::BadValue, 7),
            (WarningCode::BadValue, 7),
            (WarningCode::BadRow, 7),
            (WarningCode::BadValue, 3),
        ] {
            warnings.add(code, line);
        }
        assert_eq!(warnings.total(), 3);
        let text: Vec<String> = warnings.into_sorted().iter().map(ToString::to_string).collect();
        assert_eq!(text, ["W_BAD_VALUE@3", "W_BAD_ROW@7", "W_BAD_VALUE@7"]);
    }

    #[test]
    fn a_thousand_of_a_code_are_stored_and_all_are_counted() {
        let mut warnings = Warnings::default();
        for line in 1..=1500 {
            warnings.add(WarningCode::BadRow, line);
        }
        warnings.add(WarningCode::BadTs, 5);
        assert_eq!(warnings.total(), 1501);
        assert_eq!(warnings.into_sorted().len(), 1001);
    }
}
