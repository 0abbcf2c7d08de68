//! Where the bytes of an archive come from: a local file, or an object that landed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use landfall_domain::ObjectId;
use landfall_dumps::names::base_name;
use landfall_objects::{OrderedRead, ReadOptions};
use landfall_store::object;
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
    Object(Box<OrderedRead>),
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
            failure.while_doing(format!("{text} is no file here, and objects cannot be looked up"))
        })?;
        let found = reference::find(store.pool(), text).await?;
        let object = object::find(store.pool(), ObjectId(found.object_id)).await?.ok_or_else(|| {
            Failure::new(Exit::Arguments, format!("object {} is gone from the books", found.object_id))
        })?;
        let objects = place.objects().await?;
        let read = objects.read(&object.bucket, &object.key, &object.pin, ReadOptions::default()).await?;
        let head = read.head().clone();
        Ok(Self {
            outer: base_name(&object.key).to_owned(),
            name: object.key,
            size: head.size,
            written: head.last_modified,
            metadata: head.metadata,
            reader: Reader::Object(Box::new(read)),
        })
    }

    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.reader {
            Reader::Object(read) => Ok(read.next().await?),
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
