//! Closed sets of words.

use super::eights::{const_number, lower_number};
use super::names::trim;

/// A closed set of values that are written with several words.
pub trait Vocabulary: Copy + 'static {
    /// Every word in lower case with single blanks, and what it means.
    const WORDS: &'static [(&'static str, Self)];

    /// The same with the numbers of the words that have one, for a quick look.
    const NUMBERS: &'static [(u64, Self)];
}

/// Reads a word of a vocabulary, in any case and with any blanks between its parts.
///
/// A vocabulary is asked before the null words are, so that `na` as a severity and `none` as a protection keep
/// their meaning (specs: dumps 3.4).
pub fn word<V: Vocabulary>(text: &str) -> Option<V> {
    // Most words are short.
    lower_number(text).and_then(|number| of_number(V::NUMBERS, number)).or_else(|| any_word(text))
}

fn of_number<T: Copy>(numbers: &[(u64, T)], number: u64) -> Option<T> {
    numbers.iter().find(|(known, _)| *known == number).map(|(_, value)| *value)
}

fn any_word<V: Vocabulary>(text: &str) -> Option<V> {
    let text = trim(text);
    let first = text.bytes().next()?.to_ascii_lowercase();
    let mut alike = V::WORDS.iter().filter(|(word, _)| word.bytes().next() == Some(first));
    alike.find(|(word, _)| same_words(text, word)).map(|(_, value)| *value)
}

/// Reads `yn` (specs: dumps 3.4): whether something is service affecting.
pub fn yes_no(text: &str) -> Option<bool> {
    const WORDS: [(u64, bool); 8] = [
        (const_number("sa"), true),
        (const_number("yes"), true),
        (const_number("y"), true),
        (const_number("true"), true),
        (const_number("nsa"), false),
        (const_number("no"), false),
        (const_number("n"), false),
        (const_number("false"), false),
    ];
    of_number(&WORDS, lower_number(trim(text))?)
}

/// Whether a trimmed text is this word of a vocabulary.
fn same_words(text: &str, word: &str) -> bool {
    if text.len() == word.len() {
        return text.eq_ignore_ascii_case(word);
    }
    if text.len() < word.len() || !word.contains(' ') {
        return false;
    }
    text.split_whitespace().map(str::to_ascii_lowercase).eq(word.split(' '))
}

/// Declares an enum with its stored text and the words that mean it.
macro_rules! vocabulary {
    (
        $(#[$meta:meta])* $name:ident
        { $( $(#[$variant_meta:meta])* $variant:ident = $text:literal : [$($word:literal),*] ),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant ),+ }

        impl $name {
            /// The value as it is stored.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text ),+ }
            }
        }

        impl $crate::values::Vocabulary for $name {
            const WORDS: &'static [(&'static str, Self)] = &[ $( $( ($word, Self::$variant), )* )+ ];
            const NUMBERS: &'static [(u64, Self)] =
                &[ $( $( ($crate::values::const_number($word), Self::$variant), )* )+ ];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// Whether something works (type `oper`, specs: dumps 3.4).
    OperState {
        /// In service.
        Up = "UP": ["up", "is", "in service", "enabled", "ok", "active"],
        /// Out of service.
        Down = "DOWN": ["down", "dwn", "oos", "out of service", "disabled", "failed"],
        /// Works in part.
        Degraded = "DEGRADED": ["degraded", "deg", "partial"],
        /// Not told, or told in words we do not know.
        Unknown = "UNKNOWN": [],
    }
}

vocabulary! {
    /// What an operator wants of it (type `admin`, specs: dumps 3.4).
    AdminState {
        /// Switched on.
        Up = "UP": ["up", "enabled", "unlocked"],
        /// Switched off.
        Down = "DOWN": ["down", "disabled", "locked"],
        /// Under maintenance.
        Maint = "MAINT": ["maintenance", "mt"],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_spacing() {
        for (text, value) in [
            ("UP", Some(OperState::Up)),
            (" In   Service ", Some(OperState::Up)),
            ("out of service", Some(OperState::Down)),
            ("Deg", Some(OperState::Degraded)),
            ("out of", None),
            ("in service now", None),
            ("inservice", None),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(word::<OperState>(text), value, "{text:?}");
        }
        assert_eq!(word::<AdminState>("MT"), Some(AdminState::Maint));
        assert_eq!(word::<AdminState>("Unlocked"), Some(AdminState::Up));
    }

    #[test]
    fn service_affecting_is_yes_or_no() {
        assert_eq!(
            ["SA", "nsa", "Y", "no", "TRUE", "maybe"].map(yes_no),
            [Some(true), Some(false), Some(true), Some(false), Some(true), None]
        );
    }

    proptest! {
        #[test]
        fn the_quick_look_finds_the_word_that_the_words_have(
            text in "[ ]?(up|IS|In Service|enabled|oK|dwn|oos|out  of service|failed|deg|partial|x)[ e]?",
        ) {
            prop_assert_eq!(word::<OperState>(&text), any_word::<OperState>(&text));
        }
    }
}
