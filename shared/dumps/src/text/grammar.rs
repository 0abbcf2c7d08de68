//! How one plugin's files look: the declarative part of a plugin.

use super::dialect::Dialect;
use super::row::Row;
use super::warning::WarningCode;

/// Whether a column holds free text with blanks (marked T in the field tables).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextColumn {
    /// Free text: wrapped parts are joined by a blank, and a broken row is not split at single blanks.
    Yes,
    /// One word: wrapped parts are joined without a blank.
    No,
}

/// One field of a plugin's records, as it is labelled in the texts.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The labels of its column or key, as the specification writes them.
    pub aliases: &'static [&'static str],
    /// Whether its column is a text column.
    pub text: TextColumn,
}

impl Field {
    /// A field of one word.
    pub const fn word(aliases: &'static [&'static str]) -> Self {
        Self { aliases, text: TextColumn::No }
    }

    /// A field of free text (T).
    pub const fn text(aliases: &'static [&'static str]) -> Self {
        Self { aliases, text: TextColumn::Yes }
    }
}

/// Which lines are dropped as noise (specs: dumps 3.3, 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// All rules of 3.3.
    Common,
    /// Notifications, banners, rulers and comments with `#` in column 1 only.
    Trace,
}

/// What a table row with an empty first cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    /// It goes on with the row before it (specs: dumps 3.7).
    Continues,
    /// It is a row of its own (specs: dumps 4.8).
    OwnRow,
}

/// A form of its own in which a plugin's files are written line by line.
#[derive(Debug, Clone, Copy)]
pub struct LineForm {
    /// Whether a line tells that the file is written so.
    pub marks: fn(&str) -> bool,
    /// Puts the parts of one line into the fields of an empty row.
    pub split: for<'l> fn(&Dialect, &'l str, &mut Row<'l>) -> Result<(), LineMisfit>,
}

/// Why a line does not fit a plugin's line form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineMisfit {
    /// It is a row that fits no record: `W_BAD_ROW`, and the footer counts it.
    BadRow,
    /// It is no row at all: `W_UNPARSED_LINE`.
    NoRow,
}

impl LineMisfit {
    /// The warning it gives.
    pub const fn code(self) -> WarningCode {
        match self {
            Self::BadRow => WarningCode::BadRow,
            Self::NoRow => WarningCode::UnparsedLine,
        }
    }
}

/// The form of one plugin's files (specs: dumps 3, 4). Fields are named by their index in `fields`.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// The commands whose output counts, in lower case with single blanks; empty if sections are not used.
    pub commands: &'static [&'static str],
    /// The fields; at most 64.
    pub fields: &'static [Field],
    /// The columns a table header must have; empty if the plugin knows no table.
    pub mandatory: &'static [usize],
    /// The field that starts a block of keys and values.
    pub start: Option<usize>,
    /// The plural nouns of the footer, in lower case.
    pub nouns: &'static [&'static str],
    /// The plugin's own line form, if it knows one.
    pub line_form: Option<LineForm>,
    /// Which lines are noise.
    pub noise: Noise,
    /// What a row with an empty first cell is.
    pub wrap: Wrap,
}

impl Grammar {
    /// A grammar without anything, to be filled by struct update.
    pub const EMPTY: Self = Self {
        commands: &[],
        fields: &[],
        mandatory: &[],
        start: None,
        nouns: &[],
        line_form: None,
        noise: Noise::Common,
        wrap: Wrap::Continues,
    };
}
