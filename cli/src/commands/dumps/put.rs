//! `landfall dumps put`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use landfall_domain::ObjectId;
use landfall_dumps::metadata::Field;
use landfall_store::Store;
use landfall_store::dump::{self, RunResult};
use serde::Serialize;

use super::Context;
use super::outcome::{self, Following};
use crate::place::Place;
use crate::uploads::{self, Answers, DumpArgs, Follow, Request};
use crate::{Console, Exit, Failure, shown};

/// Upload a dump and follow it to its end.
///
/// On a terminal the command asks for a needed field that no flag names, and offers the names that are stored; else,
/// and with --no-input, a missing field is an error. Without --key the key is dumps/CUSTOMER/NETWORK/TICKET/FILE.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps put dump.tgz\n  \
    landfall dumps put dump.tgz --customer acme --network core --ticket CHG-1 --json | jq .verdict\n\n\
Exit codes: 0 CREATE, OVERWRITE, LINK, RESUME or SKIP, 2 bad arguments or metadata, 3 REJECT, 4 archive error,\n\
5 database or storage error, 6 done in part.")]
#[expect(clippy::struct_excessive_bools, reason = "the flags of a command line")]
pub(crate) struct PutDump {
    /// The archive.
    file: PathBuf,
    #[command(flatten)]
    dump: DumpArgs,
    /// The ticket it was taken for.
    #[arg(long)]
    ticket: Option<String>,
    /// The key; its folders may name customer, network and ticket.
    #[arg(long)]
    key: Option<String>,
    /// Wait until work on it has ended, which is what happens unless told otherwise.
    #[arg(long, overrides_with = "no_follow")]
    follow: bool,
    /// Only upload.
    #[arg(long)]
    no_follow: bool,
    /// How long to wait, in seconds.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    timeout: u64,
    /// Never ask.
    #[arg(long)]
    no_input: bool,
    /// Only say what would be uploaded, and as what.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// An upload, as shown.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    file: &'a Path,
    bucket: &'a str,
    #[serde(flatten)]
    request: &'a Request,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    result: Option<&'a RunResult>,
}

impl PutDump {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let size = uploads::size_of(&self.file)?;
        let request = self.request(context, console).await?;
        let place = context.place()?;
        let (file, bucket) = (self.file.as_path(), place.bucket.as_str());
        let mut shown = Shown { file, bucket, request: &request, size, version: None, result: None };
        if self.dry_run {
            return self.tell(console, &shown, "would put");
        }
        let objects = place.objects().await?;
        let store = if self.no_follow { None } else { Some(place.store().await?) };
        let bar = console.bytes_bar(size).with_message(request.key.clone());
        let version = uploads::send(&objects, bucket, (file, &request), &bar).await;
        bar.finish_and_clear();
        let version = version?;
        shown.version = Some(&version);
        let Some(store) = store else { return self.tell(console, &shown, "put") };
        if !self.json {
            self.tell(console, &shown, "put")?;
        }
        let result = self.follow(&store, &place, (&request.key, &version), console).await?;
        shown.result = Some(&result);
        if self.json {
            console.json(&shown)?;
        } else {
            outcome::show(console, &result)?;
        }
        Ok(result.exit_code().into())
    }

    /// What is to be sent: the flags, and the answers to what they leave open.
    async fn request(&self, context: &Context, console: &Console) -> Result<Request, Failure> {
        let mut answers = Answers::of_flags(&self.dump, self.ticket.as_deref());
        let key = self.key.as_deref();
        let needed = (Field::NEEDED.as_slice(), key);
        uploads::complete(&mut answers, needed, self.no_input, (context, console)).await?;
        let name = self.file.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("{} has no name that can be a key", self.file.display()))
        })?;
        uploads::request(name, &answers, key)
    }

    fn tell(&self, console: &mut Console, shown: &Shown<'_>, verb: &str) -> Result<Exit, Failure> {
        if self.json {
            console.json(shown)?;
            return Ok(Exit::Ok);
        }
        let version = shown.version.map(|version| format!(" version {version}")).unwrap_or_default();
        let (file, bucket, key) = (shown.file.display(), shown.bucket, &shown.request.key);
        console
            .line(format_args!("{verb} {file} to {bucket}/{key} ({}){version}", shown::bytes(shown.size)))?;
        console.flush()?;
        Ok(Exit::Ok)
    }

    async fn follow(
        &self,
        store: &Store,
        place: &Place,
        (key, version): (&str, &str),
        console: &Console,
    ) -> Result<RunResult, Failure> {
        let until = Instant::now().checked_add(Duration::from_secs(self.timeout));
        let follow = Follow { store, bucket: &place.bucket, key, version, until };
        let following = Following::new(console.spinner(), key);
        let ended = follow.ended(|progress| following.tell(progress)).await;
        following.close();
        result_of(store, ended?.object_id).await
    }
}

/// The result of an object that has ended.
pub(super) async fn result_of(store: &Store, object_id: ObjectId) -> Result<RunResult, Failure> {
    let result = dump::run_result(store.pool(), object_id).await?;
    result.ok_or_else(|| Failure::new(Exit::Unexpected, format!("object {object_id} is gone from the books")))
}
