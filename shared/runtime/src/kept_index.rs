//! The index that the work bucket keeps for a content (design: archives).

use landfall_archive::{Index, IndexError, index_key};
use landfall_domain::Sha256Digest;
use landfall_objects::{ObjectError, ObjectStore};

/// Bytes of an index that is read: above what a pass writes.
pub const INDEX_BYTES: u64 = 40 << 20;

/// Why a kept index does not serve. The archive itself can be read all the same.
#[derive(Debug, thiserror::Error)]
pub enum KeptIndexError {
    /// The store failed, or the bucket is missing or closed.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// It is too large, damaged, or of another content.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// The index of a content, with the bytes that were fetched; none where none is kept.
///
/// # Errors
/// The store failed, or what is there does not serve.
pub async fn kept_index(
    objects: &ObjectStore,
    work_bucket: &str,
    sha256: &Sha256Digest,
) -> Result<Option<(Index, u64)>, KeptIndexError> {
    let file = match objects.read_whole(work_bucket, &index_key(sha256.as_bytes()), INDEX_BYTES).await {
        Ok(Some((_, file))) => file,
        Ok(None) => return Ok(None),
        Err(ObjectError::OutOfRange { size, .. }) => {
            return Err(IndexError::Limit { what: "file", found: size, limit: INDEX_BYTES }.into());
        }
        Err(error) => return Err(error.into()),
    };
    let bytes = file.len() as u64;
    let index = Index::parse(file)?;
    if index.sha256() != *sha256.as_bytes() {
        return Err(IndexError::Malformed("it is bound to another content".to_owned()).into());
    }
    Ok(Some((index, bytes)))
}
