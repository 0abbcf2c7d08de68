//! Keys of areas, and of places within them (specs: tickets 8).

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// A place whose name has fewer letters once the codes are gone is none.
const LETTERS: usize = 3;

/// The key of an area: lower case, trimmed, white space collapsed; none of nothing.
pub fn cluster_key(cluster: &str) -> Option<String> {
    let mut key = String::new();
    write_cluster_key(cluster, &mut key).then_some(key)
}

/// The key of a place: its name without network codes, in lower case; none if too few letters are left.
pub fn location_key(location_name: &str) -> Option<String> {
    let mut key = String::new();
    write_location_key(location_name, &mut key).then_some(key)
}

/// Writes the key of an area; false if there is none.
pub(crate) fn write_cluster_key(cluster: &str, key: &mut String) -> bool {
    key.clear();
    for word in cluster.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        push_lower(key, word);
    }
    !key.is_empty()
}

/// Writes the key of a place; false if there is none.
pub(crate) fn write_location_key(location_name: &str, key: &mut String) -> bool {
    key.clear();
    let mut text = Cow::Borrowed(location_name.trim());
    for code in &CODES {
        text = code.strip(text);
    }
    // Blanks that were at an end go with the marks around them, those within become one.
    let trimmed = |c: char| is_joint(c) || matches!(c, '-' | ',' | '.' | ';' | ':');
    let name = text.trim_matches(trimmed);
    for word in name.split(is_joint).filter(|word| !word.is_empty()) {
        if !key.is_empty() {
            key.push(' ');
        }
        push_lower(key, word);
    }
    name.bytes().filter(u8::is_ascii_alphabetic).count() >= LETTERS
}

/// What becomes a blank between words.
fn is_joint(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '_' | '/' | '|')
}

fn push_lower(key: &mut String, word: &str) {
    if word.is_ascii() {
        let start = key.len();
        key.push_str(word);
        if let Some(added) = key.get_mut(start..) {
            added.make_ascii_lowercase();
        }
    } else {
        key.push_str(&word.to_lowercase());
    }
}

/// A class of network codes.
struct Code {
    pattern: LazyLock<Option<Regex>>,
    /// Whether a text may have one: quicker than the pattern, and most texts have none.
    possible: fn(&str) -> bool,
}

impl Code {
    /// The text with each match replaced by a blank.
    fn strip<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if !(self.possible)(&text) {
            return text;
        }
        let Some(pattern) = self.pattern.as_ref() else { return text };
        let stripped = match pattern.replace_all(&text, " ") {
            Cow::Owned(stripped) => Some(stripped),
            Cow::Borrowed(_) => None,
        };
        stripped.map_or(text, Cow::Owned)
    }
}

/// The classes, in the order in which they are stripped. All are ASCII, letters in any case.
static CODES: [Code; 5] = [
    // In brackets, with a digit: (GPON 0/3/12).
    Code {
        pattern: LazyLock::new(|| Regex::new(r"\([^)]*[0-9][^)]*\)").ok()),
        possible: |text| text.contains('(') && has_digit(text),
    },
    // A port: 0/3/12.
    Code {
        pattern: LazyLock::new(|| Regex::new(r"(?-u:\b)[0-9]+/[0-9]+(?:/[0-9]+)*(?-u:\b)").ok()),
        possible: |text| text.contains('/') && has_digit(text),
    },
    // By site: KE-NRB-4411, MSA_12.
    Code {
        pattern: LazyLock::new(|| {
            Regex::new(r"(?i-u)\b(?:KE|NBO|NRB|MSA|KSM|NKR|ELD)(?:[-_][A-Z0-9]+)+\b").ok()
        }),
        possible: |text| text.contains(['-', '_']),
    },
    // By kind of equipment: FDT02, OLT-7A.
    Code {
        pattern: LazyLock::new(|| {
            let kinds = "OLT|ONT|ONU|FAT|FDT|FDH|FDB|ODF|MSAN|GPON|SPL|PON|BTS|AP|SW";
            Regex::new(&format!(r"(?i-u)\b(?:{kinds})[-_ ]?[0-9]+[A-Z]?\b")).ok()
        }),
        possible: has_digit,
    },
    // A pole or port: P10.
    Code { pattern: LazyLock::new(|| Regex::new(r"(?i-u)\bP[0-9]{1,3}\b").ok()), possible: has_digit },
];

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_codes_compiles() {
        assert!(CODES.iter().all(|code| code.pattern.is_some()));
    }
}
