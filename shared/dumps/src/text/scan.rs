//! The lines of a file, each with its kind.

use std::borrow::Cow;

use super::clean::{CleanText, Line, Lines};
use super::dialect::Dialect;
use super::noise::{Kind, kind};
use super::prompt::{Prompt, prompt};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Over the length limit, dropped.
    TooLong,
    /// A prompt line. Never counts.
    Prompt(Prompt),
    /// Anything else.
    Of(Kind),
}

/// One line with its kind.
#[derive(Debug, Clone)]
pub(super) struct Scanned<'t> {
    pub number: u32,
    pub text: Cow<'t, str>,
    pub kind: LineKind,
}

/// Walks a file line by line.
#[derive(Debug, Clone)]
pub(super) struct Scan<'t, 'd> {
    lines: Lines<'t>,
    dialect: &'d Dialect,
    prompts: bool,
    /// How many bytes were left at the next `#`: a line without one is no prompt line.
    hash: usize,
}

impl<'t, 'd> Scan<'t, 'd> {
    pub fn of(text: &'t CleanText<'_>, dialect: &'d Dialect) -> Self {
        // Plugins without commands know no sections and no prompts.
        Self {
            lines: text.lines(),
            dialect,
            prompts: !dialect.grammar().commands.is_empty(),
            hash: usize::MAX,
        }
    }
}

impl<'t> Scan<'t, '_> {
    /// The next line, if it is a ruler. It is given again afterwards.
    pub fn ruler_ahead(&self) -> Option<Scanned<'t>> {
        if !self.lines.may_be_ruler() {
            return None;
        }
        self.clone().next().filter(|line| line.kind == LineKind::Of(Kind::Ruler))
    }

    /// Takes the next line, and tells whether it may be a prompt line.
    #[inline]
    fn next_line(&mut self) -> Option<(Line<'t>, bool)> {
        if self.prompts && self.hash > self.lines.left() {
            self.hash = self.lines.left_at(b'#');
        }
        let line = self.lines.next()?;
        Some((line, self.prompts && self.hash > self.lines.left()))
    }

    /// Passes over lines that cannot be a prompt line.
    pub fn skip_to_prompt(&mut self) {
        self.lines.skip_to(b'#');
    }
}

impl<'t> Iterator for Scan<'t, '_> {
    type Item = Scanned<'t>;

    #[inline]
    fn next(&mut self) -> Option<Scanned<'t>> {
        let (line, may_be_prompt) = self.next_line()?;
        let Some(text) = line.text else {
            return Some(Scanned { number: line.number, text: Cow::Borrowed(""), kind: LineKind::TooLong });
        };
        let grammar = self.dialect.grammar();
        let prompt = may_be_prompt.then(|| prompt(&text, grammar.commands)).flatten();
        let kind = prompt.map_or_else(|| LineKind::Of(kind(&text, self.dialect)), LineKind::Prompt);
        Some(Scanned { number: line.number, text, kind })
    }
}
