//! Reading the fields of one row, with the warnings that bad ones give (specs: dumps 3.4, 3.8).

use crate::text::{Row, WarningCode, Warnings};
use crate::values::{Vocabulary, is_null, word};

/// The fields of one row or block, read by type.
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    warnings: &'r mut Warnings,
}

impl<'r> Cells<'r> {
    pub fn new(row: &'r Row<'r>, warnings: &'r mut Warnings) -> Self {
        Self { row, warnings }
    }

    /// Adds a warning about this record.
    pub fn warn(&mut self, code: WarningCode) {
        self.warnings.add(code, self.row.line());
    }

    /// The text of a field as it stands there.
    pub fn text(&self, field: usize) -> &'r str {
        self.row.get(field)
    }

    /// The text of a field; `None` for null.
    pub fn value(&self, field: usize) -> Option<&'r str> {
        let text = self.row.get(field);
        (!is_null(text)).then_some(text)
    }

    /// A field that the record cannot be without. `None` means: skip the record.
    pub fn required<T>(&mut self, field: usize, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.required_as(WarningCode::BadValue, field, read)
    }

    /// As [`Cells::required`], with a warning code of the field's own for a bad value.
    pub fn required_as<T>(
        &mut self,
        code: WarningCode,
        field: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let Some(text) = self.value(field) else {
            self.warn(WarningCode::MissingField);
            return None;
        };
        self.read_or(code, text, read)
    }

    /// As [`Cells::required`], for a vocabulary.
    pub fn required_word<V: Vocabulary>(&mut self, field: usize) -> Option<V> {
        word(self.row.get(field)).or_else(|| self.required(field, |_| None))
    }

    /// A field that may be null. A bad value is null too, with a warning.
    pub fn optional<T>(&mut self, field: usize, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.optional_as(WarningCode::BadValue, field, read)
    }

    /// As [`Cells::optional`], with a warning code of the field's own.
    pub fn optional_as<T>(
        &mut self,
        code: WarningCode,
        field: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.value(field)?;
        self.read_or(code, text, read)
    }

    /// As [`Cells::optional`], for a vocabulary. Its words go before the null words.
    pub fn word<V: Vocabulary>(&mut self, field: usize) -> Option<V> {
        word(self.row.get(field)).or_else(|| self.optional(field, |_| None))
    }

    fn read_or<T>(
        &mut self,
        code: WarningCode,
        text: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            self.warn(code);
        }
        value
    }
}

/// The last text of a column and what it was read as: in many columns a text stands in row after row.
#[derive(Debug)]
pub(super) struct Last<T> {
    text: String,
    value: Option<T>,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self { text: String::new(), value: None }
    }
}

impl<T: Clone> Last<T> {
    /// What `read`, which must always be the same, reads from a text.
    pub fn read(&mut self, text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.value.is_none() || self.text != text {
            self.value = read(text);
            self.text.clear();
            self.text.push_str(text);
        }
        self.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_again_only_after_another_one() {
        let (mut last, mut reads) = (Last::default(), 0);
        let texts = ["7", "7", "8", "x", "x", "8"];
        let values = texts.map(|text| {
            last.read(text, |text| {
                reads += 1;
                text.parse::<u32>().ok()
            })
        });
        assert_eq!(values, texts.map(|text| text.parse().ok()));
        // What cannot be read is not remembered.
        assert_eq!(reads, 5);
    }
}
