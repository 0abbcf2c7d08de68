//! How an upload's progress and result look.

use indicatif::ProgressBar;
use landfall_domain::State;
use landfall_store::dump::{Progress, RunResult};

use crate::{Console, Failure, shown};

/// A progress line on a terminal.
pub(super) struct Following {
    bar: ProgressBar,
    key: String,
}

impl Following {
    pub fn new(bar: ProgressBar, key: &str) -> Self {
        bar.set_message(format!("{key}: sent"));
        Self { bar, key: key.to_owned() }
    }

    pub fn tell(&self, progress: &Progress) {
        self.bar.set_message(format!("{}: {}", self.key, stage_of(progress)));
    }

    pub fn close(self) {
        self.bar.finish_and_clear();
    }
}

fn stage_of(progress: &Progress) -> String {
    match (progress.state, progress.open_units) {
        (State::Dispatched, Some(open)) if progress.judged => format!("parsing, {open} units open"),
        (State::Dispatched, _) => "planning".into(),
        (State::Waiting | State::Blocked, _) => format!("{}: {}", progress.state, progress.reason),
        (state, _) => state.to_string(),
    }
}

/// What came of it in a few words: `CREATE complete`.
pub(super) fn title(result: &RunResult) -> String {
    match result.verdict {
        // The reason of these repeats the verdict.
        Some(verdict) if verdict.as_str().eq_ignore_ascii_case(&result.code) => verdict.to_string(),
        Some(verdict) => format!("{verdict} {}", result.code),
        None => result.code.clone(),
    }
}

/// The dump, rows and warnings in one line; where it failed, why.
pub(super) fn summary(result: &RunResult) -> String {
    let dump = result.dump_id.map(|dump| format!("dump {dump}"));
    let rows = (!result.inserted.is_empty()).then(|| counted(result.rows(), "row"));
    let warnings = Some(result.warning_count()).filter(|n| *n > 0).map(|n| counted(n, "warning"));
    let error = result.errors.first().map(|error| match &error.text {
        // The title has the code already.
        Some(text) if error.code == result.code => text.clone(),
        text => shown::reason(&error.code, text.as_deref()),
    });
    let parts: Vec<String> = [dump, rows, warnings, error].into_iter().flatten().collect();
    parts.join(", ")
}

fn counted(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A result with its rows, errors and warnings.
pub(super) fn show(console: &mut Console, result: &RunResult) -> Result<(), Failure> {
    let dump = result.dump_id.map(|dump| format!(", dump {dump}")).unwrap_or_default();
    console.line(format_args!("{}{dump}, run {}", title(result), result.run_id))?;
    let mut rows = console.table(["TABLE", "ROWS"]);
    for (table, count) in &result.inserted {
        rows.add_row(vec![table.as_str().into(), shown::number(*count)]);
    }
    console.show(&rows)?;
    let mut errors = console.table(["ERROR", "NE", "PLUGIN", "TEXT"]);
    for error in &result.errors {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        errors.add_row(vec![
            error.code.clone(),
            or_empty(&error.ne),
            or_empty(&error.plugin),
            or_empty(&error.text),
        ]);
    }
    console.show(&errors)?;
    super::warnings::show(console, &result.warnings)
}
