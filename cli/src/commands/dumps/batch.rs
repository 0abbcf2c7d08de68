//! Many archives of a folder, one after the other (specs: dumps 7.10).

mod each;
mod report;
mod walk;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use futures::StreamExt;
use landfall_dumps::metadata::Field;
use tokio::sync::oneshot;

use super::Context;
use crate::place::Place;
use crate::uploads::{self, Answers, DumpArgs, Request};
use crate::{Console, Exit, Failure};
use each::{Shipping, Turn};
use report::Report;
pub(super) use walk::{walk, walk_tickets};

/// What both commands take besides the folder.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of a command line")]
pub(super) struct BatchArgs {
    #[command(flatten)]
    pub dump: DumpArgs,
    /// Archives that are worked on at once. The next one is sent once the verdict on the one before is known, so that
    /// the order of the paths decides.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    in_flight: u16,
    /// Do not wait for that verdict: faster, but of two dumps in each other's way either may be taken.
    #[arg(long)]
    unordered: bool,
    /// How long to wait for one archive, in seconds.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    timeout: u64,
    /// Never ask.
    #[arg(long)]
    no_input: bool,
    /// Only list what would be uploaded, and as what.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A path below the folder, and what becomes of it.
#[derive(Debug)]
pub(super) struct Item {
    /// As the folder was named, and the path below it.
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// An archive to be sent.
    Send { request: Request, size: u64 },
    /// Something that is left out.
    Skip(Failure),
}

impl BatchArgs {
    /// What the flags and, on a terminal, the answers say of all archives.
    pub async fn answers(
        &self,
        ticket: Option<&str>,
        needed: &[Field],
        (context, console): (&Context, &Console),
    ) -> Result<Answers, Failure> {
        let mut answers = Answers::of_flags(&self.dump, ticket);
        uploads::complete(&mut answers, (needed, None), self.no_input, (context, console)).await?;
        // What is wrong with every archive is said once, and nothing is sent.
        let trial =
            if needed.contains(&Field::Ticket) { answers.clone() } else { answers.with_ticket("ANY") };
        trial.judge()?;
        Ok(answers)
    }

    /// Sends what was found and follows each archive to its end.
    pub async fn ship(
        &self,
        items: Vec<Item>,
        (context, console): (&Context, &mut Console),
    ) -> Result<Exit, Failure> {
        let place = context.place()?;
        let mut report = Report::new(items.len(), self.json);
        if self.dry_run {
            for item in &items {
                report.planned(console, item, &place.bucket)?;
            }
        } else if !items.is_empty() {
            self.send_all(items, &place, (&mut report, console)).await?;
        }
        report.close(console)
    }

    async fn send_all(
        &self,
        items: Vec<Item>,
        place: &Place,
        (report, console): (&mut Report, &mut Console),
    ) -> Result<(), Failure> {
        let (objects, store) = (place.objects().await?, place.store().await?);
        let timeout = Duration::from_secs(self.timeout);
        let shipping = Shipping { objects: &objects, store: &store, bucket: &place.bucket, timeout };
        let bar = console.count_bar(items.len() as u64);
        let mut before: Option<oneshot::Receiver<()>> = None;
        let ended = items.into_iter().map(|item| {
            let (judged, next) = oneshot::channel();
            let before = before.replace(next).filter(|_| !self.unordered);
            shipping.ship(item, Turn { before, judged: Some(judged) })
        });
        let mut ended = futures::stream::iter(ended).buffered(usize::from(self.in_flight));
        while let Some(shipped) = ended.next().await {
            bar.inc(1);
            bar.set_message(shipped.path.display().to_string());
            bar.suspend(|| report.shipped(console, shipped))?;
        }
        bar.finish_and_clear();
        Ok(())
    }
}

impl Item {
    /// An archive, ready to be sent if its name and metadata allow it.
    fn archive(path: PathBuf, name: &Path, answers: &Answers) -> Self {
        let ready = || -> Result<Kind, Failure> {
            let size = uploads::size_of(&path)?;
            let name = name.to_str().ok_or_else(|| left_out("its path is no UTF-8"))?;
            Ok(Kind::Send { request: uploads::request(name, answers, None)?, size })
        };
        let kind = ready().unwrap_or_else(Kind::Skip);
        Self { path, kind }
    }

    /// Something that is left out, and why.
    fn skip(path: PathBuf, why: Failure) -> Self {
        Self { path, kind: Kind::Skip(why) }
    }
}

/// A path that is no archive of this batch.
fn left_out(why: &str) -> Failure {
    Failure::new(Exit::Arguments, why)
}
