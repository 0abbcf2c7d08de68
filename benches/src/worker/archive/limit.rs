//! What inflating and hashing cost at least: libdeflate on whole buffers, and SHA-256.
//!
//! A pass cannot do this: it would have to hold every level whole. Finding the streams is not measured, nor reading
//! the file.

use std::hint::black_box;
use std::ops::Range;

use landfall_archive::is_archive_name;
use libdeflater::Decompressor;
use sha2::{Digest, Sha256};

use super::{ArchiveDone, ArchiveJob, Clocks};

/// A gzip stream in one of the buffers.
struct Stream {
    buffer: usize,
    range: Range<usize>,
}

/// Inflates every stream of every level into the same memory, which was used before, and hashes the object.
pub(super) fn serve(job: &ArchiveJob) -> anyhow::Result<ArchiveDone> {
    let object = std::fs::read(&job.archive)?;
    let mut inflater = Decompressor::new();
    let mut output = Vec::new();
    let (buffers, streams) = find(object, &mut inflater, &mut output)?;
    let clocks = Clocks::start()?;
    let sha256 = hex::encode(Sha256::digest(buffers.first().map(Vec::as_slice).unwrap_or_default()));
    let mut inflated = 0_u64;
    for stream in &streams {
        let bytes = stream.bytes(&buffers)?;
        let length = inflater.gzip_decompress(bytes, &mut output)?;
        black_box(output.get(..length));
        inflated = inflated.saturating_add(length as u64);
    }
    let done = clocks.stop()?;
    Ok(ArchiveDone { done, inflated, sha256, ..ArchiveDone::default() })
}

impl Stream {
    fn bytes<'b>(&self, buffers: &'b [Vec<u8>]) -> anyhow::Result<&'b [u8]> {
        let bytes = buffers.get(self.buffer).and_then(|buffer| buffer.get(self.range.clone()));
        bytes.ok_or_else(|| anyhow::anyhow!("a stream outside its buffer"))
    }
}

/// All streams, and the buffers they stand in: the object, and every tar that holds archives. `output` is left with
/// room for the longest.
fn find(
    object: Vec<u8>,
    inflater: &mut Decompressor,
    output: &mut Vec<u8>,
) -> anyhow::Result<(Vec<Vec<u8>>, Vec<Stream>)> {
    let mut streams = vec![Stream { buffer: 0, range: 0..object.len() }];
    let mut buffers = vec![object];
    let mut next = 0;
    while let Some(stream) = streams.get(next) {
        next = next.saturating_add(1);
        let bytes = stream.bytes(&buffers)?;
        let length = inflated_bytes(bytes)?;
        output.resize(output.len().max(length), 0);
        let length = inflater.gzip_decompress(bytes, output)?;
        let tar = output.get(..length).unwrap_or_default();
        let archives = archives(tar)?;
        if !archives.is_empty() {
            let buffer = buffers.len();
            streams.extend(archives.into_iter().map(|range| Stream { buffer, range }));
            buffers.push(tar.to_vec());
        }
    }
    Ok((buffers, streams))
}

/// What a gzip stream of one member and less than 4 GiB says of itself at its end (RFC 1952).
fn inflated_bytes(stream: &[u8]) -> anyhow::Result<usize> {
    let size = stream.last_chunk::<4>().ok_or_else(|| anyhow::anyhow!("a stream cut short"))?;
    Ok(usize::try_from(u32::from_le_bytes(*size))?)
}

/// Where the archives in a tar stand.
fn archives(tar: &[u8]) -> anyhow::Result<Vec<Range<usize>>> {
    let mut found = Vec::new();
    for entry in tar::Archive::new(tar).entries()? {
        let entry = entry?;
        if is_archive_name(&entry.path()?.to_string_lossy()) {
            let start = usize::try_from(entry.raw_file_position())?;
            found.push(start..start.saturating_add(usize::try_from(entry.size())?));
        }
    }
    Ok(found)
}
