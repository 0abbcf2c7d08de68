//! One archive of a batch, from sending to its end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use landfall_objects::ObjectStore;
use landfall_store::Store;
use landfall_store::dump::RunResult;
use tokio::sync::oneshot;

use super::{Item, Kind};
use crate::commands::dumps::put::result_of;
use crate::uploads::{self, Follow, Request};
use crate::{Exit, Failure};

/// Where archives are sent, and how long each may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shipping<'a> {
    pub objects: &'a ObjectStore,
    pub store: &'a Store,
    pub bucket: &'a str,
    pub timeout: Duration,
}

/// The order of the batch: an archive is sent once the one before it is judged.
#[derive(Debug)]
pub(super) struct Turn {
    /// Ends when the one before is judged, or failed.
    pub before: Option<oneshot::Receiver<()>>,
    /// Dropped to let the next one go.
    pub judged: Option<oneshot::Sender<()>>,
}

/// What became of an item.
#[derive(Debug)]
pub(super) struct Shipped {
    pub path: PathBuf,
    /// Key and metadata, if it was to be sent.
    pub request: Option<Request>,
    pub end: End,
}

#[derive(Debug)]
pub(super) enum End {
    /// It was worked on to its end.
    Result(Box<RunResult>),
    /// It was left out.
    Skipped(Failure),
    /// It could not be sent, or its end not be awaited.
    Failed(Failure),
}

impl Shipped {
    /// The exit code that it asks for.
    pub fn exit(&self) -> Exit {
        match &self.end {
            End::Result(result) => result.exit_code().into(),
            End::Skipped(failure) | End::Failed(failure) => failure.exit(),
        }
    }
}

impl Shipping<'_> {
    /// Sends an archive when its turn has come and follows it to its end. A failure is part of the outcome: the
    /// others go on.
    pub async fn ship(self, item: Item, mut turn: Turn) -> Shipped {
        if let Some(before) = turn.before.take() {
            // Whether it is told or dropped: the one before is no longer in the way.
            let _ = before.await;
        }
        let Item { path, kind } = item;
        match kind {
            Kind::Skip(why) => Shipped { path, request: None, end: End::Skipped(why) },
            Kind::Send { request, .. } => {
                let end = self.send_and_follow(&path, &request, turn.judged).await;
                let end = end.map_or_else(End::Failed, |result| End::Result(Box::new(result)));
                Shipped { path, request: Some(request), end }
            }
        }
    }

    async fn send_and_follow(
        self,
        path: &Path,
        request: &Request,
        judged: Option<oneshot::Sender<()>>,
    ) -> Result<RunResult, Failure> {
        // The bar of the batch counts archives.
        let bytes = ProgressBar::hidden();
        let version = uploads::send(self.objects, self.bucket, (path, request), &bytes).await?;
        let follow = Follow {
            store: self.store,
            bucket: self.bucket,
            key: &request.key,
            version: &version,
            until: Instant::now().checked_add(self.timeout),
        };
        follow.judged().await?;
        drop(judged);
        let ended = follow.ended(|_| ()).await?;
        result_of(self.store, ended.object_id).await
    }
}
