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
    let lower = key.to_lowercase();
    let is_archive = |name: &str| [".tgz", ".tar.gz"].iter().any(|suffix| name.ends_with(suffix));
    let ignore = |reason| Route::Ignore { feed: Some(feed), reason };
    if is_archive(&lower) {
        Route::Stage { feed, stage: Stage::PlanArchive }
    } else if lower.strip_suffix(".json").is_some_and(is_archive) {
        ignore(Reason::new("sidecar").with_text("metadata of the archive beside it"))
    } else {
        ignore(Reason::new("suffix").with_text("a dump archive ends in .tgz or .tar.gz"))
    }
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
