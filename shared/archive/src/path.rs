//! Names of members: normalisation and what the ending says (specs: dumps 2.1, 2.2).

/// A member path with a `..` part. Such a member is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("path has a `..` part")]
pub struct UnsafePath;

/// Normalises a member path as it stands in a tar header (specs: dumps 2.2, steps 1 to 5).
///
/// `\` counts as `/`; a leading `X:` drive, leading `/`, empty and `.` parts are dropped; invalid UTF-8 is
/// replaced. A NUL, which no stored text can hold, is replaced likewise. The result may be empty (for `./`).
///
/// # Errors
/// [`UnsafePath`] if a part is `..`.
pub fn normalise(raw: &[u8]) -> Result<String, UnsafePath> {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(text.len());
    for part in without_drive(&text).split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => return Err(UnsafePath),
            part => {
                if !out.is_empty() {
                    out.push('/');
                }
                out.extend(part.chars().map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }));
            }
        }
    }
    Ok(out)
}

fn without_drive(text: &str) -> &str {
    match text.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => text.get(2..).unwrap_or_default(),
        _ => text,
    }
}

/// The last part of a normalised path, in lower case: what target globs are matched on (specs: dumps 2.2, step 6).
pub fn basename(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_lowercase()
}

/// Whether a member of this name is treated as an archive: `.tgz`, `.tar.gz` or `.tar`, any case.
pub fn is_archive_name(path: &str) -> bool {
    [".tgz", ".tar.gz", ".tar"].iter().any(|ending| without_ending(path, ending).is_some())
}

/// For a name under a compression that is not opened (`.gz` alone, `.zip`, any case): the path without that
/// ending.
pub fn unopened_name(path: &str) -> Option<&str> {
    if is_archive_name(path) {
        return None;
    }
    without_ending(path, ".gz").or_else(|| without_ending(path, ".zip"))
}

fn without_ending<'a>(path: &'a str, ending: &str) -> Option<&'a str> {
    let (stem, tail) = path.split_at_checked(path.len().checked_sub(ending.len())?)?;
    tail.eq_ignore_ascii_case(ending).then_some(stem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn norm(raw: &[u8]) -> String {
        normalise(raw).unwrap_or_else(|_| "refused".to_owned())
    }

    #[test]
    fn backslashes_are_separators() {
        assert_eq!(norm(br"cli\sub\CLI_Show_LSP.out"), "cli/sub/CLI_Show_LSP.out");
    }

    #[test]
    fn a_drive_and_leading_slashes_are_removed() {
        assert_eq!(norm(br"C:\dump\cli\a.out"), "dump/cli/a.out");
        assert_eq!(norm(b"c:a.out"), "a.out");
        assert_eq!(norm(b"///etc/passwd"), "etc/passwd");
        assert_eq!(norm(b"9:/a"), "9:/a");
        assert_eq!(norm(b"ab:/a"), "ab:/a");
    }

    #[test]
    fn empty_and_dot_parts_are_dropped() {
        assert_eq!(norm(b"./a//b/./c/"), "a/b/c");
        assert_eq!(norm(b"./"), "");
        assert_eq!(norm(b""), "");
    }

    #[test]
    fn a_parent_part_anywhere_is_unsafe() {
        for raw in ["..", "../a", "a/../b", "a/..", r"..\a", r"C:..\a", "/../a", r"a\..\..\b"] {
            assert_eq!(normalise(raw.as_bytes()), Err(UnsafePath), "{raw}");
        }
        assert_eq!(norm(b"a..b/...c/..d"), "a..b/...c/..d");
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(norm(b"a\xff/b\xe2\x28"), "a\u{fffd}/b\u{fffd}(");
        assert_eq!(norm(b"a\0b"), "a\u{fffd}b");
        assert_eq!(norm("Größe/ü".as_bytes()), "Größe/ü");
    }

    #[test]
    fn archive_names_are_known_by_their_ending_in_any_case() {
        for name in ["a.tgz", "A.TGZ", "x/b.Tar.Gz", "c.tar", ".tgz"] {
            assert!(is_archive_name(name), "{name}");
        }
        for name in ["a.gz", "tgz", "a.tgz.log", "a.tar.xz", "b.zip", "tar", "é"] {
            assert!(!is_archive_name(name), "{name}");
        }
    }

    #[test]
    fn gz_alone_and_zip_are_not_opened() {
        assert_eq!(unopened_name("x/a.out.GZ"), Some("x/a.out"));
        assert_eq!(unopened_name("a.zip"), Some("a"));
        assert_eq!(unopened_name("a.tar.gz"), None);
        assert_eq!(unopened_name("a.out"), None);
    }

    #[test]
    fn a_basename_is_the_last_part_in_lower_case() {
        assert_eq!(basename("cli/CLI_Show_NODE.out"), "cli_show_node.out");
        assert_eq!(basename("A"), "a");
        assert_eq!(basename(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn a_normalised_path_has_no_odd_part_and_stays_as_it_is(raw in proptest::collection::vec(
            prop_oneof![Just(b'/'), Just(b'\\'), Just(b'.'), Just(b':'), Just(b'a'), any::<u8>()], 0..24)) {
            if let Ok(path) = normalise(&raw) {
                prop_assert!(!path.contains(['\\', '\0']));
                prop_assert!(path.is_empty() || path.split('/').all(|part| !["", ".", ".."].contains(&part)));
                // A drive-like first part can only remain behind a leading slash.
                if !matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
                    prop_assert_eq!(normalise(path.as_bytes()), Ok(path));
                }
            }
        }
    }
}
