//! JSON as rows need it: strings, and null.

/// Whether a text has characters that JSON wants escaped. Looks at all of it, which is quicker than to stop.
pub(crate) fn needs_escapes(text: &str) -> bool {
    let wants = |byte| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    text.bytes().fold(0, |found, byte| found | wants(byte)) != 0
}

/// Adds a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

/// Adds what stands between the quotes of a JSON string.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let mut plain = text;
    while let Some(at) = plain.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (before, rest) = plain.split_at_checked(at).unwrap_or((plain, ""));
        out.push_str(before);
        let mut characters = rest.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(control) => push_code(out, control),
            None => {}
        }
        plain = characters.as_str();
    }
    out.push_str(plain);
}

/// Adds `\u00XX`.
fn push_code(out: &mut String, control: char) {
    out.push_str("\\u00");
    let code = u32::from(control);
    for digit in [code >> 4, code & 0xf] {
        out.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}
