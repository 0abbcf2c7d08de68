//! The tags of one path component (specs: dumps 2.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::capture_time::first_position;
use crate::values::nename;

/// Whether an equipment controller was in charge when the dump was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// In charge.
    Act,
    /// Standing by.
    Stdby,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Act => "ACT",
            Self::Stdby => "STDBY",
        })
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no role: ACT, ACTIVE, STDBY, STBY, SBY and STANDBY do")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    /// Reads a whole token, in any case.
    fn from_str(token: &str) -> Result<Self, UnknownRole> {
        let is = |word: &&str| word.eq_ignore_ascii_case(token);
        if ["ACT", "ACTIVE"].iter().any(is) {
            Ok(Self::Act)
        } else if ["STDBY", "STBY", "SBY", "STANDBY"].iter().any(is) {
            Ok(Self::Stdby)
        } else {
            Err(UnknownRole(token.to_owned()))
        }
    }
}

/// The shelf of an equipment controller, with its slot where the name tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shelf {
    /// Shelf number, at most three digits.
    pub shelf: u16,
    /// Slot number, at most two digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u8>,
}

impl Shelf {
    /// The master shelf.
    pub const MASTER: u16 = 81;

    /// Whether this is the master shelf ("ECS81").
    pub fn is_master(self) -> bool {
        self.shelf == Self::MASTER
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ECS{}", self.shelf)?;
        self.slot.map_or(Ok(()), |slot| write!(f, "-{slot}"))
    }
}

/// What one path component tells. Of several tags of one kind the leftmost counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// The role.
    pub role: Option<Role>,
    /// The shelf and slot.
    pub shelf: Option<Shelf>,
    /// Whether it holds a time of any form.
    pub time: bool,
    /// The name of a network element as a plan writes it; see [`nename`].
    pub ne: Option<String>,
}

impl Tags {
    /// Reads the tags of one path component. An archive extension is dropped first.
    pub fn of(component: &str) -> Self {
        let stem = without_archive_extension(component);
        let tokens = tokens(stem);
        let role = tokens.iter().find_map(|(at, token)| Some((*at, token.parse().ok()?)));
        let shelf = leftmost_shelf(&tokens);
        let time = first_position(stem);
        let first_tag = [role.map(|(at, _)| at), shelf.map(|(at, _)| at), time].into_iter().flatten().min();
        Self {
            role: role.map(|(_, role)| role),
            shelf: shelf.map(|(_, shelf)| shelf),
            time: time.is_some(),
            ne: first_tag.and_then(|end| stem.get(..end)).and_then(network_element),
        }
    }

    /// Whether a directory of this name is a container of its own (specs: dumps 2.4).
    pub fn has_role_or_shelf(&self) -> bool {
        self.role.is_some() || self.shelf.is_some()
    }
}

/// A name without one archive extension: `.tgz`, `.tar.gz` or `.tar`, in any case.
pub fn without_archive_extension(name: &str) -> &str {
    let stem = |extension: &str| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(extension.len())?)?;
        end.eq_ignore_ascii_case(extension).then_some(stem)
    };
    [".tgz", ".tar.gz", ".tar"].into_iter().find_map(stem).unwrap_or(name)
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The runs of letters and digits with their positions in bytes.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut at = 0_usize;
    for piece in text.split_inclusive(is_separator) {
        let token = piece.trim_end_matches(is_separator);
        if !token.is_empty() {
            tokens.push((at, token));
        }
        at = at.saturating_add(piece.len());
    }
    tokens
}

fn is_separator(character: char) -> bool {
    !character.is_alphanumeric()
}

fn leftmost_shelf(tokens: &[(usize, &str)]) -> Option<(usize, Shelf)> {
    let token = |index: usize| tokens.get(index).map(|(_, token)| *token);
    tokens.iter().enumerate().find_map(|(index, (at, head))| {
        let next = token(index.saturating_add(1));
        if let Some(number) = prefixed(head, "ECS") {
            let shelf =
                Shelf { shelf: number_of(number, 3)?, slot: next.and_then(|slot| number_of(slot, 2)) };
            return Some((*at, shelf));
        }
        if !is_controller(head) {
            return None;
        }
        let slot = token(index.saturating_add(2)).and_then(|slot| number_of(slot, 2))?;
        Some((*at, Shelf { shelf: number_of(next?, 3)?, slot: Some(slot) }))
    })
}

fn prefixed<'a>(token: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = token.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// The product words that come before shelf and slot.
fn is_controller(token: &str) -> bool {
    ["EC1830", "32EC2"].iter().any(|word| word.eq_ignore_ascii_case(token))
}

/// A number of at most `width` digits. The widths keep dates from being taken for shelves and slots.
fn number_of<T: FromStr>(token: &str, width: usize) -> Option<T> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    (digits && token.len() <= width).then(|| token.parse().ok()).flatten()
}

/// The text before the first tag, unless it is no name: empty, the dump's own prefix or a product word.
fn network_element(before: &str) -> Option<String> {
    let text = before.trim_end_matches(is_separator);
    let name = nename(text)?;
    let is_dump = prefixed(text, "GMRE_DUMP").is_some();
    (!is_dump && !is_controller(text)).then(|| name.into())
}
