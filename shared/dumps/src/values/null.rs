//! The words that mean "no value".

use super::names::trim;

/// The null words besides the empty text (specs: dumps 3.4).
const WORDS: [&str; 11] = ["-", "--", "---", "n/a", "na", "none", "<none>", "null", "unknown", "?", ""];

/// Whether a cell holds no value: empty, or one of the null words in any case.
///
/// The two exceptions of 3.4 (severity `NA`, protection `none`) are vocabularies, and those are asked first:
/// see [`super::word`].
pub fn is_null(text: &str) -> bool {
    let text = trim(text);
    // The longest word has seven letters, so most cells are decided by their length and their first letter.
    let may_be = text.len() <= 7
        && text.bytes().next().is_none_or(|b| matches!(b, b'-' | b'n' | b'N' | b'<' | b'u' | b'U' | b'?'));
    may_be && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_null_words_hold_in_any_case_and_with_blanks_around() {
        for text in ["", "  ", "-", "--", "---", "N/A", "na", "None", "<NONE>", "NULL", " Unknown ", "?"] {
            assert!(is_null(text), "{text:?}");
        }
    }

    #[test]
    fn other_short_words_are_values() {
        for text in ["----", "0", "no", "nil", "none.", "n a", "unknown1", "."] {
            assert!(!is_null(text), "{text:?}");
        }
    }
}
