//! `landfall objects`.

use clap::Args;
use landfall_domain::State;
use landfall_store::object::{self, Filter, ObjectDetail};

use super::Context;
use crate::{Console, Exit, Failure, shown};

/// List objects, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall objects --state quarantined --key-prefix dumps/acme/")]
pub(crate) struct Objects {
    /// Only those in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only those with this reason code.
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// Only those of this feed.
    #[arg(long)]
    feed: Option<String>,
    /// Only those whose key starts so.
    #[arg(long, value_name = "PREFIX")]
    key_prefix: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Objects {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let filter = Filter {
            bucket: None,
            state: self.state.map(|state| state.to_string()),
            reason: self.reason,
            feed: self.feed,
            key_prefix: self.key_prefix,
        };
        let found = object::search(store.pool(), &filter, self.limit).await?;
        if self.json {
            console.json(&found)?;
            return Ok(Exit::Ok);
        }
        show(console, &found)?;
        if i64::try_from(found.len()).is_ok_and(|n| n == self.limit) {
            console.say(format_args!("the first {} are shown: --limit shows more", self.limit));
        }
        Ok(Exit::Ok)
    }
}

/// Objects as a table.
pub(super) fn show(console: &mut Console, objects: &[ObjectDetail]) -> Result<(), Failure> {
    if objects.is_empty() {
        return console.line("no objects");
    }
    let mut table = console.table(["ID", "STATE", "REASON", "FEED", "SIZE", "SINCE", "KEY"]);
    for object in objects {
        table.add_row(vec![
            shown::number(object.object_id),
            shown::state(&object.state),
            object.reason.as_str().into(),
            object.feed.as_deref().unwrap_or("-").into(),
            shown::number(object.size.map_or_else(|| "-".into(), shown::stored_bytes)),
            shown::time(object.state_since).into(),
            object.key.as_str().into(),
        ]);
    }
    console.show(&table)
}
