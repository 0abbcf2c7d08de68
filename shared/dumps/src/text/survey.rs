//! The first look over a file: sections and layout (specs: dumps 3.2, 3.8).

use super::clean::CleanText;
use super::columns::Columns;
use super::dialect::Dialect;
use super::key_value::KeyValue;
use super::noise::Kind;
use super::prompt::Prompt;
use super::scan::{LineKind, Scan};
use super::words::{Span, words as find_words};

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
    /// Whether there are sections: only those behind the plugin's own echoes count.
    pub sectioned: bool,
    /// Whether one of them is the plugin's.
    pub own_echo: bool,
}

/// The forms found in the lines that count: of the whole file, or of the own sections.
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
        let (sectioned, own_echo) = echoes(text, dialect);
        let mut lines = Scan::of(text, dialect);
        let mut forms = Forms::default();
        let mut words = Vec::new();
        let mut inside = !sectioned;
        while let Some(line) = lines.next() {
            match line.kind {
                LineKind::Prompt(Prompt::OwnShow) => inside = true,
                LineKind::Prompt(Prompt::OtherShow) => inside = false,
                LineKind::Of(Kind::Text) if inside => {
                    let ruler = lines.ruler_ahead();
                    forms.look(dialect, &line.text, ruler.as_ref().map(|ruler| &*ruler.text), &mut words);
                }
                _ => {}
            }
            if forms.are_settled(dialect) {
                break;
            }
        }
        Self { layout: forms.layout(), sectioned, own_echo }
    }
}

/// Whether there are echoes of `show` commands, and whether one of them is the plugin's.
fn echoes(text: &CleanText<'_>, dialect: &Dialect) -> (bool, bool) {
    if dialect.grammar().commands.is_empty() {
        return (false, false);
    }
    let mut sectioned = false;
    let mut lines = Scan::of(text, dialect);
    loop {
        lines.skip_to_prompt();
        match lines.next().map(|line| line.kind) {
            None => return (sectioned, false),
            Some(LineKind::Prompt(Prompt::OwnShow)) => return (true, true),
            Some(LineKind::Prompt(Prompt::OtherShow)) => sectioned = true,
            Some(_) => {}
        }
    }
}

impl Forms {
    fn look(&mut self, dialect: &Dialect, line: &str, next: Option<&str>, words: &mut Vec<Span>) {
        find_words(line, words);
        self.text = true;
        self.header = self.header || Columns::of_header(dialect, (line, words), next).is_some();
        self.line_form = self.line_form || dialect.grammar().line_form.is_some_and(|form| (form.marks)(line));
        self.start_key = self.start_key || starts_block(dialect, line);
    }

    /// Whether nothing that follows can change the layout.
    fn are_settled(self, dialect: &Dialect) -> bool {
        self.header || (self.line_form && !dialect.has_table())
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
