//! Planned members into memory: by position where it is known where they stand, else by streaming the archive again.

use bytes::Bytes;
use landfall_archive::{
    Flow, Group, GroupReader, IndexError, Limits, Pick, PickError, PickSink, RecipeError, SeekError, Wanted,
};
use landfall_domain::{Classify, Disposition};
use landfall_dumps::plan::PlannedFile;
use landfall_objects::{ObjectError, ObjectStore, ReadOptions};
use landfall_store::dump::Source;

use crate::way::Way;

/// Bytes of the object that one request may bring.
const REQUEST_BYTES: u64 = 8 << 20;
/// Bytes that are worked on before others get their turn.
const TURN_BYTES: usize = 1 << 20;

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

/// Why members could not be read by position. Streaming the archive decides what is true.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Astray {
    /// The object itself cannot be read.
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error("the index cannot be read: {0}")]
    Kept(#[source] ObjectError),
    #[error("the index does not serve: {0}")]
    Index(#[from] IndexError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Seek(#[from] SeekError),
}

/// Where an archive is read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Archive<'a> {
    pub objects: &'a ObjectStore,
    pub source: &'a Source,
    pub limits: &'a Limits,
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
pub(crate) async fn spool(
    archive: Archive<'_>,
    way: &Way<'_>,
    files: &[&PlannedFile],
) -> Result<Reading, SpoolError> {
    let wanted: Vec<Wanted> = files.iter().map(|file| wanted(file)).collect();
    match by_position(archive, way, &wanted).await {
        Ok(Some((buffers, cost))) => return Ok(reading(files, buffers, cost)),
        Ok(None) => {}
        // The store fails, or the version is lost: streaming would meet the same.
        Err(Astray::Object(error)) => return Err(error.into()),
        Err(astray) => tracing::warn!("the archive is streamed again: {astray}"),
    }
    let (buffers, cost) = by_streaming(archive, wanted).await?;
    Ok(reading(files, buffers, cost))
}

pub(crate) fn wanted(file: &PlannedFile) -> Wanted {
    Wanted { chain: file.chain.clone(), crc32: file.crc32 }
}

/// Bytes read and inflated.
type Cost = (u64, u64);

/// None where nobody knows where the members stand.
async fn by_position(
    archive: Archive<'_>,
    way: &Way<'_>,
    wanted: &[Wanted],
) -> Result<Option<(Buffers, Cost)>, Astray> {
    let Some((recipe, index_bytes)) = way.recipe(archive.objects, wanted).await? else { return Ok(None) };
    let mut buffers = empty(wanted);
    let mut cost: Cost = (index_bytes, 0);
    for group in &recipe.groups {
        let (read, inflated) = read_group(archive, group, &mut buffers).await?;
        cost = (cost.0.saturating_add(read), cost.1.saturating_add(inflated));
    }
    Ok(Some((buffers, cost)))
}

/// One range of the object: one request, unless it is a very long one.
async fn read_group(archive: Archive<'_>, group: &Group, buffers: &mut Buffers) -> Result<Cost, Astray> {
    let Source { bucket, key, pin, .. } = archive.source;
    let length = group.range.end.saturating_sub(group.range.start);
    let options = ReadOptions {
        part_bytes: length.min(REQUEST_BYTES),
        window_bytes: length.clamp(1, REQUEST_BYTES.saturating_mul(2)),
        range: Some(group.range.clone()),
        ..ReadOptions::default()
    };
    let mut reader = GroupReader::new(group)?;
    let mut read = archive.objects.read(bucket, key, pin, options).await?;
    'range: while let Some(block) = read.next().await? {
        for turn in block.chunks(TURN_BYTES) {
            if reader.push(turn, buffers)? == Flow::Stop {
                break 'range;
            }
            tokio::task::yield_now().await;
        }
    }
    let inflated = reader.inflated();
    reader.finish(buffers)?;
    Ok((read.bytes_fetched(), inflated))
}

async fn by_streaming(archive: Archive<'_>, wanted: Vec<Wanted>) -> Result<(Buffers, Cost), SpoolError> {
    let Source { bucket, key, pin, .. } = archive.source;
    let mut buffers = empty(&wanted);
    let mut pick = Pick::with_limits(archive.limits.clone(), wanted);
    let mut read = archive.objects.read(bucket, key, pin, ReadOptions::default()).await?;
    while let Some(block) = read.next().await? {
        // Inflating a block is short work; a thread switch for each would cost more than it frees.
        if pick.push(&block, &mut buffers)? == Flow::Stop {
            break;
        }
    }
    pick.finish(&mut buffers)?;
    Ok((buffers, (read.bytes_fetched(), pick.stats().inflated)))
}

fn reading(files: &[&PlannedFile], buffers: Buffers, (bytes_read, bytes_inflated): Cost) -> Reading {
    let members = files
        .iter()
        .zip(buffers.0)
        .map(|(file, content)| Spooled { chain_path: file.chain_path.clone(), content: content.into() });
    Reading { members: members.collect(), bytes_read, bytes_inflated }
}

/// A header may claim any size: what is reserved before the bytes come is bounded.
fn empty(wanted: &[Wanted]) -> Buffers {
    let size = |file: &Wanted| file.chain.steps.last().map_or(0, |step| step.size.min(1 << 20));
    let capacity = |file| usize::try_from(size(file)).unwrap_or(0);
    Buffers(wanted.iter().map(|file| Vec::with_capacity(capacity(file))).collect())
}
