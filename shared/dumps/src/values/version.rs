//! Software versions.

use std::fmt;

/// A version `MAJOR.MINOR[-PATCH]`. The order is (major, minor, patch), no patch before patch 0
/// (specs: dumps 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: Option<u32>,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, "-{patch}"))
    }
}

/// What a version text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionText {
    /// The version, if one was found.
    pub version: Option<Version>,
    /// The build: the word after `build`, else the fourth number.
    pub build: Option<String>,
}

impl VersionText {
    /// Finds the version and the build in a free text such as `R 14.1-2 (build 0452)`.
    pub fn read(text: &str) -> Self {
        let text = blank_dots(text);
        let found = first_version(&text);
        let named = build_word(&text);
        let fourth = found.and_then(|(_, fourth)| fourth).map(|number| number.to_string());
        Self { version: found.map(|(version, _)| version), build: named.or(fourth) }
    }
}

/// A dot directly between a letter and a digit counts as a blank, so `Rel.14.1` reads as `Rel 14.1`.
fn blank_dots(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let between = (before.is_alphabetic() && after.is_ascii_digit())
            || (before.is_ascii_digit() && after.is_alphabetic());
        out.push(if c == '.' && between { ' ' } else { c });
        before = c;
    }
    out
}

/// The first version of the text and its fourth number.
fn first_version(text: &str) -> Option<(Version, Option<u32>)> {
    let mut rest = text;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let starts = next.is_ascii_digit() && !before.is_ascii_digit() && before != '.';
        if let Some(found) = starts.then(|| version_at(rest)).flatten() {
            return Some(found);
        }
        before = next;
        rest = rest.get(next.len_utf8()..)?;
    }
    None
}

/// A version that starts here and is not followed by a digit or dot; the longest form that fits.
fn version_at(text: &str) -> Option<(Version, Option<u32>)> {
    let (major, rest) = number(text)?;
    let (minor, after_minor) = number(rest.strip_prefix('.')?)?;
    let patch = next_number(after_minor);
    let fourth = patch.and_then(|(_, rest)| next_number(rest));
    let ends = |rest: &str| !rest.starts_with(|c: char| c == '.' || c.is_ascii_digit());
    if let (Some((patch, _)), Some((fourth, rest))) = (patch, fourth)
        && ends(rest)
    {
        return Some((Version { major, minor, patch: Some(patch) }, Some(fourth)));
    }
    if let Some((patch, rest)) = patch
        && ends(rest)
    {
        return Some((Version { major, minor, patch: Some(patch) }, None));
    }
    ends(after_minor).then_some((Version { major, minor, patch: None }, None))
}

fn next_number(text: &str) -> Option<(u32, &str)> {
    number(text.strip_prefix(['-', '.'])?)
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// The word after `build`.
fn build_word(text: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '-';
    let mut words = text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    words.by_ref().find(|word| word.eq_ignore_ascii_case("build"))?;
    words.next().map(|word| word.trim_end_matches(['.', '-']).to_owned()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>) {
        let found = VersionText::read(text);
        (found.version.map(|v| v.to_string()), found.build)
    }

    #[test]
    fn versions_read_as_the_table_says() {
        for text in [
            "R 14.1-2",
            "R14.1-2",
            "Rel. 14.1.2",
            "Rel.14.1.2",
            "Release 14.01-02",
            "1830PSS-14.1-2",
            "1830PSSECX-14.1-2",
            "V 14.1.2",
        ] {
            assert_eq!(read(text), (Some("14.1-2".into()), None), "{text:?}");
        }
        assert_eq!(read("R 14.1-2 (build 0452)"), (Some("14.1-2".into()), Some("0452".into())));
        assert_eq!(read("14.1.2-7"), (Some("14.1-2".into()), Some("7".into())));
        assert_eq!(read("R14.1"), (Some("14.1".into()), None));
        assert_eq!(read("1830PSSECX-22.12-0"), (Some("22.12-0".into()), None));
        assert_eq!(read("GMRE unknown"), (None, None));
    }

    #[test]
    fn a_digit_or_dot_around_the_numbers_makes_them_no_version() {
        assert_eq!(read("14.1.2.3.4"), (None, None));
        assert_eq!(read("10.20.0.1.5 then 14.1"), (Some("14.1".into()), None));
        assert_eq!(read("14"), (None, None));
        assert_eq!(read("14.1."), (None, None));
        assert_eq!(read("99999999999.1"), (None, None));
    }

    #[test]
    fn the_named_build_wins_over_a_fourth_number() {
        assert_eq!(read("14.1.2-7 Build 0452b"), (Some("14.1-2".into()), Some("0452b".into())));
        assert_eq!(read("14.1 build"), (Some("14.1".into()), None));
    }

    #[test]
    fn versions_sort_by_their_numbers_and_no_patch_comes_first() {
        let of = |text| VersionText::read(text).version.unwrap();
        assert!(of("9.2") < of("14.1"));
        assert!(of("14.1") < of("14.1-0"));
        assert!(of("14.1-2") < of("14.1-10"));
    }
}
