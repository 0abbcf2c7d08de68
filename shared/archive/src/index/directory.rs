//! The directory of an index: all of it that is not windows and names. Nothing in it is trusted.

use std::fmt;
use std::marker::PhantomData;

use landfall_inflate::WINDOW_BYTES;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::file::{IndexError, limit};
use super::model::Frame;
use super::{Checkpoint, Origin, StreamKind, StreamRecord};

/// What an index may not exceed; all of it far above what a walk within its limits can write.
pub(super) const MAX_DIRECTORY: u32 = 64 << 20;
const MAX_STREAMS: usize = 1_000_000;
const MAX_CHECKPOINTS: usize = 1_000_000;
const MAX_PAGES: usize = 100_000;
const MAX_PAGE: u32 = 256 << 10;
const MAX_CATALOGUE: u64 = 256 << 20;
/// Archives around a member, the object itself included.
pub(crate) const MAX_LEVELS: u32 = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Directory {
    pub(super) sha256: [u8; 32],
    pub(super) object_bytes: u64,
    #[serde(deserialize_with = "at_most::<MAX_STREAMS, _, _>")]
    pub(super) streams: Vec<StreamRecord>,
    /// By stream and position.
    #[serde(deserialize_with = "at_most::<MAX_CHECKPOINTS, _, _>")]
    pub(super) checkpoints: Vec<Checkpoint>,
    #[serde(deserialize_with = "at_most::<MAX_PAGES, _, _>")]
    pub(super) pages: Vec<Frame>,
}

impl Directory {
    /// Refuses what no walk writes.
    pub(super) fn check(&self) -> Result<(), IndexError> {
        self.check_streams()?;
        self.check_checkpoints()?;
        let mut catalogue = 0_u64;
        for page in &self.pages {
            limit("a page", u64::from(page.raw), u64::from(MAX_PAGE))?;
            catalogue = catalogue.saturating_add(u64::from(page.raw));
        }
        limit("the catalogue", catalogue, MAX_CATALOGUE)
    }

    fn check_streams(&self) -> Result<(), IndexError> {
        let mut levels: Vec<u32> = Vec::with_capacity(self.streams.len());
        for (number, stream) in self.streams.iter().enumerate() {
            let above = match stream.parent {
                None => (number == 0 && stream.size == self.object_bytes).then_some(0),
                // Only those before it have a level yet.
                Some(parent) => usize::try_from(parent).ok().and_then(|parent| levels.get(parent)).copied(),
            };
            let above = above.filter(|_| stream.offset.checked_add(stream.size).is_some());
            let above = above.ok_or_else(|| IndexError::malformed("an archive outside any other"))?;
            let level = above.saturating_add(1);
            limit("nesting", u64::from(level), u64::from(MAX_LEVELS))?;
            levels.push(level);
        }
        Ok(())
    }

    fn check_checkpoints(&self) -> Result<(), IndexError> {
        let order = |c: &Checkpoint| (c.stream, c.position, c.inflated);
        let is_sorted = self
            .checkpoints
            .is_sorted_by(|a, b| order(a) < order(b) && (a.stream < b.stream || a.inflated <= b.inflated));
        if !is_sorted {
            return Err(IndexError::malformed("checkpoints out of order"));
        }
        for checkpoint in &self.checkpoints {
            let stream = usize::try_from(checkpoint.stream).ok().and_then(|number| self.streams.get(number));
            let stream = stream.ok_or_else(|| IndexError::malformed("a checkpoint of no archive"))?;
            let origin = match checkpoint.origin {
                Origin::Member => checkpoint.window.raw == 0,
                Origin::Block { bits, value } => bits < 8 && u16::from(value) >> bits == 0,
            };
            let window = checkpoint.window.raw as usize <= WINDOW_BYTES;
            if stream.kind != StreamKind::Gzip || checkpoint.position > stream.size || !origin || !window {
                return Err(IndexError::malformed("an impossible checkpoint"));
            }
        }
        Ok(())
    }
}

/// A list of at most `N`, refused as soon as it says that it is longer: a few bytes under zstd can be millions of
/// records.
fn at_most<'de, const N: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(AtMost::<N, T>(PhantomData))
}

struct AtMost<const N: usize, T>(PhantomData<T>);

impl<'de, const N: usize, T: Deserialize<'de>> Visitor<'de> for AtMost<N, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {N} records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(record) = records.next_element()? {
            if all.len() >= N {
                return Err(A::Error::custom("too many records"));
            }
            all.push(record);
        }
        Ok(all)
    }
}
