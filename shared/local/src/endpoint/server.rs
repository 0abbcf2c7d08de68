//! Start, serve, stop.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use landfall_domain::Clock;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::config::EndpointConfig;
use super::events::EventSink;
use super::index::{ChangeError, Index, IndexError};
use super::protocol::{Core, Service};
use super::request::answer;
use super::storage::BlobStore;

/// How long a repeated completion of a multipart upload still gets its first answer.
const REMEMBER_COMPLETIONS: TimeDelta = TimeDelta::days(1);
/// How long requests under way may take to end at shutdown: a client that does not read would hold it up for ever.
const GRACE: Duration = Duration::from_secs(30);
/// How long accepting pauses when the process has no more file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An endpoint cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The data folder is used by another endpoint: stop that one, or choose another folder.
    #[error("the data folder {} is in use by another process", .dir.display())]
    InUse {
        /// The folder.
        dir: PathBuf,
    },
    /// The data folder cannot be made, read or written.
    #[error("the data folder {} cannot be used", .dir.display())]
    Storage {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address cannot be listened on: choose another.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A running embedded S3 endpoint.
///
/// Dropped, it stops serving without waiting, and the data folder is free some time later; after
/// [`shutdown`](Self::shutdown) it is free.
pub struct Endpoint {
    address: SocketAddr,
    core: Arc<Core>,
    stop: CancellationToken,
    requests: Arc<AtomicU64>,
}

impl Endpoint {
    /// Opens the data folder, removes what a crash left behind, and serves.
    ///
    /// `sink` hears of each write before it is answered; `clock` gives `LastModified`. Call it on a Tokio runtime.
    ///
    /// # Errors
    /// See [`EndpointError`].
    pub async fn start(
        config: EndpointConfig,
        sink: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EndpointError> {
        let address = config.listen;
        let listening = |source| EndpointError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let dir = config.data_dir.clone();
        let timeouts = Timeouts { head: config.head_timeout, body: config.body_timeout };
        let auth = SimpleAuth::from_single(config.access_key.clone(), config.secret_key.clone());
        let opening = tokio::task::spawn_blocking(move || open(config, sink, clock));
        let opened = opening.await.map_err(|error| Failed(Box::new(error))).flatten();
        let core = opened.map_err(|Failed(source)| match source.downcast_ref::<IndexError>() {
            Some(IndexError::InUse) => EndpointError::InUse { dir: dir.clone() },
            _ => EndpointError::Storage { dir: dir.clone(), source },
        })?;
        let core = Arc::new(core);
        let stop = CancellationToken::new();
        let mut builder = S3ServiceBuilder::new(Service(Arc::clone(&core)));
        builder.set_auth(auth);
        let service = builder.build();
        let requests = Arc::new(AtomicU64::new(0));
        let (tasks, counted) = (core.tasks.clone(), Arc::clone(&requests));
        let connections = Connections { service, stop: stop.clone(), tasks, timeouts, requests: counted };
        core.tasks.spawn(connections.accept(listener));
        Ok(Self { address, core, stop, requests })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients; they must use path-style addressing.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests have come so far, whatever they were answered.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Accepts nothing more, finishes the requests under way (for 30 s at most) and closes the index.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.core.tasks.close();
        if tokio::time::timeout(GRACE, self.core.tasks.wait()).await.is_err() {
            tracing::warn!("requests were cut off: they did not end in time");
        }
        self.core.index.close().await;
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Why the folder could not be opened.
struct Failed(Box<dyn std::error::Error + Send + Sync>);

macro_rules! failed_from {
    ($($source:ty),*) => {$(
        impl From<$source> for Failed {
            fn from(error: $source) -> Self {
                Self(Box::new(error))
            }
        }
    )*};
}
failed_from!(io::Error, IndexError, ChangeError);

fn open(config: EndpointConfig, sink: Arc<dyn EventSink>, clock: Arc<dyn Clock>) -> Result<Core, Failed> {
    std::fs::create_dir_all(&config.data_dir)?;
    let database = Index::open(&config.data_dir.join("index.redb"), config.index_cache_bytes)?;
    let tables = Index::first_look(&database)?;
    let is_live = |blob| tables.has_file(blob).map_err(Failed::from);
    let (blobs, removed) = BlobStore::open(config.data_dir.join("blobs"), tables.last_blob()?, is_live)?;
    drop(tables);
    if removed > 0 {
        tracing::info!(removed, "removed blob files that no object refers to");
    }
    let before =
        clock.now().checked_sub_signed(REMEMBER_COMPLETIONS).map_or(0, |time| time.timestamp_millis());
    let index = Index::start(database, Arc::clone(&blobs), clock)?;
    index.change_blocking(move |writer| writer.forget_completions(before))?;
    Ok(Core {
        index,
        blobs,
        sink,
        tasks: TaskTracker::new(),
        region: config.region,
        min_part_bytes: config.min_part_bytes,
    })
}

/// How long a client may keep a connection waiting.
#[derive(Clone, Copy)]
struct Timeouts {
    head: Duration,
    body: Duration,
}

/// What all connections are served with.
#[derive(Clone)]
struct Connections {
    service: S3Service,
    stop: CancellationToken,
    tasks: TaskTracker,
    timeouts: Timeouts,
    requests: Arc<AtomicU64>,
}

impl Connections {
    async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    self.tasks.spawn(self.clone().serve(stream));
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "connection not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(self, stream: TcpStream) {
        // Without it small answers wait for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
        }
        let Self { service, stop, timeouts, requests: count, .. } = self;
        let requests = service_fn(move |request| {
            count.fetch_add(1, Ordering::Relaxed);
            answer(service.clone(), request, timeouts.body)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(timeouts.head);
        let connection = http.serve_connection(TokioIo::new(stream), requests);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    }
}
