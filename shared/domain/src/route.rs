//! Which feed a key belongs to, and what the front door does with it.

use crate::{Reason, Stage};

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feed {
    /// Node dump archives below `dumps/`.
    Dumps,
}

impl Feed {
    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dumps => "dumps",
        }
    }

    /// The prefix of the feed's keys.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Dumps => "dumps/",
        }
    }
}

/// What the front door does with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Hand it to a stage.
    Stage {
        /// The feed.
        feed: Feed,
        /// Where it goes.
        stage: Stage,
    },
    /// It is not input; the reason says why.
    Ignore {
        /// The feed, where the key lies in one.
        feed: Option<Feed>,
        /// Why.
        reason: Reason,
    },
}

/// Routes a key by its prefix and suffix (specs: dumps 6.1). Suffixes compare in any case.
pub fn route(key: &str) -> Route {
    let feed = Feed::Dumps;
    if !key.starts_with(feed.prefix()) {
        let text = format!("no feed takes this key: watched is {}", feed.prefix());
        return Route::Ignore { feed: None, reason: Reason::new("no_feed").with_text(text) };
    }
    let ignore = |reason| Route::Ignore { feed: Some(feed), reason };
    match KeyKind::of(key) {
        KeyKind::Archive => Route::Stage { feed, stage: Stage::PlanArchive },
        KeyKind::Sidecar { .. } => {
            ignore(Reason::new("sidecar").with_text("metadata of the archive beside it"))
        }
        KeyKind::OtherSuffix => {
            ignore(Reason::new("suffix").with_text("a dump archive ends in .tgz or .tar.gz"))
        }
    }
}

/// What a key of the dump feed names, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind<'a> {
    /// A dump archive: `.tgz` or `.tar.gz`.
    Archive,
    /// The metadata of an archive: `.json` after one of these.
    Sidecar {
        /// The key of the archive.
        archive: &'a str,
    },
    /// Nothing this feed wants: `ignored` (`suffix`).
    OtherSuffix,
}

impl<'a> KeyKind<'a> {
    /// Reads the suffix of a key or file name, in any case.
    pub fn of(key: &'a str) -> Self {
        let is_archive = |key| [".tgz", ".tar.gz"].iter().any(|suffix| without_suffix(key, suffix).is_some());
        match without_suffix(key, ".json") {
            _ if is_archive(key) => Self::Archive,
            Some(archive) if is_archive(archive) => Self::Sidecar { archive },
            _ => Self::OtherSuffix,
        }
    }
}

fn without_suffix<'a>(key: &'a str, suffix: &str) -> Option<&'a str> {
    let (stem, end) = key.split_at_checked(key.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(key: &str) -> String {
        match route(key) {
            Route::Stage { stage, .. } => stage.to_string(),
            Route::Ignore { reason, .. } => reason.code.into_owned(),
        }
    }

    #[test]
    fn a_suffix_tells_an_archive_from_its_sidecar_in_any_case() {
        let table = [
            ("a.tgz", KeyKind::Archive),
            ("dumps/a.tar.Gz", KeyKind::Archive),
            (".TGZ", KeyKind::Archive),
            ("dumps/a.tgz.JSON", KeyKind::Sidecar { archive: "dumps/a.tgz" }),
            ("a.tgz.json.json", KeyKind::OtherSuffix),
            ("a.json", KeyKind::OtherSuffix),
            ("a.tar", KeyKind::OtherSuffix),
            ("a.gz", KeyKind::OtherSuffix),
            ("tgz", KeyKind::OtherSuffix),
            ("\u{e4}", KeyKind::OtherSuffix),
            ("", KeyKind::OtherSuffix),
        ];
        for (key, kind) in table {
            assert_eq!(KeyKind::of(key), kind, "{key}");
        }
    }

    #[test]
    fn keys_go_by_prefix_and_suffix() {
        let table = [
            ("dumps/acme/core/CHG-1/a.tgz", "plan-archive"),
            ("dumps/acme/core/CHG-1/A.TAR.GZ", "plan-archive"),
            ("dumps/acme/core/CHG-1/a.tgz.json", "sidecar"),
            ("dumps/acme/core/CHG-1/a.zip", "suffix"),
            ("dumps/readme", "suffix"),
            ("Dumps/a.tgz", "no_feed"),
            ("index/v1/ab.lfx", "no_feed"),
        ];
        for (key, expected) in table {
            assert_eq!(code(key), expected, "{key}");
        }
    }
}
