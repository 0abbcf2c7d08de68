//! `landfall put`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use landfall_domain::{ObjectVersion, State};
use landfall_objects::{FileUpload, ObjectStore, PutOptions};
use landfall_store::Store;
use landfall_store::object::{self, ObjectDetail};
use serde::Serialize;

use super::Context;
use crate::outcome::exit_of;
use crate::place::Place;
use crate::{Console, Exit, Failure, shown, uploads};

/// How often a waiting upload is looked at.
const LOOK: Duration = Duration::from_millis(100);

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
    dump: DumpMetadata,
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

/// What an upload of a dump says about itself (specs: dumps 6.1).
#[derive(Debug, Args)]
struct DumpMetadata {
    /// Whose dump it is.
    #[arg(long)]
    customer: Option<String>,
    /// The network it shows.
    #[arg(long)]
    network: Option<String>,
    /// The ticket it was taken for.
    #[arg(long)]
    ticket: Option<String>,
    /// The health check it belongs to.
    #[arg(long)]
    hc_id: Option<String>,
    /// The country of the network, two letters.
    #[arg(long)]
    country: Option<String>,
    /// What took the dump.
    #[arg(long)]
    origin: Option<String>,
    /// When it was taken, as 2025-01-18T03:14:07Z.
    #[arg(long, value_name = "TIME")]
    capture_ts: Option<String>,
    /// Replace the dump that is in the way.
    #[arg(long)]
    overwrite: bool,
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
            let size = size_of(file)?;
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

    fn metadata(&self) -> BTreeMap<String, String> {
        let dump = &self.dump;
        let fields = [
            ("customer", &dump.customer),
            ("network", &dump.network),
            ("ticket", &dump.ticket),
            ("hc-id", &dump.hc_id),
            ("country", &dump.country),
            ("origin", &dump.origin),
            ("capture-ts", &dump.capture_ts),
        ];
        let named = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let overwrite = dump.overwrite.then(|| ("overwrite".to_owned(), "true".to_owned()));
        let all = self.meta.iter().cloned().chain(named).chain(overwrite);
        all.map(|(name, value)| (name, uploads::header_value(&value))).collect()
    }

    fn key_of(&self, file: &Path) -> Result<String, Failure> {
        let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("{} has no name that can be a key", file.display()))
        })?;
        match (&self.to, &self.prefix, &self.dump) {
            (Some(key), _, _) => Ok(key.clone()),
            (None, Some(prefix), _) if prefix.is_empty() || prefix.ends_with('/') => {
                Ok(format!("{prefix}{name}"))
            }
            (None, Some(prefix), _) => Ok(format!("{prefix}/{name}")),
            (None, None, DumpMetadata { customer: Some(c), network: Some(n), ticket: Some(t), .. }) => {
                Ok(format!("dumps/{c}/{n}/{t}/{name}"))
            }
            _ => Err(Failure::new(Exit::Arguments, format!("no key for {}", file.display()))
                .advise("give --customer, --network and --ticket, or --to KEY, or --prefix PREFIX")),
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
        let progress = |sent: u64| bar.set_position(sent);
        let options = PutOptions { metadata: self.metadata.clone(), ..PutOptions::default() };
        let upload = FileUpload { path: &self.file, options, progress: Some(&progress) };
        let put = objects.put_file(&self.bucket, &self.key, upload).await;
        bar.finish_and_clear();
        let put = put?;
        let version = if let Some(version_id) = &put.version_id {
            ObjectVersion::from_id(version_id)
        } else {
            let head = objects.head(&self.bucket, &self.key, None).await?;
            ObjectVersion::from_etag(&put.etag, head.last_modified)
        };
        self.version = Some(version.as_str().to_owned());
        Ok(())
    }

    /// Waits until work on the version has ended.
    async fn settled(&self, store: &Store, until: Option<Instant>) -> Result<(ObjectDetail, State), Failure> {
        let version = self.version.as_deref().unwrap_or_default();
        loop {
            let found = object::find_version(store.pool(), (&self.bucket, &self.key), version).await?;
            let state = found.as_ref().and_then(|object| object.state.parse::<State>().ok());
            if let (Some(object), Some(state)) = (&found, state)
                && state.is_final()
            {
                return Ok((object.clone(), state));
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                let at =
                    found.map_or_else(|| "not seen yet".into(), |object| format!("still {}", object.state));
                let text = format!("{} version {version} is {at} after the time to wait", self.key);
                let advice = format!(
                    "is a platform running? see `landfall status` and `landfall explain {}`",
                    self.key
                );
                return Err(Failure::new(Exit::Storage, text).advise(advice));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn size_of(file: &Path) -> Result<u64, Failure> {
    let failed =
        |error| Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", file.display()));
    let found = std::fs::metadata(file).map_err(failed)?;
    if found.is_file() {
        return Ok(found.len());
    }
    Err(Failure::new(Exit::Arguments, format!("{} is no file", file.display())))
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
