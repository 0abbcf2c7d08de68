//! How members are reached: ranges of the object, and places to begin from at every level.

use std::collections::HashSet;
use std::ops::Range;

use landfall_inflate::WINDOW_BYTES;
use serde::{Deserialize, Serialize};

use crate::index::MAX_LEVELS;
use crate::pick::Wanted;

/// Why a recipe cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a resume recipe cannot be followed: {0}")]
pub struct RecipeError(pub(super) String);

impl RecipeError {
    /// With what is wrong.
    #[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
    pub fn new(what: impl ToString) -> Self {
        Self(what.to_string())
    }
}

/// Everything a worker needs to read some members of an object without its index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Each is one range of the object, in rising order.
    pub groups: Vec<Group>,
}

/// Members that are neighbours: one ranged GET brings them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The bytes of the object that are needed.
    pub range: Range<u64>,
    /// The streams to read, the object itself first, each before those that stand in it.
    pub(super) nodes: Vec<Node>,
}

/// A stream that is read from some place on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Node {
    /// Its number in the index.
    pub(super) stream: u32,
    pub(super) start: Start,
    /// Bytes of its tar before the place.
    pub(super) from: u64,
    /// What is read of its tar, in rising order.
    pub(super) pieces: Vec<Piece>,
}

/// How a stream begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Start {
    /// It is the tar itself.
    Plain,
    /// With a gzip member, so many bytes behind its start.
    Member { position: u64 },
    /// Between two blocks of deflate.
    Block {
        position: u64,
        /// High bits of the byte before, and their value.
        bits: u8,
        value: u8,
        /// The window, zstd under it, and its length behind that.
        window: Vec<u8>,
        raw: u32,
    },
}

/// A part of a tar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) what: What,
}

/// What a part of a tar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum What {
    /// A wanted member, by its place in the list of wanted ones.
    Member { index: u32, crc32: u32 },
    /// The bytes of a stream, by its place in the list of nodes.
    Archive { node: u32 },
}

impl Recipe {
    /// The recipe as bytes, as small as it can be.
    ///
    /// # Errors
    /// [`RecipeError`] if there is no memory for it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecipeError> {
        postcard::to_stdvec(self).map_err(RecipeError::new)
    }

    /// A recipe from its bytes.
    ///
    /// # Errors
    /// [`RecipeError`] for anything that is no recipe or cannot be followed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecipeError> {
        let recipe: Self = postcard::from_bytes(bytes).map_err(RecipeError::new)?;
        recipe.groups.iter().try_for_each(Group::check)?;
        Ok(recipe)
    }

    /// The part of a recipe for `all` that brings `some` of them, counted by their places in `some`. Ranges stay as
    /// they are: a neighbour that is not asked for may be fetched with the others.
    ///
    /// # Errors
    /// [`RecipeError`] if it was made for other members than `all`, or does not bring all of `some`.
    pub fn select(mut self, all: &[Wanted], some: &[Wanted]) -> Result<Self, RecipeError> {
        let mut found = HashSet::new();
        for group in &mut self.groups {
            for node in &mut group.nodes {
                let mut pieces = Vec::with_capacity(node.pieces.len());
                for piece in node.pieces.drain(..) {
                    if let Some(piece) = piece.select(all, some)? {
                        if let What::Member { index, .. } = piece.what {
                            found.insert(index);
                        }
                        pieces.push(piece);
                    }
                }
                node.pieces = pieces;
            }
            group.prune();
        }
        self.groups.retain(|group| group.members().next().is_some());
        let asked: HashSet<_> = some.iter().map(|file| &file.chain).collect();
        if found.len() == asked.len() {
            Ok(self)
        } else {
            Err(RecipeError::new("it does not bring all members"))
        }
    }

    /// Bytes of the object that are fetched in all.
    pub fn object_bytes(&self) -> u64 {
        let lengths = self.groups.iter().map(|group| group.range.end.saturating_sub(group.range.start));
        lengths.fold(0, u64::saturating_add)
    }
}

impl Group {
    /// The wanted members that this range brings, by their places in the list of wanted ones.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        let pieces = self.nodes.iter().flat_map(|node| &node.pieces);
        pieces.filter_map(|piece| match piece.what {
            What::Member { index, .. } => usize::try_from(index).ok(),
            What::Archive { .. } => None,
        })
    }

    /// Drops archives in which nothing is read any more. Archives stand behind those that hold them.
    fn prune(&mut self) {
        let mut empty = vec![false; self.nodes.len()];
        for (number, node) in self.nodes.iter_mut().enumerate().rev() {
            node.pieces.retain(|piece| match piece.what {
                What::Archive { node } => {
                    !usize::try_from(node).ok().and_then(|node| empty.get(node)).copied().unwrap_or(true)
                }
                What::Member { .. } => true,
            });
            if let Some(empty) = empty.get_mut(number) {
                *empty = node.pieces.is_empty();
            }
        }
    }

    /// Refuses what no index says: loops, depths and sizes beyond all bounds, pieces out of order.
    pub(super) fn check(&self) -> Result<(), RecipeError> {
        if self.range.start > self.range.end || self.nodes.is_empty() {
            return Err(RecipeError::new("an empty range"));
        }
        let mut depths = vec![0_u32; self.nodes.len()];
        for (number, node) in self.nodes.iter().enumerate() {
            node.check()?;
            let depth = depths.get(number).copied().unwrap_or(0).saturating_add(1);
            for child in node.archives() {
                // One that stood in two places could be deeper than its number tells, and be read any number of times.
                let below = depths.get_mut(child).filter(|below| child > number && **below == 0);
                *below.ok_or_else(|| RecipeError::new("an archive inside itself, or in two places"))? = depth;
            }
            if depth > MAX_LEVELS {
                return Err(RecipeError::new("nested too deep"));
            }
        }
        Ok(())
    }
}

impl Piece {
    /// The piece counted anew, if it is asked for.
    fn select(mut self, all: &[Wanted], some: &[Wanted]) -> Result<Option<Self>, RecipeError> {
        let What::Member { index, crc32 } = self.what else { return Ok(Some(self)) };
        let file = usize::try_from(index).ok().and_then(|index| all.get(index));
        let size = file.and_then(|file| file.chain.steps.last()).map(|step| step.size);
        let file = file.filter(|file| file.crc32 == crc32 && size == Some(self.length));
        let file = file.ok_or_else(|| RecipeError::new("it is for other members"))?;
        let Some(place) = some.iter().position(|other| other.chain == file.chain) else { return Ok(None) };
        self.what = What::Member { index: u32::try_from(place).unwrap_or(u32::MAX), crc32 };
        Ok(Some(self))
    }
}

impl Node {
    fn archives(&self) -> impl Iterator<Item = usize> + '_ {
        self.pieces.iter().filter_map(|piece| match piece.what {
            What::Archive { node } => usize::try_from(node).ok(),
            What::Member { .. } => None,
        })
    }

    fn check(&self) -> Result<(), RecipeError> {
        let mut at = self.from;
        for piece in &self.pieces {
            if piece.offset < at {
                return Err(RecipeError::new("pieces out of order"));
            }
            at = piece
                .offset
                .checked_add(piece.length)
                .ok_or_else(|| RecipeError::new("a piece without end"))?;
        }
        match &self.start {
            Start::Block { raw, .. } if *raw as usize > WINDOW_BYTES => {
                Err(RecipeError::new("a window too large"))
            }
            _ => Ok(()),
        }
    }
}
