//! What an upload of an archive would say about itself, and the verdict on it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use plan_archive::{Preview, Rules, preview};

use super::archive::{self, Planned};
use super::source::Source;
use crate::Failure;
use crate::commands::Context;

/// Metadata of an upload, as flags.
#[derive(Debug, Args)]
pub(super) struct UploadAs {
    /// The customer that the upload would name; the verdict on it is told where a database is at hand.
    #[arg(long)]
    customer: Option<String>,
    /// The network.
    #[arg(long)]
    network: Option<String>,
    /// The ticket.
    #[arg(long)]
    ticket: Option<String>,
    /// The health check.
    #[arg(long)]
    hc_id: Option<String>,
    /// What took the dump.
    #[arg(long)]
    origin: Option<String>,
    /// The capture time that the upload would state.
    #[arg(long, value_name = "TIME", value_parser = archive::capture_time)]
    pub capture_ts: Option<DateTime<Utc>>,
    /// Whether an existing dump might be replaced.
    #[arg(long)]
    overwrite: bool,
}

impl UploadAs {
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
        let capture_ts = self.capture_ts.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        let overwrite = self.overwrite.then(|| "true".to_owned());
        let fields = [
            ("customer", self.customer.clone()),
            ("network", self.network.clone()),
            ("ticket", self.ticket.clone()),
            ("hc-id", self.hc_id.clone()),
            ("origin", self.origin.clone()),
            ("capture-ts", capture_ts),
            ("overwrite", overwrite),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
