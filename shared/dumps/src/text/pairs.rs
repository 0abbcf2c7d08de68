//! `key=value` pairs between other words, as several line forms have them (specs: dumps 4.4, 4.6, 4.8, 4.9).

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// `key=value` or `key="value"`, without the quotes.
    Pair {
        /// The key as written: letters, digits and `_ . -`.
        key: &'t str,
        /// The value, which may be empty.
        value: &'t str,
    },
    /// Any other word.
    Word(&'t str),
}

/// The parts of a line, from left to right. A quote that is not closed is an ordinary character.
pub fn parts(line: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let (part, after) = quoted(rest).unwrap_or_else(|| plain(rest));
        rest = after;
        Some(part)
    })
}

/// `key="value"`; the value may hold blanks.
fn quoted(text: &str) -> Option<(Part<'_>, &str)> {
    let (key, rest) = key(text)?;
    let (value, after) = rest.strip_prefix('"')?.split_once('"')?;
    Some((Part::Pair { key, value }, after))
}

fn plain(text: &str) -> (Part<'_>, &str) {
    let end = word_end(text);
    let (word, after) = text.split_at_checked(end).unwrap_or((text, ""));
    let part = match key(word) {
        Some((key, value)) => Part::Pair { key, value },
        None => Part::Word(word),
    };
    (part, after)
}

fn word_end(text: &str) -> usize {
    match text.bytes().enumerate().find(|(_, byte)| !byte.is_ascii_graphic()) {
        Some((end, b' ')) => end,
        None => text.len(),
        // It may be a letter, or another kind of blank.
        Some(_) => text.find(char::is_whitespace).unwrap_or(text.len()),
    }
}

/// The key at the start, and what follows its `=`.
fn key(text: &str) -> Option<(&str, &str)> {
    let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let end = match text.bytes().enumerate().find(|(_, byte)| !is_key(*byte))? {
        (end, byte) if byte.is_ascii() => end,
        // Letters beyond ASCII are letters too.
        _ => text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-'))?,
    };
    let (key, rest) = text.split_at_checked(end)?;
    (!key.is_empty()).then_some((key, rest.strip_prefix('=')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_words_are_told_apart() {
        let pair = |key, value| Part::Pair { key, value };
        let of = |line| parts(line).collect::<Vec<_>>();
        assert_eq!(
            of("a=1 word  b-2=\"x  y\" c="),
            [pair("a", "1"), Part::Word("word"), pair("b-2", "x  y"), pair("c", "")]
        );
        assert_eq!(of("a=b=c =d \"e=f\""), [pair("a", "b=c"), Part::Word("=d"), Part::Word("\"e=f\"")]);
        assert_eq!(of("a=\"open b=1"), [pair("a", "\"open"), pair("b", "1")]);
        assert_eq!(of("a=\"x\"b=1"), [pair("a", "x"), pair("b", "1")]);
        assert_eq!(of("  "), []);
        assert_eq!(
            of("å=ä\u{a0}bå\tc=ö x"),
            [pair("å", "ä"), Part::Word("bå"), pair("c", "ö"), Part::Word("x")]
        );
        assert_eq!(of("a\u{7f}b=1"), [Part::Word("a\u{7f}b=1")]);
    }
}
