//! What an operator is told after a run, once each: too many refused rows, content that is old, no file for long
//! (specs: tickets 9).

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Cadence, eat_wall_clock};
use landfall_store::StoreError;
use landfall_store::alert::{self, Alert};
use landfall_store::tickets::{self, DatasetStatus, FileStatus};

use crate::drain::{DrainChanges, RunOf};
use crate::error::DrainError;
use crate::report::{DrainReport, FileReport};

/// Within the hours of drains a file comes at least so often.
const QUIET_MOST: TimeDelta = TimeDelta::hours(2);
/// The content is no older than this, in minutes: four days.
const LAG_MOST: i32 = 4 * 24 * 60;

/// An alert in the making.
#[derive(Debug, PartialEq, Eq)]
struct Amiss {
    code: &'static str,
    subject: String,
    message: String,
}

impl DrainChanges {
    /// Looks at the run and at the dataset as it stands, and tells what is amiss.
    pub(crate) async fn tell_amiss(&self, run: RunOf, report: &DrainReport) -> Result<(), DrainError> {
        let (pool, now) = (self.clients.store.pool(), self.clients.clock.now());
        let mut amiss: Vec<Amiss> = report.files.iter().filter_map(refused).collect();
        let all = tickets::status(pool, now).await?;
        if let Some(status) = all.iter().find(|status| status.dataset == run.dataset.name()) {
            amiss.extend([lagging(status), quiet(status, now)].into_iter().flatten());
        }
        if amiss.is_empty() {
            return Ok(());
        }
        let mut conn = pool.acquire().await.map_err(StoreError::from)?;
        for Amiss { code, subject, message } in &amiss {
            let (feed, detail) = (run.dataset.lease(), serde_json::Value::Null);
            if alert::raise(&mut conn, &Alert { feed, code, subject, message, detail }, now).await? {
                tracing::warn!(alert = code, dataset = %run.dataset, "{message}");
            }
        }
        Ok(())
    }
}

/// More than 1 % of the rows of an applied file were refused.
fn refused(file: &FileReport) -> Option<Amiss> {
    let counts = &file.counts;
    let many = counts.rejected.saturating_mul(100) > counts.rows_read;
    (file.status == FileStatus::Applied && many).then(|| Amiss {
        code: "reject_rate",
        subject: format!("{} {}", file.key, file.version),
        message: format!("{}: {} of {} rows are refused", file.key, counts.rejected, counts.rows_read),
    })
}

/// The newest content is older than four days.
fn lagging(status: &DatasetStatus) -> Option<Amiss> {
    let (lag, newest) = (status.lag_minutes.filter(|lag| *lag > LAG_MOST)?, status.content_max_ts?);
    let hours = lag.checked_div(60).unwrap_or_default();
    Some(Amiss {
        code: "lag",
        subject: newest.to_rfc3339(),
        message: format!("{}: the newest content is {hours} hours old", status.dataset),
    })
}

/// No file was applied for two hours, all of them within the hours of drains. Told once a day.
fn quiet(status: &DatasetStatus, now: DateTime<Utc>) -> Option<Amiss> {
    let since = now.checked_sub_signed(QUIET_MOST)?;
    let last = status.last_applied_at?;
    let within = [now, since].into_iter().all(|at| Cadence::OFFICE_HOURS.is_within(at));
    (within && last < since).then(|| Amiss {
        code: "no_file",
        subject: eat_wall_clock(now).date().to_string(),
        message: format!("{}: no file was applied since {}", status.dataset, last.to_rfc3339()),
    })
}
