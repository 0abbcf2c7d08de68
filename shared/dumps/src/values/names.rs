//! Free text, tokens and node names.

use compact_str::CompactString;

use super::eights::{Look, is_spaced};

/// Trims and makes each run of inner blanks one blank. `None` if nothing is left.
pub fn text(text: &str) -> Option<CompactString> {
    joined(text, Look::at(text), ' ')
}

/// As [`text`], in upper case (Unicode's).
pub fn token(token: &str) -> Option<CompactString> {
    upper_joined(token, ' ')
}

/// A node's name: trimmed, each run of inner blanks one `_`, upper case (specs: dumps 3.4).
pub fn nename(name: &str) -> Option<CompactString> {
    upper_joined(name, '_')
}

fn upper_joined(text: &str, between: char) -> Option<CompactString> {
    let look = Look::at(text);
    let joined = joined(text, look, between)?;
    // Most texts are in upper case already.
    Some(if look.graphic && !look.lower { joined } else { upper(joined) })
}

/// Trims and changes nothing inside.
pub fn trimmed(text: &str) -> Option<CompactString> {
    let text = trim(text);
    (!text.is_empty()).then(|| text.into())
}

/// The text without blanks around it, as [`str::trim`]; quick where there are none.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let is_tight = match text.as_bytes() {
        [only] => only.is_ascii_graphic(),
        [first, .., last] => first.is_ascii_graphic() && last.is_ascii_graphic(),
        [] => true,
    };
    if is_tight { text } else { text.trim() }
}

/// Upper case, in place where the text is ASCII.
pub(super) fn upper(mut text: CompactString) -> CompactString {
    if text.is_ascii() {
        text.make_ascii_uppercase();
        return text;
    }
    text.to_uppercase()
}

fn joined(text: &str, look: Look, between: char) -> Option<CompactString> {
    // Most texts are one word, and most others have single blanks already.
    if look.graphic || (between == ' ' && is_spaced(text)) {
        return (!text.is_empty()).then(|| text.into());
    }
    let mut words = text.split_whitespace();
    let mut out = CompactString::with_capacity(text.len());
    out.push_str(words.next()?);
    for word in words {
        out.push(between);
        out.push_str(word);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_case_follow_the_type() {
        assert_eq!(text("  Far   end ").as_deref(), Some("Far end"));
        assert_eq!(token(" los-p  x").as_deref(), Some("LOS-P X"));
        assert_eq!(nename(" vaa  ola 09").as_deref(), Some("VAA_OLA_09"));
        assert_eq!(nename("åland 1").as_deref(), Some("ÅLAND_1"));
        assert_eq!(trimmed(" a  b ").as_deref(), Some("a  b"));
        assert_eq!(text("   "), None);
    }
}
