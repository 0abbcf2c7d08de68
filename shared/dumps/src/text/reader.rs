//! The second look over a file: rows, blocks and lines are handed on as they end.

use std::borrow::Cow;

use super::clean::CleanText;
use super::dialect::Dialect;
use super::grammar::{LineForm, LineMisfit};
use super::key_value::{Block, KeyValue, Step};
use super::noise::Kind;
use super::prompt::Prompt;
use super::row::Row;
use super::scan::{LineKind, Scan, Scanned};
use super::survey::{Layout, Survey};
use super::table::Table;
use super::warning::{WarningCode, Warnings};

/// Whether something counts for the footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is one of the things the footer counts.
    Yes,
    /// It is a part of one.
    No,
}

/// Takes what the layouts give.
pub trait RowSink {
    /// A whole table row, or a whole block of keys and values. Blocks count for the footer in any case.
    fn row(&mut self, row: &Row<'_>, warnings: &mut Warnings) -> Counted;

    /// A line of a file in the plugin's own line form, before it is split into a row. Answers whether it was used
    /// up: then it gives no row.
    fn line(&mut self, _number: u32, _text: &str, _warnings: &mut Warnings) -> bool {
        false
    }

    /// A line of the own line form was lost: it was too long, or fits the form in no way. Its warning is added.
    fn lost_line(&mut self) {}

    /// A pair with an unknown key inside a block. Comes before the block's row. Answers whether it was used.
    fn member(&mut self, _number: u32, _pair: &KeyValue<'_>, _warnings: &mut Warnings) -> bool {
        false
    }
}

/// Where rows and warnings go, and the count that a footer is held against.
pub(super) struct Output<'o> {
    sink: &'o mut dyn RowSink,
    warnings: &'o mut Warnings,
    rows: u64,
}

impl Output<'_> {
    /// Hands on a table row.
    pub fn row(&mut self, row: &Row<'_>) {
        let counted = self.sink.row(row, self.warnings);
        self.count(counted);
    }

    /// Notes a row that fits no record.
    pub fn skipped_row(&mut self, code: WarningCode, line: u32) {
        self.warnings.add(code, line);
        self.count(Counted::Yes);
    }

    fn count(&mut self, counted: Counted) {
        if counted == Counted::Yes {
            self.rows = self.rows.saturating_add(1);
        }
    }

    fn footer(&mut self, line: u32, told: u64) {
        if told != self.rows {
            self.warnings.add(WarningCode::CountMismatch, line);
        }
        self.rows = 0;
    }
}

/// Reads a file in the layout that the survey found. Rows go to the sink in the order of the file.
pub fn read(
    text: &CleanText<'_>,
    dialect: &Dialect,
    survey: Survey,
    sink: &mut dyn RowSink,
    warnings: &mut Warnings,
) {
    if text.replaced() {
        warnings.add(WarningCode::Encoding, 0);
    }
    let mut out = Output { sink, warnings, rows: 0 };
    let mut form = Form::new(survey.layout, dialect);
    let mut inside = !survey.sectioned;
    let mut lines = Scan::of(text, dialect);
    while let Some(line) = lines.next() {
        match line.kind {
            LineKind::TooLong => {
                out.warnings.add(WarningCode::LineTooLong, line.number);
                out.sink.lost_line();
            }
            LineKind::Prompt(Prompt::OwnShow) => {
                form.close(&mut out);
                out.rows = 0;
                inside = true;
            }
            LineKind::Prompt(Prompt::OtherShow) => {
                form.close(&mut out);
                inside = false;
            }
            LineKind::Of(kind) if inside => match kind {
                Kind::Noise => {}
                Kind::CliError => out.warnings.add(WarningCode::CliError, line.number),
                Kind::Blank | Kind::Ruler => form.pause(&mut out),
                Kind::Footer(told) => {
                    form.pause(&mut out);
                    out.footer(line.number, told);
                }
                Kind::Text => {
                    let ruler = lines.ruler_ahead();
                    form.text(&line, ruler.as_ref().map(|ruler| &*ruler.text), &mut out);
                }
            },
            LineKind::Prompt(Prompt::Plain) | LineKind::Of(_) => {}
        }
    }
    form.close(&mut out);
}

/// The layout at work.
enum Form<'t, 'd> {
    Table(Box<Table<'t, 'd>>),
    Lines(Split<'t, 'd>),
    KeyValue(Block<'d>),
    /// Nothing is read, only the warnings of the text level are collected.
    Nothing,
}

impl<'t, 'd> Form<'t, 'd> {
    fn new(layout: Layout, dialect: &'d Dialect) -> Self {
        match layout {
            Layout::Table => Self::Table(Box::new(Table::new(dialect))),
            Layout::Lines => Split::new(dialect).map_or(Self::Nothing, Self::Lines),
            Layout::KeyValue => Self::KeyValue(Block::new(dialect)),
            Layout::Unknown | Layout::Empty => Self::Nothing,
        }
    }

    /// A blank line, ruler or footer: it ends a table row, but no block.
    fn pause(&mut self, out: &mut Output<'_>) {
        if let Self::Table(table) = self {
            table.end_row(out);
        }
    }

    /// The end of a section: nothing goes on behind it.
    fn close(&mut self, out: &mut Output<'_>) {
        match self {
            Self::Table(table) => table.end_row(out),
            Self::KeyValue(block) => end_block(block, out),
            Self::Lines(_) | Self::Nothing => {}
        }
    }

    fn text(&mut self, line: &Scanned<'t>, next: Option<&str>, out: &mut Output<'_>) {
        match self {
            Self::Table(table) => table.line(line, next, out),
            Self::KeyValue(block) => block_line(block, line.number, &line.text, out),
            Self::Lines(split) => split.line(line, out),
            Self::Nothing => {}
        }
    }
}

/// Splits the lines of the plugin's own form into rows.
struct Split<'t, 'd> {
    dialect: &'d Dialect,
    form: LineForm,
    row: Row<'t>,
}

impl<'t, 'd> Split<'t, 'd> {
    fn new(dialect: &'d Dialect) -> Option<Self> {
        let form = dialect.grammar().line_form?;
        Some(Self { dialect, form, row: Row::with_fields(dialect.grammar().fields.len()) })
    }

    fn line(&mut self, line: &Scanned<'t>, out: &mut Output<'_>) {
        let number = line.number;
        if out.sink.line(number, &line.text, out.warnings) {
            return;
        }
        let form = (self.dialect, self.form);
        let split = match &line.text {
            Cow::Borrowed(text) => split_into(&mut self.row, form, number, text, out),
            // A line that was changed lasts no longer than this call, nor does its row.
            Cow::Owned(text) => {
                let mut row = Row::with_fields(self.dialect.grammar().fields.len());
                split_into(&mut row, form, number, text, out)
            }
        };
        match split {
            Ok(()) => return,
            Err(misfit @ LineMisfit::BadRow) => out.skipped_row(misfit.code(), number),
            Err(misfit @ LineMisfit::NoRow) => out.warnings.add(misfit.code(), number),
        }
        out.sink.lost_line();
    }
}

fn split_into<'l>(
    row: &mut Row<'l>,
    (dialect, form): (&Dialect, LineForm),
    number: u32,
    text: &'l str,
    out: &mut Output<'_>,
) -> Result<(), LineMisfit> {
    row.start(number);
    (form.split)(dialect, text, row)?;
    out.row(row);
    Ok(())
}

fn end_block(block: &mut Block<'_>, out: &mut Output<'_>) {
    if let Some(row) = block.row() {
        // The block was counted at its start key, so that a footer inside it is right.
        let _ = out.sink.row(row, out.warnings);
    }
    block.close();
}

fn block_line(block: &mut Block<'_>, number: u32, text: &str, out: &mut Output<'_>) {
    let Some(pair) = KeyValue::read(text) else {
        if block.other(text) == Step::Unparsed {
            out.warnings.add(WarningCode::UnparsedLine, number);
        }
        return;
    };
    match block.field(pair.key) {
        Some(field) if block.starts_at(field) => {
            end_block(block, out);
            block.open(number, &pair, field);
            out.count(Counted::Yes);
        }
        None if block.row().is_some() && out.sink.member(number, &pair, out.warnings) => {
            block.pair(&pair, None);
        }
        field => block.pair(&pair, field),
    }
}
