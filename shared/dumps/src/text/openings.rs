//! A quick look at the first two bytes of a text: which of some texts it may begin with.
//!
//! It misses none; what it lets through must still be looked at in full.

use std::array::from_fn;

/// The first two bytes of some texts, in lookup form. Each text has a bit of its own; those from the 32nd on share one.
#[derive(Debug, Clone)]
pub(super) struct Openings {
    first: Box<[u32; 256]>,
    second: Box<[u32; 256]>,
    all: u32,
}

impl Openings {
    /// For texts that are compared in any case.
    pub fn of_texts<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Self {
        Self::of(texts, |text, place, byte| match text.as_bytes().get(place) {
            Some(wanted) => wanted.eq_ignore_ascii_case(&byte),
            None => true,
        })
    }

    /// For groups of labels in the form of [`normalize_label`](super::dialect::normalize_label): a group is
    /// possible if one of its labels is. What is looked at is a cell before it is brought into that form, without
    /// blanks before it.
    pub fn of_labels<'t>(groups: impl Iterator<Item = &'t [String]> + Clone) -> Self {
        Self::of(groups, |labels, place, byte| {
            labels.iter().any(|label| may_be_label(label.as_bytes(), place, byte))
        })
    }

    fn of<T>(texts: impl Iterator<Item = T> + Clone, fits: impl Fn(&T, usize, u8) -> bool) -> Self {
        let numbered = (0..).map(|number: u32| 1_u32 << number.min(31)).zip(texts);
        let table = |place: usize| {
            from_fn(|byte| {
                let byte = u8::try_from(byte).unwrap_or(u8::MAX);
                let fitting = numbered.clone().filter(|(_, text)| fits(text, place, byte));
                fitting.fold(0, |mask, (bit, _)| mask | bit)
            })
        };
        let all = numbered.clone().fold(0, |mask, (bit, _)| mask | bit);
        Self { first: Box::new(table(0)), second: Box::new(table(1)), all }
    }

    /// The bits of all texts.
    pub const fn all(&self) -> u32 {
        self.all
    }

    /// The texts, or groups, as bits, that may begin with this byte.
    pub fn matching_first(&self, byte: u8) -> u32 {
        self.first.get(usize::from(byte)).copied().unwrap_or(u32::MAX)
    }

    /// The texts, or groups, as bits, that these bytes may begin with. A byte that is not there counts as 0; behind
    /// a cell of one byte a blank stands.
    pub fn matching(&self, bytes: &[u8]) -> u32 {
        let of = |table: &[u32; 256], place: usize| {
            let byte = bytes.get(place).copied().unwrap_or(0);
            table.get(usize::from(byte)).copied().unwrap_or(u32::MAX)
        };
        of(&self.first, 0) & of(&self.second, 1)
    }
}

/// Whether a label may have been made of a text with this byte at the first or second place.
fn may_be_label(label: &[u8], place: usize, byte: u8) -> bool {
    // Bytes beyond ASCII, and controls, may be blanks that do not count.
    if !(b' '..=b'~').contains(&byte) && place == 0 {
        return true;
    }
    // What follows a run of other characters stands anywhere.
    let is_run = label.first() == Some(&b'_');
    match label.get(place) {
        Some(_) if place == 1 && is_run => true,
        Some(b'_') => !byte.is_ascii_alphanumeric(),
        Some(wanted) => wanted.eq_ignore_ascii_case(&byte),
        // Blanks behind the label do not count, nor does the end of the text.
        None => is_run || !byte.is_ascii_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dialect::normalize_label;
    use super::*;

    const LABELS: [&str; 6] = ["Alarm Id", "%", "Use %", "3R", "# of", "A"];

    #[test]
    fn a_text_that_begins_otherwise_is_told_by_two_bytes() {
        let openings = Openings::of_texts(["Last login", ";", "%x"].into_iter());
        for (text, mask) in
            [("last", 1), ("LA", 1), ("L-1", 0), ("; x", 2), (";", 2), ("%X", 4), ("%", 0), ("", 0)]
        {
            assert_eq!(openings.matching(text.as_bytes()), mask, "{text:?}");
        }
    }

    #[test]
    fn cells_of_data_are_told_from_labels() {
        let labels = [vec!["label".to_owned(), "lambda".to_owned()], vec!["to".to_owned()]];
        let openings = Openings::of_labels(labels.iter().map(Vec::as_slice));
        for (cell, mask) in
            [("Label", 1), ("LA", 1), ("L-100G", 0), ("9100", 0), ("To", 2), ("t", 0), ("-", 0)]
        {
            assert_eq!(openings.matching(cell.as_bytes()), mask, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn no_label_is_missed(cell in "([a3#%_Alu\\u{a0}å\\u{3000}.-][a3#% _Alu\\u{a0}å\\u{3000}.-]{0,5})?") {
            let labels: Vec<Vec<String>> = LABELS.iter().map(|label| vec![normalize_label(label)]).collect();
            let openings = Openings::of_labels(labels.iter().map(Vec::as_slice));
            let found = openings.matching(format!("{cell}  next").as_bytes());
            for (number, label) in LABELS.iter().enumerate() {
                if normalize_label(&cell) == normalize_label(label) {
                    prop_assert!(found & (1 << number) != 0, "{cell:?} is {label:?}");
                }
            }
        }
    }
}
