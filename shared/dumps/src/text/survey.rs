//! The first look over a file: sections and layout (specs: dumps 3.2, 3.8).

use super::clean::CleanText;
use super::columns::Columns;
use super::dialect::Dialect;
use super::key_value::KeyValue;
use super::noise::Kind;
use super::prompt::Prompt;
use super::scan::{LineKind, Scan};

/// How the counted lines of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A table with a header.
    Table,
    /// The plugin's own line form.
    Lines,
    /// Blocks of keys and values.
    KeyValue,
    /// There is text, but none of the forms.
    Unknown,
    /// There is nothing but noise.
    Empty,
}

/// What the first look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// The layout of the lines that count.
    pub layout: Layout,
    /// Whether only the sections behind the plugin's own echoes count.
    pub sectioned: bool,
    /// Whether an own echo was seen. A look that could end early has seen one if the file is sectioned.
    pub own_echo: bool,
}

/// The forms found in the lines of one reading: the whole file, or the own sections.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four findings that do not exclude each other")]
struct Forms {
    header: bool,
    line_form: bool,
    start_key: bool,
    text: bool,
}

impl Survey {
    /// Whether the file holds sections, and none of them is the plugin's.
    pub const fn lacks_own_section(self) -> bool {
        self.sectioned && !self.own_echo
    }

    /// Looks over a file, no further than needed.
    pub fn of(text: &CleanText<'_>, dialect: &Dialect) -> Self {
        let mut lines = Scan::of(text, dialect).peekable();
        let (mut whole, mut own) = (Forms::default(), Forms::default());
        let (mut sectioned, mut own_echo, mut inside) = (false, false, false);
        while let Some(line) = lines.next() {
            match line.kind {
                LineKind::Prompt(Prompt::OwnShow) => (sectioned, own_echo, inside) = (true, true, true),
                LineKind::Prompt(Prompt::OtherShow) => (sectioned, inside) = (true, false),
                LineKind::Of(Kind::Text) if inside || !sectioned => {
                    let next = lines.peek().filter(|next| next.kind == LineKind::Of(Kind::Ruler));
                    let forms = if inside { &mut own } else { &mut whole };
                    forms.look(dialect, &line.text, next.map(|next| next.text.as_ref()));
                }
                _ => {}
            }
            // Before the first echo nothing is sure, unless the plugin knows no echoes.
            if own.header || (whole.header && dialect.grammar().commands.is_empty()) {
                break;
            }
        }
        let layout = if sectioned { own.layout() } else { whole.layout() };
        Self { layout, sectioned, own_echo }
    }
}

impl Forms {
    fn look(&mut self, dialect: &Dialect, line: &str, next: Option<&str>) {
        self.text = true;
        self.header = self.header || Columns::of_header(dialect, line, next).is_some();
        self.line_form = self.line_form || dialect.grammar().line_form.is_some_and(|form| (form.marks)(line));
        self.start_key = self.start_key || starts_block(dialect, line);
    }

    fn layout(self) -> Layout {
        match self {
            Self { header: true, .. } => Layout::Table,
            Self { line_form: true, .. } => Layout::Lines,
            Self { start_key: true, .. } => Layout::KeyValue,
            Self { text: true, .. } => Layout::Unknown,
            _ => Layout::Empty,
        }
    }
}

fn starts_block(dialect: &Dialect, line: &str) -> bool {
    dialect.grammar().start.is_some()
        && KeyValue::read(line).is_some_and(|pair| dialect.starts_block(dialect.field(pair.key)))
}
