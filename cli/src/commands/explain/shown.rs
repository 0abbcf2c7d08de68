//! The life of an object as text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use landfall_store::dump::DumpSummary;
use landfall_store::dump::sidecar::SidecarRow;
use landfall_store::outbox::QueuedMessage;

use super::Life;
use crate::ledger::{self, LedgerRow};
use crate::{Console, Failure, shown};

/// Tries and warnings that are shown; `--json` has all.
const SHOWN: usize = 20;

impl Life {
    pub(super) fn show(&self, console: &mut Console, now: DateTime<Utc>) -> Result<(), Failure> {
        self.show_object(console)?;
        self.show_events(console)?;
        self.show_attempts(console)?;
        for dump in &self.dumps {
            show_dump(console, dump)?;
        }
        self.show_warnings(console)?;
        self.show_next(console, now)?;
        console.heading("What can be done")?;
        console.line(format_args!("  {}", self.advice))
    }

    fn show_object(&self, console: &mut Console) -> Result<(), Failure> {
        let object = &self.object;
        console.line(format_args!("object {} {}/{}", object.object_id, object.bucket, object.key))?;
        let reason = shown::reason(&object.reason, object.reason_text.as_deref());
        console.line(format_args!("  state    {}, {reason}", object.state))?;
        console.line(format_args!("  since    {}", shown::time(object.state_since)))?;
        console.line(format_args!("  version  {}", object.version))?;
        console.line(format_args!("  run      {}", object.run))?;
        if let Some(size) = object.size {
            console.line(format_args!("  size     {size} bytes"))?;
        }
        if let Some(sha256) = &object.content_sha256 {
            console.line(format_args!("  sha256   {sha256}"))?;
        }
        for sidecar in &self.sidecars {
            console.line(format_args!("  sidecar  {}", told(sidecar)))?;
        }
        match (object.present, object.removed_at) {
            (true, _) => Ok(()),
            (false, Some(at)) => console.line(format_args!("  removed  {}", shown::time(at))),
            (false, None) => console.line("  removed  at an unknown time"),
        }
    }

    fn show_events(&self, console: &mut Console) -> Result<(), Failure> {
        let mut table = console.table(["AT", "RUN", "FROM", "TO", "REASON"]);
        for event in &self.events {
            table.add_row(vec![
                shown::time(event.at).into(),
                shown::number(event.run),
                event.from_state.as_deref().unwrap_or("-").into(),
                shown::state(&event.to_state),
                shown::reason(&event.reason, event.reason_text.as_deref()).into(),
            ]);
        }
        console.heading("Life")?;
        console.show(&table)
    }

    fn show_attempts(&self, console: &mut Console) -> Result<(), Failure> {
        if self.attempts.is_empty() {
            return Ok(());
        }
        console.heading("Tries")?;
        let hidden = self.attempts.len().saturating_sub(SHOWN);
        if hidden > 0 {
            console.line(format_args!("  {hidden} earlier ones: --json has them"))?;
        }
        let mut table = console.table(["ENDED", "STAGE", "UNIT", "TRY", "OUTCOME", "MS", "READ", "ERROR"]);
        for attempt in self.attempts.iter().skip(hidden) {
            let error =
                attempt.error_code.as_deref().map(|code| shown::reason(code, attempt.error_text.as_deref()));
            table.add_row(vec![
                shown::time(attempt.ended).into(),
                attempt.stage.as_str().into(),
                attempt.unit.as_str().into(),
                shown::number(attempt.attempt),
                attempt.outcome.as_str().into(),
                shown::number((attempt.ended - attempt.started).num_milliseconds()),
                shown::number(attempt.bytes_read.map_or_else(String::new, shown::stored_bytes)),
                error.unwrap_or_default().into(),
            ]);
        }
        console.show(&table)
    }

    fn show_warnings(&self, console: &mut Console) -> Result<(), Failure> {
        if self.warnings.is_empty() {
            return Ok(());
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for warning in &self.warnings {
            let count = counts.entry(warning.code.as_str()).or_default();
            *count = count.saturating_add(1);
        }
        let counts: Vec<String> = counts.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
        console.heading(format_args!("Warnings: {}", counts.join(", ")))?;
        let mut table = console.table(["CODE", "NE", "PLUGIN", "LINE", "PLACE", "TEXT"]);
        for warning in self.warnings.iter().take(SHOWN) {
            table.add_row(vec![
                warning.code.as_str().into(),
                warning.plan_ne.as_str().into(),
                warning.plugin.as_str().into(),
                shown::number(warning.line),
                warning.chain_path.as_str().into(),
                warning.text.as_deref().unwrap_or_default().into(),
            ]);
        }
        console.show(&table)?;
        match self.warnings.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => console.line(format_args!("  {more} more: --json has them")),
        }
    }

    fn show_next(&self, console: &mut Console, now: DateTime<Utc>) -> Result<(), Failure> {
        console.heading("What happens next")?;
        if self.pending.is_empty() {
            console.line("  no message about it is on its way")?;
        }
        for message in &self.pending {
            console.line(format_args!("  {} {}: {}", message.stage, message.subject, due(message, now)))?;
        }
        for letter in &self.dead_letters {
            let reason = shown::reason(&letter.code, letter.error_text.as_deref());
            console.line(format_args!("  dead letter {} of {}: {reason}", letter.id, letter.stage))?;
        }
        Ok(())
    }
}

/// What a sidecar was to the object.
fn told(sidecar: &SidecarRow) -> String {
    let SidecarRow { object_id, key, version, used_in_run, .. } = sidecar;
    let object = object_id.map(|id| format!("object {id} ")).unwrap_or_default();
    let counted = match used_in_run {
        Some(run) => format!("counted in run {run}"),
        None => "came too late to count; a replay takes it".to_owned(),
    };
    format!("{object}{key} version {version}: {counted}")
}

fn due(message: &QueuedMessage, now: DateTime<Utc>) -> String {
    let wait = shown::age(message.visible_at - now);
    match (&message.lease_owner, message.visible_at > now) {
        (Some(_), true) => format!("try {} runs now, its lease ends in {wait}", message.attempts),
        (None, true) => format!("waits {wait}, until {}", shown::time(message.visible_at)),
        (_, false) => "due now".to_owned(),
    }
}

fn show_dump(console: &mut Console, dump: &DumpSummary) -> Result<(), Failure> {
    console.heading(format_args!(
        "Dump {} of {}, load {}: {}, captured {} by {}, {} units open",
        dump.dump_id,
        dump.network,
        dump.load_id,
        dump.status,
        shown::time(dump.capture_ts),
        dump.origin,
        dump.open_units
    ))?;
    let table = ledger::table(console, &LedgerRow::read(&dump.ledger));
    console.show(&table)
}
