//! Texts made into keys.

use crate::capture_time::without_times;
use crate::names::{base_name, without_archive_extension};

/// Lower case, each run of characters that are not letters or digits is one `between`.
pub(super) fn slug(text: &str, between: char) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            out.push(character);
        } else if !out.ends_with(between) {
            out.push(between);
        }
    }
    out
}

/// The default origin of an object with this name.
pub(super) fn of_file(outer: &str) -> String {
    let name = slug(&without_times(without_archive_extension(base_name(outer))), '_');
    let name = name.trim_matches('_');
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}
