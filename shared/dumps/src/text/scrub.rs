//! The slow way of cleaning, for lines with control characters or pager tokens (specs: dumps 3.1, step 3).

use super::clean::PAGER;

const TAB_COLUMNS: usize = 8;

/// Cleans one line without its line end, in the order of the specification.
pub(super) fn scrub(raw: &str) -> String {
    let line = without_sequences(raw);
    let line = match PAGER.as_ref() {
        Some(pager) => pager.replace_all(&line, "").into_owned(),
        None => line,
    };
    let line = if line.contains('\u{8}') { with_backspaces(&line) } else { line };
    let shown = line.rsplit('\r').next().unwrap_or_default();
    let mut out = with_tabs(shown);
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Drops NULs, trailing carriage returns and ANSI control sequences. An unfinished sequence stays.
fn without_sequences(raw: &str) -> String {
    let bare: String = raw.chars().filter(|c| *c != '\0').collect();
    let mut rest = bare.trim_end_matches('\r');
    let mut out = String::with_capacity(rest.len());
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = sequence.find(|c: char| !(' '..='?').contains(&c));
        match end.and_then(|at| sequence.split_at_checked(at)) {
            Some((_, tail)) if tail.starts_with(|c: char| ('@'..='~').contains(&c)) => {
                rest = tail.get(1..).unwrap_or_default();
            }
            _ => {
                out.push_str("\u{1b}[");
                rest = sequence;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Each backspace removes the character before it, if any.
fn with_backspaces(line: &str) -> String {
    line.chars().fold(String::with_capacity(line.len()), |mut out, c| {
        if c == '\u{8}' {
            out.pop();
        } else {
            out.push(c);
        }
        out
    })
}

fn with_tabs(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut column = 0_usize;
    for c in line.chars() {
        if c != '\t' {
            out.push(c);
            column = column.saturating_add(1);
            continue;
        }
        let blanks = TAB_COLUMNS.saturating_sub(column % TAB_COLUMNS);
        out.extend(std::iter::repeat_n(' ', blanks));
        column = column.saturating_add(blanks);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_the_cleaning_shows() {
        for (raw, clean) in [
            ("a\0b", "ab"),
            ("\u{1b}[1;31mred\u{1b}[0m  ", "red"),
            ("\u{1b}[?25hx", "x"),
            ("--More--          next", "          next"),
            ("-- more --\rnext", "next"),
            ("--MORE--\r          \r4  TRAIL", "4  TRAIL"),
            ("a Press any key to continue...b", "a b"),
            ("abd\u{8}c", "abc"),
            ("\u{8}\u{8}ab", "ab"),
            ("--More--\u{8}\u{8}x", "x"),
            ("old\rnew", "new"),
            ("a\tb", "a       b"),
            ("12345678\tb", "12345678        b"),
            ("å\tb", "å       b"),
            ("a\t", "a"),
            ("x\u{1b}[12", "x\u{1b}[12"),
            ("\u{1b}[\u{1b}[mx", "\u{1b}[x"),
        ] {
            assert_eq!(scrub(raw), clean, "{raw:?}");
        }
    }
}
