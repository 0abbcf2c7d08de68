//! What a check of the surroundings found: a judgement over what was seen.

use serde::Serialize;

/// How bad a finding is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Could not be looked at, or does not apply.
    Skipped,
    /// Works, at a price that is told.
    Warning,
    /// Something will fail, or be lost.
    Problem,
}

impl Level {
    /// The level as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, `area.thing`, the same in every release.
    pub name: String,
    /// How bad it is.
    pub level: Level,
    /// What was seen, for people.
    pub seen: String,
    /// What to do next; set for warnings and problems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(name: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { name: name.into(), level: Level::Ok, seen: seen.into(), next: None }
    }

    /// Not looked at, and why.
    pub fn skipped(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), level: Level::Skipped, seen: why.into(), next: None }
    }

    /// Works, at a price.
    pub fn warning(name: impl Into<String>, seen: impl Into<String>, next: impl Into<String>) -> Self {
        Self { name: name.into(), level: Level::Warning, seen: seen.into(), next: Some(next.into()) }
    }

    /// Will fail, or lose something.
    pub fn problem(name: impl Into<String>, seen: impl Into<String>, next: impl Into<String>) -> Self {
        Self { name: name.into(), level: Level::Problem, seen: seen.into(), next: Some(next.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_worse_than_a_warning_and_what_was_skipped_is_neither() {
        assert!(Level::Problem > Level::Warning);
        assert!(Level::Warning > Level::Skipped);
        assert!(Level::Skipped > Level::Ok);
        let words = [Level::Ok, Level::Skipped, Level::Warning, Level::Problem].map(Level::as_str);
        assert_eq!(words, ["ok", "skipped", "warning", "problem"]);
    }
}
