//! `landfall migrate`.

use clap::Args;

use super::Context;
use crate::{Console, Exit, Failure};

/// Bring the database schema up to date.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  DATABASE_URL=postgres://.. landfall migrate --dry-run")]
pub(crate) struct Migrate {
    /// Only list what would be applied.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let pending = store.pending_migrations().await?;
        if !self.dry_run && !pending.is_empty() {
            store.migrate().await?;
        }
        if self.json {
            console.json(&serde_json::json!({ "migrations": pending, "applied": !self.dry_run }))?;
            return Ok(Exit::Ok);
        }
        let verb = if self.dry_run { "would apply" } else { "applied" };
        for migration in &pending {
            console.line(format_args!("{verb} {migration}"))?;
        }
        if pending.is_empty() {
            console.line("the schema is up to date")?;
        }
        Ok(Exit::Ok)
    }
}
