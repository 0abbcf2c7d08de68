//! `landfall put`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use landfall_domain::State;
use landfall_objects::ObjectStore;
use landfall_store::Store;
use landfall_store::object::{self, ObjectDetail};
use serde::Serialize;

use super::Context;
use crate::outcome::exit_of;
use crate::place::Place;
use crate::uploads::{Answers, DumpArgs, Follow, Request};
use crate::{Console, Exit, Failure, shown, uploads};

/// Upload files with their metadata.
///
/// Without --to and --prefix the key is dumps/CUSTOMER/NETWORK/TICKET/FILE.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  landfall put a.tgz b.tgz --customer acme --network core --ticket CHG-1 --wait"
)]
pub(crate) struct Put {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The key of the one file.
    #[arg(long, value_name = "KEY", conflicts_with = "prefix")]
    to: Option<String>,
    /// What the keys start with; the file's name follows.
    #[arg(long)]
    prefix: Option<String>,
    /// Further user metadata; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    meta: Vec<(String, String)>,
    #[command(flatten)]
    dump: DumpArgs,
    /// The ticket it was taken for.
    #[arg(long)]
    ticket: Option<String>,
    /// Wait until work on the files has ended; the exit code tells how.
    #[arg(long)]
    wait: bool,
    /// How long to wait, in seconds.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    timeout: u64,
    /// Only say what would be uploaded where.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// One upload, as shown.
#[derive(Debug, Serialize)]
struct Uploaded {
    file: PathBuf,
    bucket: String,
    key: String,
    metadata: BTreeMap<String, String>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectDetail>,
}

impl Put {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let place = context.place()?;
        let mut uploads = self.plan(&place)?;
        if !self.dry_run {
            let objects = place.objects().await?;
            let store = if self.wait { Some(place.store().await?) } else { None };
            for upload in &mut uploads {
                upload.send(&objects, console).await?;
                self.show(console, upload, "put")?;
            }
            if let Some(store) = store {
                return self.wait_for(&store, uploads, console).await;
            }
        } else if !self.json {
            uploads.iter().try_for_each(|upload| self.show(console, upload, "would put"))?;
        }
        if self.json {
            console.json(&uploads)?;
        }
        Ok(Exit::Ok)
    }

    /// Keys and metadata of all files, judged before the first byte is sent.
    fn plan(&self, place: &Place) -> Result<Vec<Uploaded>, Failure> {
        if self.to.is_some() && self.files.len() > 1 {
            return Err(
                Failure::new(Exit::Arguments, "--to names the key of one file").advise("use --prefix")
            );
        }
        let metadata = self.metadata();
        let one = |file: &PathBuf| {
            let size = uploads::size_of(file)?;
            let key = self.key_of(file)?;
            uploads::check(&key, &metadata).map_err(|error| {
                Failure::of(Exit::Arguments, error)
                    .while_doing(format!("{} would be rejected as {key}", file.display()))
                    .advise(
                        "see --customer, --network, --ticket and the other options of `landfall put --help`",
                    )
            })?;
            let (file, bucket, metadata) = (file.clone(), place.bucket.clone(), metadata.clone());
            Ok(Uploaded { file, bucket, key, metadata, size, version: None, object: None })
        };
        self.files.iter().map(one).collect()
    }

    fn answers(&self) -> Answers {
        Answers::of_flags(&self.dump, self.ticket.as_deref())
    }

    fn metadata(&self) -> BTreeMap<String, String> {
        let further = self.meta.iter().map(|(name, value)| (name.clone(), uploads::header_value(value)));
        further.chain(self.answers().metadata()).collect()
    }

    fn key_of(&self, file: &Path) -> Result<String, Failure> {
        let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("{} has no name that can be a key", file.display()))
        })?;
        match (&self.to, &self.prefix) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(prefix)) if prefix.is_empty() || prefix.ends_with('/') => {
                Ok(format!("{prefix}{name}"))
            }
            (None, Some(prefix)) => Ok(format!("{prefix}/{name}")),
            (None, None) => uploads::dump_key(&self.answers(), name).ok_or_else(|| {
                Failure::new(Exit::Arguments, format!("no key for {}", file.display()))
                    .advise("give --customer, --network and --ticket, or --to KEY, or --prefix PREFIX")
            }),
        }
    }

    fn show(&self, console: &mut Console, upload: &Uploaded, verb: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let version =
            upload.version.as_deref().map(|version| format!(" version {version}")).unwrap_or_default();
        let (bucket, key, size) = (&upload.bucket, &upload.key, shown::bytes(upload.size));
        console.line(format_args!("{verb} {} to {bucket}/{key} ({size}){version}", upload.file.display()))?;
        console.flush()
    }

    async fn wait_for(
        &self,
        store: &Store,
        mut uploads: Vec<Uploaded>,
        console: &mut Console,
    ) -> Result<Exit, Failure> {
        let until = Instant::now().checked_add(Duration::from_secs(self.timeout));
        let mut exit = Exit::Ok;
        for upload in &mut uploads {
            let (object, state) = upload.settled(store, until).await?;
            exit = exit.worst(exit_of(state, &object.reason));
            if !self.json {
                let reason = shown::reason(&object.reason, object.reason_text.as_deref());
                console
                    .line(format_args!("object {} {}: {state}, {reason}", object.object_id, object.key))?;
                console.flush()?;
            }
            upload.object = Some(object);
        }
        if self.json {
            console.json(&uploads)?;
        }
        Ok(exit)
    }
}

impl Uploaded {
    async fn send(&mut self, objects: &ObjectStore, console: &Console) -> Result<(), Failure> {
        let bar = console.bytes_bar(self.size).with_message(self.key.clone());
        let request = Request { key: self.key.clone(), metadata: self.metadata.clone() };
        let version = uploads::send(objects, &self.bucket, (&self.file, &request), &bar).await;
        bar.finish_and_clear();
        self.version = Some(version?);
        Ok(())
    }

    /// Waits until work on the version has ended.
    async fn settled(&self, store: &Store, until: Option<Instant>) -> Result<(ObjectDetail, State), Failure> {
        let version = self.version.as_deref().unwrap_or_default();
        let follow = Follow { store, bucket: &self.bucket, key: &self.key, version, until };
        let ended = follow.ended(|_| ()).await?;
        let found = object::list_by_key(store.pool(), Some(ended.object_id.0), "", 1).await?;
        let object = found.into_iter().next().ok_or_else(|| {
            Failure::new(Exit::Unexpected, format!("object {} is gone from the books", ended.object_id))
        })?;
        Ok((object, ended.state))
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
