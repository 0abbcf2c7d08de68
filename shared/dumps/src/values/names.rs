//! Free text, tokens and node names.

/// Trims and makes each run of inner blanks one blank. `None` if nothing is left.
pub fn text(text: &str) -> Option<String> {
    joined(text, " ")
}

/// As [`text`], in upper case (Unicode's).
pub fn token(token: &str) -> Option<String> {
    text(token).map(upper)
}

/// A node's name: trimmed, each run of inner blanks one `_`, upper case (specs: dumps 3.4).
pub fn nename(name: &str) -> Option<String> {
    joined(name, "_").map(upper)
}

/// Trims and changes nothing inside.
pub fn trimmed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Upper case, in place where the text is ASCII.
pub(super) fn upper(mut text: String) -> String {
    if text.is_ascii() {
        text.make_ascii_uppercase();
        return text;
    }
    text.to_uppercase()
}

fn joined(text: &str, between: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let mut out = String::with_capacity(text.len());
    out.push_str(words.next()?);
    for word in words {
        out.push_str(between);
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
