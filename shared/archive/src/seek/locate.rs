//! From wanted members to a recipe.

use std::collections::HashMap;

use super::recipe::{Group, Node, Piece, Recipe, Start, What};
use crate::index::{CatalogueRecord, Origin, StreamKind};
use crate::pick::Wanted;
use crate::{Index, IndexError};

/// Members are neighbours if so few bytes of the object lie between them: a request costs more than to read on.
const NEIGHBOUR_BYTES: u64 = 256 << 10;

/// One level on the way to a member.
struct Level {
    stream: u32,
    start: Start,
    /// Bytes of its tar before the place.
    from: u64,
    /// Where its bytes, from the place on, stand in the tar above, and how many there are.
    slice: (u64, u64),
}

/// A wanted member and the way to it.
struct Route {
    /// Offsets at every level, from outside in: the order of the archive.
    order: Vec<u64>,
    levels: Vec<Level>,
    leaf: Piece,
    /// Bytes of the object.
    range: std::ops::Range<u64>,
}

/// Where a wanted member is asked for: its batch, and its place there.
type Asked = (usize, u32);

impl Index {
    /// How to read these members, each known by its chain path and CRC. Indexes in the recipe are the places in
    /// `wanted`.
    ///
    /// # Errors
    /// [`IndexError::NoMember`] if one is not in the index as given, or as for [`Index::parse`].
    pub fn recipe(&self, wanted: &[Wanted]) -> Result<Recipe, IndexError> {
        Ok(self.recipes(&[wanted])?.pop().unwrap_or_default())
    }

    /// A recipe for every batch of members; the catalogue is read once.
    ///
    /// # Errors
    /// As for [`Index::recipe`].
    pub fn recipes(&self, batches: &[&[Wanted]]) -> Result<Vec<Recipe>, IndexError> {
        let mut open = self.asked(batches)?;
        let mut routes: Vec<Vec<Route>> = batches.iter().map(|_| Vec::new()).collect();
        for record in self.records() {
            let CatalogueRecord::Member(member) = record? else { continue };
            for (batch, index) in open.remove(&(member.stream, member.offset)).unwrap_or_default() {
                let file = batches.get(batch).and_then(|batch| batch.get(index as usize));
                let is_same = |file: &Wanted| {
                    file.crc32 == member.crc32
                        && file.chain.steps.last().is_some_and(|s| s.size == member.size)
                };
                if !file.is_some_and(is_same) {
                    return Err(missing(file));
                }
                let what = What::Member { index, crc32: member.crc32 };
                let leaf = Piece { offset: member.offset, length: member.size, what };
                let route = self.route(member.stream, leaf, member.object_end)?;
                if let Some(routes) = routes.get_mut(batch) {
                    routes.push(route);
                }
            }
        }
        if let Some((batch, index)) = open.into_values().flatten().min() {
            return Err(missing(batches.get(batch).and_then(|batch| batch.get(index as usize))));
        }
        Ok(routes.into_iter().map(Recipe::of).collect())
    }

    fn asked(&self, batches: &[&[Wanted]]) -> Result<HashMap<(u32, u64), Vec<Asked>>, IndexError> {
        let mut asked: HashMap<_, Vec<Asked>> = HashMap::new();
        for (batch, wanted) in batches.iter().enumerate() {
            for (index, file) in (0_u32..).zip(*wanted) {
                asked.entry(self.place_of(file)?).or_default().push((batch, index));
            }
        }
        Ok(asked)
    }

    /// The stream that holds the last step of a chain, and the step's offset in it.
    fn place_of(&self, file: &Wanted) -> Result<(u32, u64), IndexError> {
        let (last, archives) = file.chain.steps.split_last().ok_or_else(|| missing(Some(file)))?;
        let mut stream = 0;
        for step in archives {
            stream = self.stream_at(stream, step.offset).ok_or_else(|| missing(Some(file)))?;
        }
        Ok((stream, last.offset))
    }

    fn route(&self, stream: u32, leaf: Piece, object_end: u64) -> Result<Route, IndexError> {
        let (mut order, mut levels, mut next, mut offset) =
            (vec![leaf.offset], Vec::new(), Some(stream), leaf.offset);
        let mut is_empty = leaf.length == 0;
        while let Some(stream) = next {
            let record = self.stream(stream)?;
            let (start, position, from) = self.start(stream, offset, is_empty)?;
            is_empty &= record.kind == StreamKind::Plain;
            let slice = (record.offset.saturating_add(position), record.size.saturating_sub(position));
            levels.push(Level { stream, start, from, slice });
            next = record.parent;
            offset = slice.0;
            if next.is_some() {
                order.push(record.offset);
            }
        }
        order.reverse();
        levels.reverse();
        let end = object_end.min(self.object_bytes());
        let range = offset..end.max(offset);
        Ok(Route { order, levels, leaf, range })
    }

    /// The best place to begin from for a byte of a stream's tar: how, and the bytes of the stream and of its tar
    /// before it. For an empty member the place is before the end of its header: the walk was done with it there, and the
    /// range may end before the bytes at which a place right behind the header stands.
    fn start(&self, stream: u32, offset: u64, is_empty: bool) -> Result<(Start, u64, u64), IndexError> {
        if self.stream(stream)?.kind == StreamKind::Plain {
            return Ok((Start::Plain, offset, offset));
        }
        let last = offset.saturating_sub(u64::from(is_empty));
        let Some(checkpoint) = self.checkpoint_before(stream, last) else {
            return Ok((Start::Member { position: 0 }, 0, 0));
        };
        let position = checkpoint.position;
        let start = match checkpoint.origin {
            Origin::Member => Start::Member { position },
            Origin::Block { bits, value } => {
                let (window, raw) = self.packed_window(checkpoint)?;
                Start::Block { position, bits, value, window: window.to_vec(), raw }
            }
        };
        Ok((start, position, checkpoint.inflated))
    }
}

impl Recipe {
    fn of(mut routes: Vec<Route>) -> Self {
        routes.sort_by(|a, b| a.order.cmp(&b.order));
        let mut recipe = Self::default();
        for route in routes {
            recipe.add(route);
        }
        recipe
    }

    /// Adds a member behind all those that were added before.
    fn add(&mut self, route: Route) {
        let near = self
            .groups
            .last_mut()
            .filter(|group| route.range.start <= group.range.end.saturating_add(NEIGHBOUR_BYTES));
        match near {
            Some(group) if group.fits(&route) => group.add(route, 1),
            _ => {
                let mut group = Group { range: route.range.clone(), nodes: Vec::new() };
                group.add(route, 0);
                self.groups.push(group);
            }
        }
    }
}

impl Group {
    /// Whether a member can be read on the way: no piece of it lies inside another, as the members of an archive do
    /// that is itself a wanted member.
    fn fits(&self, route: &Route) -> bool {
        let mut node = self.nodes.first();
        let pieces = route.levels.iter().skip(1).map(|level| level.slice.0).chain([route.leaf.offset]);
        for (offset, stream) in pieces.zip(route.levels.iter().skip(1).map(|l| Some(l.stream)).chain([None]))
        {
            let Some(last) = node.and_then(|node| node.pieces.last()) else { return true };
            let below = self.archive(last).filter(|below| Some(below.stream) == stream);
            if below.is_none() {
                return offset >= last.offset.saturating_add(last.length);
            }
            node = below;
        }
        false
    }

    /// Adds a member; `shared` is 1 if the object itself is already read.
    fn add(&mut self, route: Route, shared: usize) {
        self.range.end = self.range.end.max(route.range.end);
        let mut at = 0;
        for (number, level) in route.levels.into_iter().enumerate() {
            if number < shared {
                continue;
            }
            let known = self.nodes.get(at).and_then(|node| node.pieces.last());
            let known = known.filter(|last| self.archive(last).is_some_and(|n| n.stream == level.stream));
            if let Some(Piece { what: What::Archive { node }, .. }) = known {
                at = *node as usize;
                continue;
            }
            let new = self.nodes.len();
            let Level { stream, start, from, slice: (offset, length) } = level;
            if let Some(above) = self.nodes.get_mut(at) {
                let what = What::Archive { node: u32::try_from(new).unwrap_or(u32::MAX) };
                above.pieces.push(Piece { offset, length, what });
            }
            self.nodes.push(Node { stream, start, from, pieces: Vec::new() });
            at = new;
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.pieces.push(route.leaf);
        }
    }

    fn archive(&self, piece: &Piece) -> Option<&Node> {
        match piece.what {
            What::Archive { node } => self.nodes.get(usize::try_from(node).ok()?),
            What::Member { .. } => None,
        }
    }
}

fn missing(file: Option<&Wanted>) -> IndexError {
    IndexError::NoMember(file.map(|file| file.chain.joined()).unwrap_or_default())
}
