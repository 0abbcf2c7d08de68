//! The words that mean "no value".

use super::names::trim;

/// The null words besides the empty text (specs: dumps 3.4).
const WORDS: [&str; 11] = ["-", "--", "---", "n/a", "na", "none", "<none>", "null", "unknown", "?", ""];

/// Whether a cell holds no value: empty, or one of the null words in any case.
///
/// The two exceptions of 3.4 (severity `NA`, protection `none`) are vocabularies, and those are asked first:
/// see [`super::word`].
#[inline]
pub fn is_null(text: &str) -> bool {
    // Most cells are told by their first letter. Blanks may stand before it, also those beyond ASCII.
    match text.as_bytes() {
        [] => true,
        [b'-' | b'n' | b'N' | b'<' | b'u' | b'U' | b'?' | ..=b' ' | 0x7f.., ..] => is_null_word(trim(text)),
        _ => false,
    }
}

fn is_null_word(text: &str) -> bool {
    // The longest has seven letters.
    text.len() <= 7 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
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
