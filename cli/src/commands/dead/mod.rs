//! `landfall dead`.

mod redrive;

use clap::{Args, Subcommand};
use landfall_store::dead_letter;

use super::Context;
use crate::{Console, Exit, Failure, shown};
use redrive::Redrive;

/// Look at dead letters and send them again.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadCommand {
    /// List dead letters, newest first.
    List(List),
    /// Show one dead letter with its message.
    Show(Show),
    /// Send dead letters again; an object that failed because of one is worked on again.
    Redrive(Redrive),
}

impl DeadCommand {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(context, console).await,
            Self::Show(show) => show.run(context, console).await,
            Self::Redrive(redrive) => redrive.run(context, console).await,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall dead list --all --limit 20")]
pub(crate) struct List {
    /// Also those that were sent again.
    #[arg(long)]
    all: bool,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let letters = dead_letter::list(store.pool(), self.all, self.limit).await?;
        if self.json {
            console.json(&letters)?;
            return Ok(Exit::Ok);
        }
        if letters.is_empty() {
            console.line("no dead letters")?;
            return Ok(Exit::Ok);
        }
        let mut table =
            console.table(["ID", "STAGE", "KIND", "CODE", "OBJECT", "TRIES", "DIED", "SENT AGAIN"]);
        for letter in &letters {
            table.add_row(vec![
                shown::number(letter.id),
                letter.stage.as_str().into(),
                letter.kind.as_str().into(),
                letter.code.as_str().into(),
                shown::number(letter.object_id.map_or_else(|| "-".into(), |id| id.to_string())),
                shown::number(letter.attempts),
                shown::time(letter.died_at).into(),
                letter.redriven_at.map_or_else(|| "-".into(), shown::time).into(),
            ]);
        }
        console.show(&table)?;
        Ok(Exit::Ok)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  landfall dead show 7")]
pub(crate) struct Show {
    /// The letter.
    id: i64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let store = context.place()?.store().await?;
        let mut tx = store.begin().await?;
        let letter = dead_letter::find(&mut tx, self.id).await?.ok_or_else(|| unknown(self.id))?;
        if self.json {
            console.json(&letter)?;
            return Ok(Exit::Ok);
        }
        console.line(format_args!("dead letter {} of {}, {}", letter.id, letter.stage, letter.kind))?;
        console
            .line(format_args!("  reason   {}", shown::reason(&letter.code, letter.error_text.as_deref())))?;
        if let Some(object) = letter.object_id {
            console.line(format_args!("  object   {object}: landfall explain {object}"))?;
        }
        console.line(format_args!("  tries    {}", letter.attempts))?;
        console.line(format_args!("  sent     {}", shown::time(letter.created_at)))?;
        console.line(format_args!("  died     {}", shown::time(letter.died_at)))?;
        match letter.redriven_at {
            Some(at) => console.line(format_args!("  sent again {}", shown::time(at)))?,
            None => console.line(format_args!("  next     landfall dead redrive {}", letter.id))?,
        }
        console.line(format_args!("  message  {}", letter.body))?;
        Ok(Exit::Ok)
    }
}

fn unknown(id: i64) -> Failure {
    Failure::new(Exit::Arguments, format!("there is no dead letter {id}"))
        .advise("`landfall dead list` names them")
}
