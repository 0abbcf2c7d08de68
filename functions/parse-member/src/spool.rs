//! Planned members into memory, by streaming the archive again up to the last wanted byte.

use bytes::Bytes;
use landfall_archive::{Flow, Limits, Pick, PickError, PickSink, Wanted};
use landfall_domain::{Classify, Disposition, Pin};
use landfall_dumps::plan::PlannedFile;
use landfall_objects::{ObjectError, ObjectStore, ReadOptions};

/// A member in memory, its CRC verified.
#[derive(Debug, Clone)]
pub struct Spooled {
    /// Its chain path from the outer name on.
    pub chain_path: String,
    /// Its content.
    pub content: Bytes,
}

/// Members of one reading and what it cost.
#[derive(Debug, Default)]
pub struct Reading {
    /// The members, in the order asked for.
    pub members: Vec<Spooled>,
    /// Bytes fetched from the store.
    pub bytes_read: u64,
    /// Bytes inflated at all levels.
    pub bytes_inflated: u64,
}

/// Why members could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The store failed, or the pinned version is lost.
    #[error("the archive could not be read")]
    Object(#[from] ObjectError),
    /// The archive's bytes are not those that were planned.
    #[error("the archive does not hold what was planned")]
    Pick(#[from] PickError),
}

impl Classify for SpoolError {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Object(error) => error.disposition(),
            Self::Pick(_) => Disposition::Retry,
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Object(error) => error.code(),
            Self::Pick(PickError::CrcMismatch { .. }) => "member_crc",
            Self::Pick(PickError::Missing { .. }) => "member_missing",
            Self::Pick(PickError::Walk(error)) => error.code(),
        }
    }
}

struct Buffers(Vec<Vec<u8>>);

impl PickSink for Buffers {
    fn start(&mut self, index: usize) {
        if let Some(buffer) = self.0.get_mut(index) {
            buffer.clear();
        }
    }

    fn data(&mut self, index: usize, bytes: &[u8]) {
        if let Some(buffer) = self.0.get_mut(index) {
            buffer.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, _: usize) {}
}

/// Reads members of one archive into memory. The caller has bounded their sizes.
pub async fn spool(
    objects: &ObjectStore,
    (bucket, key): (&str, &str),
    pin: &Pin,
    files: &[&PlannedFile],
    limits: Limits,
) -> Result<Reading, SpoolError> {
    let wanted = files.iter().map(|file| Wanted { chain: file.chain.clone(), crc32: file.crc32 }).collect();
    let mut pick = Pick::with_limits(limits, wanted);
    let mut buffers = Buffers(files.iter().map(|file| Vec::with_capacity(capacity(file))).collect());
    let mut read = objects.read(bucket, key, pin, ReadOptions::default()).await?;
    while let Some(block) = read.next().await? {
        // Inflating a block is short work; a thread switch for each would cost more than it frees.
        if pick.push(&block, &mut buffers)? == Flow::Stop {
            break;
        }
    }
    pick.finish(&mut buffers)?;
    let members = files
        .iter()
        .zip(buffers.0)
        .map(|(file, content)| Spooled { chain_path: file.chain_path.clone(), content: content.into() });
    Ok(Reading {
        members: members.collect(),
        bytes_read: read.bytes_fetched(),
        bytes_inflated: pick.stats().inflated,
    })
}

/// A header may claim any size: what is reserved before the bytes come is bounded.
fn capacity(file: &PlannedFile) -> usize {
    usize::try_from(file.size.min(1 << 20)).unwrap_or(0)
}
