//! A grammar made ready for reading: labels are looked up without allocating.

use super::grammar::{Grammar, TextColumn};
use super::letters::Letters;
use super::noise;
use super::openings::Openings;
use super::words::{Span, wide_cells};

/// The longest label that can be known; longer ones are unknown.
const MAX_LABEL: usize = 48;

/// A [`Grammar`] with its labels in lookup form. Built once per plugin.
#[derive(Debug)]
pub struct Dialect {
    grammar: Grammar,
    /// Normalised labels in byte order, and their fields.
    labels: Vec<(String, usize)>,
    /// For each first byte (modulo 64) the lengths that labels have: most cells of data rows end here.
    lengths: [u64; 64],
    mandatory: u64,
    /// How the labels of each mandatory column begin.
    header: Openings,
    /// How lines begin that may be noise.
    noise: Openings,
}

impl Dialect {
    /// Prepares a grammar. Fields from the 65th on are never found.
    pub fn new(grammar: Grammar) -> Self {
        let mut labels: Vec<(String, usize)> = Vec::new();
        for (index, field) in grammar.fields.iter().enumerate().take(64) {
            labels.extend(field.aliases.iter().map(|alias| (normalize_label(alias), index)));
        }
        // Of one label in two fields the first field has it.
        labels.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        labels.dedup_by(|later, first| later.0 == first.0);
        let mut lengths = [0_u64; 64];
        for (label, _) in &labels {
            if let Some(mask) = label.bytes().next().and_then(|b| lengths.get_mut(usize::from(b % 64))) {
                *mask |= bit(label.len());
            }
        }
        let mandatory = grammar.mandatory.iter().fold(0, |mask, field| mask | bit(*field));
        let of_field = |field: &usize| {
            labels.iter().filter(|label| label.1 == *field).map(|label| label.0.clone()).collect::<Vec<_>>()
        };
        let groups: Vec<Vec<String>> = grammar.mandatory.iter().map(of_field).collect();
        let header = Openings::of_labels(groups.iter().map(Vec::as_slice));
        Self { noise: noise::openings(&grammar), grammar, labels, lengths, mandatory, header }
    }

    /// The grammar this was made of.
    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// The field with this label, if any. Compared after lower-casing and turning each run of other characters
    /// into `_` (specs: dumps 3.6).
    pub fn field(&self, label: &str) -> Option<usize> {
        let mut buffer = [0_u8; MAX_LABEL];
        let length = normalize_into(label.trim(), &mut buffer)?;
        let name = buffer.get(..length)?;
        let lengths = self.lengths.get(usize::from(name.first()? % 64))?;
        if lengths & bit(length) == 0 {
            return None;
        }
        let found = self.labels.binary_search_by(|(label, _)| label.as_bytes().cmp(name)).ok()?;
        self.labels.get(found).map(|(_, field)| *field)
    }

    /// Whether a key is a label of the start key.
    pub fn starts_block(&self, field: Option<usize>) -> bool {
        field.is_some() && field == self.grammar.start
    }

    /// Whether these fields, as bits, hold all mandatory ones, and there are mandatory ones.
    pub(super) fn is_header(&self, fields: u64) -> bool {
        self.mandatory != 0 && fields & self.mandatory == self.mandatory
    }

    /// Whether a line of these words may be a header whose labels are separated by two or more blanks. A quick look:
    /// most rows of data are told by it.
    pub(super) fn may_be_header(&self, line: &str, words: &[Span]) -> bool {
        let mut found = 0;
        for (start, _) in wide_cells(words) {
            found |= self.labels_at(line, start);
        }
        self.may_hold_header(found)
    }

    /// As [`Dialect::may_be_header`], of a line whose letters are known.
    pub(super) fn letters_may_be_header(&self, line: &str, letters: &Letters) -> bool {
        // The first letters of the cells tell most rows.
        let (mut first, mut found) = (0, 0);
        letters.wide_cells(|start| {
            first |= line.as_bytes().get(start).map_or(0, |byte| self.header.matching_first(*byte));
        });
        if !self.may_hold_header(first) {
            return false;
        }
        letters.wide_cells(|start| found |= self.labels_at(line, start));
        self.may_hold_header(found)
    }

    /// The mandatory columns, as bits, whose labels a cell at this place may begin with.
    fn labels_at(&self, line: &str, start: usize) -> u32 {
        self.header.matching(line.as_bytes().get(start..).unwrap_or_default())
    }

    fn may_hold_header(&self, found: u32) -> bool {
        self.has_table() && found & self.header.all() == self.header.all()
    }

    /// Whether a line may be something else than text. A quick look, as most lines are text.
    pub(super) fn may_be_noise(&self, line: &str) -> bool {
        let start = line.bytes().position(|b| b != b' ').unwrap_or(0);
        self.noise.matching(line.as_bytes().get(start..).unwrap_or_default()) != 0
    }

    /// Whether the plugin knows a table form.
    pub(super) fn has_table(&self) -> bool {
        self.mandatory != 0
    }

    /// Whether a column is a text column; unknown columns are.
    pub(super) fn is_text(&self, field: Option<usize>) -> bool {
        field
            .and_then(|index| self.grammar.fields.get(index))
            .is_none_or(|field| field.text == TextColumn::Yes)
    }
}

/// A set of one small number; numbers from 64 on have no set.
pub(super) const fn bit(number: usize) -> u64 {
    if number < 64 { 1 << number } else { 0 }
}

/// The comparable form of a label: lower case, each run of other characters one `_`.
pub fn normalize_label(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    for c in label.trim().chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}

/// As [`normalize_label`], without allocating. `None` if no known label can be equal: too long, or with letters
/// beyond ASCII, which no label has.
fn normalize_into(label: &str, buffer: &mut [u8; MAX_LABEL]) -> Option<usize> {
    let mut length = 0_usize;
    let mut last = 0_u8;
    for c in label.chars() {
        let byte = match c {
            c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase() as u8,
            c if c.is_alphanumeric() => return None,
            _ => b'_',
        };
        if byte == b'_' && last == b'_' {
            continue;
        }
        *buffer.get_mut(length)? = byte;
        last = byte;
        length = length.saturating_add(1);
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::super::grammar::Field;
    use super::*;

    const FIELDS: &[Field] =
        &[Field::word(&["Alarm Id", "No"]), Field::text(&["Use %", "%"]), Field::word(&["Age", "Age (s)"])];

    #[test]
    fn labels_compare_without_case_and_punctuation() {
        let dialect = Dialect::new(Grammar { fields: FIELDS, mandatory: &[0], ..Grammar::EMPTY });
        for (label, field) in [
            ("Alarm Id", Some(0)),
            ("ALARM-ID", Some(0)),
            ("alarm_id", Some(0)),
            (" alarm  .id ", Some(0)),
            ("no", Some(0)),
            ("Use %", Some(1)),
            ("%", Some(1)),
            ("age (s)", Some(2)),
            ("alarmid", None),
            ("ålarm id", None),
            ("", None),
        ] {
            assert_eq!(dialect.field(label), field, "{label:?}");
        }
        assert_eq!(dialect.field(&"alarm ".repeat(1000)), None);
        assert!(dialect.is_header(0b101) && !dialect.is_header(0b110));
    }
}
