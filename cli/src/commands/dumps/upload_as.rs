//! What an upload of an archive would say about itself, and the verdict on it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clap::Args;
use plan_archive::{Preview, Rules, preview};

use super::archive::{self, Planned};
use super::source::Source;
use crate::commands::Context;
use crate::uploads::{Answers, DumpArgs};
use crate::{Exit, Failure};

/// Metadata of an upload, as flags: those of an upload itself.
#[derive(Debug, Args)]
pub(super) struct UploadAs {
    #[command(flatten)]
    dump: DumpArgs,
    /// The ticket it belongs to.
    #[arg(long)]
    ticket: Option<String>,
}

impl UploadAs {
    /// The capture time that the upload would state.
    ///
    /// # Errors
    /// [`Exit::Arguments`] if it does not read.
    pub fn capture_ts(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        let refused = |error| Failure::new(Exit::Arguments, format!("--capture-ts does not read: {error}"));
        self.dump.capture_ts().map(|text| archive::capture_time(text).map_err(refused)).transpose()
    }

    /// The verdict that the upload would get now; none where nothing is known of the upload. A file's own name is its
    /// key; an object keeps its key and what its user metadata says.
    ///
    /// # Errors
    /// A database is named and does not answer.
    pub async fn preview(
        &self,
        (source, planned): (&Source, &Planned),
        rules: &Rules,
        context: &Context,
    ) -> Result<Option<Preview>, Failure> {
        let mut headers = source.metadata.clone();
        headers.extend(self.headers());
        let is_object = source.is_object();
        if headers.is_empty() && !is_object {
            return Ok(None);
        }
        let place = context.place()?;
        if !place.has_database() {
            return Ok(None);
        }
        let key = if is_object { source.name.as_str() } else { source.outer.as_str() };
        let mut tx = place.store().await?.begin_read_only().await?;
        let (upload, archive) = ((key, &headers), (&planned.plan, &planned.sha256));
        Ok(Some(preview(&mut tx, upload, archive, rules.auto_create_customer).await?))
    }

    fn headers(&self) -> BTreeMap<String, String> {
        Answers::of_flags(&self.dump, self.ticket.as_deref()).metadata()
    }
}
