//! Which feed a key belongs to, and what the front door does with it.

use crate::{Reason, Stage, TicketsKey, tickets_key};

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feed {
    /// Node dump archives below `dumps/`.
    Dumps,
    /// Change files of tickets below `automations/`.
    Tickets,
}

impl Feed {
    /// All feeds.
    pub const ALL: [Self; 2] = [Self::Dumps, Self::Tickets];

    /// As stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dumps => "dumps",
            Self::Tickets => "tickets",
        }
    }

    /// The prefix of the feed's keys.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Dumps => "dumps/",
            Self::Tickets => "automations/",
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
    /// It waits until its feed comes to it; the reason says for what.
    Wait {
        /// The feed.
        feed: Feed,
        /// For what.
        reason: Reason,
    },
    /// It is not input; the reason says why.
    Ignore {
        /// The feed, where the key lies in one.
        feed: Option<Feed>,
        /// Why.
        reason: Reason,
    },
}

/// Routes a key by its prefix, and by what its feed makes of the rest.
pub fn route(key: &str) -> Route {
    match Feed::ALL.into_iter().find(|feed| key.starts_with(feed.prefix())) {
        Some(Feed::Dumps) => route_dump(key),
        Some(Feed::Tickets) => route_change(key),
        None => {
            let watched = Feed::ALL.map(Feed::prefix).join(", ");
            let text = format!("no feed takes this key: watched are {watched}");
            Route::Ignore { feed: None, reason: Reason::new("no_feed").with_text(text) }
        }
    }
}

/// Change files wait for their turn: they are applied in the order of their names (specs: tickets 4).
fn route_change(key: &str) -> Route {
    let feed = Feed::Tickets;
    let ignore = |code, text: &str| Route::Ignore {
        feed: Some(feed),
        reason: Reason::new(code).with_text(text.to_owned()),
    };
    match tickets_key(key) {
        TicketsKey::Change(_) => Route::Wait {
            feed,
            reason: Reason::new("turn").with_text("for the next drain of its change files".to_owned()),
        },
        TicketsKey::OwnOutput(_) => ignore("own_output", "an applied change file, moved here"),
        TicketsKey::NotOurs(_) | TicketsKey::OtherFeed => {
            ignore("not_ours", "a change file is named automations/(inc|crq)/changes/YYYY-MM-DDTHH-MM-SS.csv")
        }
    }
}

/// By suffix, in any case (specs: dumps 6.1).
fn route_dump(key: &str) -> Route {
    let feed = Feed::Dumps;
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
            Route::Wait { reason, .. } | Route::Ignore { reason, .. } => reason.code.into_owned(),
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
            ("automations/inc/changes/2026-06-25T08-20-00.csv", "turn"),
            ("automations/inc/processed/2026-06-25T08-20-00.csv", "own_output"),
            ("automations/inc/changes/2026-02-30T08-20-00.csv", "not_ours"),
            ("automations/readme", "not_ours"),
        ];
        for (key, expected) in table {
            assert_eq!(code(key), expected, "{key}");
        }
    }
}
