//! Where the bytes of an archive come from: a local file, or an object that landed.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use landfall_archive::index_key;
use landfall_domain::{ObjectId, Sha256Digest};
use landfall_dumps::names::base_name;
use landfall_objects::{ObjectError, ObjectStore, OrderedRead, ReadOptions};
use landfall_runtime::INDEX_BYTES;
use landfall_store::object::{self, ObjectRow};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::Context;
use crate::{Exit, Failure, reference};

/// Bytes that are read from a file at once.
const BLOCK: usize = 1 << 20;

/// An archive that is read from its start.
pub(super) struct Source {
    /// The file, or the key.
    pub name: String,
    /// The last part of the name.
    pub outer: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was written or uploaded.
    pub written: DateTime<Utc>,
    /// User metadata of an object; nothing for a file.
    pub metadata: BTreeMap<String, String>,
    reader: Reader,
}

enum Reader {
    File(PathBuf, File),
    Object(Box<Stored>),
}

/// An object that landed.
struct Stored {
    row: ObjectRow,
    /// Digest of its content in hex, where it was read whole.
    sha256: Option<String>,
    objects: ObjectStore,
    /// Made when the object is read from its start.
    read: Option<OrderedRead>,
}

impl Stored {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        let read = match &mut self.read {
            Some(read) => read,
            none => {
                let ObjectRow { bucket, key, pin, .. } = &self.row;
                none.insert(self.objects.read(bucket, key, pin, ReadOptions::default()).await?)
            }
        };
        read.next().await
    }
}

impl Source {
    /// A local file.
    pub async fn file(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| unreadable(path, error);
        let file = File::open(path).await.map_err(failed)?;
        let found = file.metadata().await.map_err(failed)?;
        if !found.is_file() {
            return Err(Failure::new(Exit::Arguments, format!("{} is no file", path.display())));
        }
        let name = path.to_string_lossy().into_owned();
        Ok(Self {
            outer: path.file_name().map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned()),
            name,
            size: found.len(),
            written: found.modified().map_err(failed)?.into(),
            metadata: BTreeMap::new(),
            reader: Reader::File(path.to_owned(), file),
        })
    }

    /// A file of that name, else the object that the text names.
    pub async fn file_or_object(text: &str, context: &Context) -> Result<Self, Failure> {
        let path = Path::new(text);
        if path.exists() {
            return Self::file(path).await;
        }
        let place = context.place()?;
        let store = place.store().await.map_err(|failure| {
            let failure =
                failure.while_doing(format!("{text} is no file here, and objects cannot be looked up"));
            // Without a database the text can only have been meant as a file.
            if place.has_database() { failure } else { failure.ending(Exit::Arguments) }
        })?;
        let found = reference::find(store.pool(), text).await?;
        let row = object::find(store.pool(), ObjectId(found.object_id)).await?.ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("object {} is gone from the books", found.object_id))
        })?;
        let objects = place.objects().await?;
        let head = objects.head(&row.bucket, &row.key, row.pin.version_id.as_deref()).await?;
        Ok(Self {
            outer: base_name(&row.key).to_owned(),
            name: row.key.clone(),
            size: head.size,
            written: head.last_modified,
            metadata: head.metadata,
            reader: Reader::Object(Box::new(Stored {
                sha256: found.content_sha256,
                objects,
                read: None,
                row,
            })),
        })
    }

    /// Whether it is an object that landed.
    pub fn is_object(&self) -> bool {
        matches!(self.reader, Reader::Object(_))
    }

    /// The index that is kept for the content; none for a file, for a content that was never read whole, and where
    /// none is kept.
    pub async fn kept_index(&self, context: &Context) -> Result<Option<Vec<u8>>, Failure> {
        let Reader::Object(stored) = &self.reader else { return Ok(None) };
        let Some(Ok(sha256)) = stored.sha256.as_deref().map(str::parse::<Sha256Digest>) else {
            return Ok(None);
        };
        let key = index_key(sha256.as_bytes());
        let bucket = context.place()?.work_bucket;
        match stored.objects.read_whole(&bucket, &key, INDEX_BYTES).await {
            Ok(found) => Ok(found.map(|(_, file)| file)),
            Err(ObjectError::NoSuchBucket { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Exactly these bytes.
    pub async fn read_at(&self, range: Range<u64>) -> Result<Bytes, Failure> {
        match &self.reader {
            Reader::Object(stored) => {
                let ObjectRow { bucket, key, pin, .. } = &stored.row;
                Ok(stored.objects.read_range(bucket, key, pin, range).await?)
            }
            Reader::File(path, _) => {
                let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
                let mut block = vec![0; length];
                let file = std::fs::File::open(path).map_err(|error| unreadable(path, error))?;
                file.read_exact_at(&mut block, range.start).map_err(|error| unreadable(path, error))?;
                Ok(block.into())
            }
        }
    }

    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.reader {
            Reader::Object(stored) => Ok(stored.next().await?),
            Reader::File(path, file) => {
                let mut block = BytesMut::with_capacity(BLOCK);
                while block.len() < BLOCK
                    && file.read_buf(&mut block).await.map_err(|e| unreadable(path, e))? > 0
                {}
                Ok((!block.is_empty()).then(|| block.freeze()))
            }
        }
    }
}

/// A file that cannot be read is a bad argument.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", path.display()))
}
