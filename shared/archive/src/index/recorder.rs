//! What a walk tells its index, level by level.

use std::sync::Arc;

use landfall_inflate::WINDOW_BYTES;

use super::builder::IndexBuilder;
use super::place::Place;
use super::{IndexOptions, MemberRecord, Origin, StreamKind, StreamRecord};
use crate::Step;
use crate::gzip::{BlockStart, GzipStream};

/// So many times closer checkpoints stand in a stream that holds what is packed already, as archives in an archive:
/// next to nothing refers to a window there, and a checkpoint is a few bytes.
const PACKED_CLOSER: u64 = 4;

/// The stream that is open at one depth.
#[derive(Debug)]
struct Open {
    stream: u32,
    /// None for a plain tar: its bytes stand in the stream above as they are.
    trail: Option<Trail>,
}

/// How far a gzip stream is, and from where it can be reached.
#[derive(Debug)]
struct Trail {
    inflated: u64,
    /// Where the last checkpoint that is kept in any case stands.
    kept: u64,
    place: Arc<Place>,
}

/// Follows the open streams of a walk.
#[derive(Debug)]
pub(crate) struct Recorder {
    options: IndexOptions,
    open: Vec<Open>,
    builder: IndexBuilder,
    /// Wanted places that are not ripe; few, for only the last place of a stream can be one.
    unripe: Vec<Arc<Place>>,
    /// Bytes of the object that were needed so far.
    object_at: u64,
}

impl Recorder {
    pub(crate) fn new(options: IndexOptions) -> Self {
        // A place within the reach of the one before would cut off what refers to its window.
        let options = IndexOptions { block_bytes: options.block_bytes.max(WINDOW_BYTES as u64), ..options };
        Self {
            options,
            open: Vec::new(),
            builder: IndexBuilder::new(options.max_bytes),
            unripe: Vec::new(),
            object_at: 0,
        }
    }

    /// Bytes of buffers held; of places that several hold, once for each.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        let last = self.open.iter().filter_map(|open| open.trail.as_ref()).map(|trail| &trail.place);
        self.builder.held() + last.chain(&self.unripe).map(|place| place.held()).sum::<usize>()
    }

    /// Bytes that the index has so far.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.builder.bytes()
    }

    pub(crate) fn into_builder(mut self) -> IndexBuilder {
        self.close_from(0);
        self.builder
    }

    /// The stream at `depth` begins; `step` is its place in the tar above.
    pub(crate) fn open(&mut self, depth: usize, kind: StreamKind, step: Option<&Step>) {
        self.close_from(depth);
        let parent = self.open.last().map(|open| open.stream);
        let (offset, size) = step.map_or((0, 0), |step| (step.offset, step.size));
        let stream = self.builder.stream(StreamRecord { parent, offset, size, kind });
        if let Some(step) = step {
            self.builder.name(stream, &step.path);
        }
        let trail = (kind == StreamKind::Gzip).then(|| {
            let place = Arc::new(Place::member(stream, (0, 0), self.nearest()));
            Trail { inflated: 0, kept: 0, place }
        });
        self.open.push(Open { stream, trail });
    }

    /// The streams at `depth` and below are at their end, or broken.
    pub(crate) fn close_from(&mut self, depth: usize) {
        for open in self.open.drain(depth.min(self.open.len())..) {
            if let Some(trail) = &open.trail {
                trail.place.ripen();
            }
        }
        self.write_ripe();
    }

    /// Whether the end of a block is looked for at `depth`.
    pub(crate) fn looks_for_block(&self, depth: usize) -> bool {
        self.trail(depth).is_some_and(|trail| {
            trail.inflated.saturating_sub(trail.place.inflated) >= self.options.block_bytes
        })
    }

    /// The stream at `depth` gave `inflated` bytes more.
    pub(crate) fn gave(&mut self, depth: usize, gzip: &GzipStream, inflated: usize) {
        let Some(trail) = self.trail_mut(depth) else { return };
        trail.inflated = trail.inflated.saturating_add(inflated as u64);
        if let Some(references) = gzip.references().filter(|_| !trail.place.is_ripe()) {
            trail.place.follow(references, trail.inflated);
            self.write_ripe();
        }
    }

    /// Everything inflated so far at `depth` was handled, and the stream stands between two blocks.
    pub(crate) fn at_block(&mut self, depth: usize, start: BlockStart, gzip: &mut GzipStream) {
        let above = self.above(depth);
        let origin = Origin::Block { bits: start.bits, value: start.value };
        let Some((stream, inflated)) = self.whereabouts(depth) else { return };
        gzip.watch();
        let window = gzip.window().to_vec();
        self.put(depth, Place::block(stream, (start.position, inflated), origin, above, window));
    }

    /// Everything inflated so far at `depth` was handled, and a gzip member begins at `position`.
    pub(crate) fn at_member(&mut self, depth: usize, position: u64) {
        let above = self.above(depth);
        let Some((stream, inflated)) = self.whereabouts(depth) else { return };
        self.put(depth, Place::member(stream, (position, inflated), above));
    }

    /// A target begins in the tar at `depth`: it is to be reached by all places that lead to it.
    pub(crate) fn want(&mut self, depth: usize) {
        let mut next = self
            .open
            .get(..=depth)
            .unwrap_or_default()
            .iter()
            .rev()
            .find_map(|open| open.trail.as_ref().map(|trail| Arc::clone(&trail.place)));
        while let Some(place) = next.take() {
            next.clone_from(&place.above);
            self.keep(place);
        }
    }

    /// So many bytes of the object were needed so far.
    pub(crate) fn set_object_at(&mut self, object_at: u64) {
        self.object_at = object_at;
    }

    /// A member of the tar at `depth` was read to its end; an archive is what was opened last below.
    pub(crate) fn member(&mut self, depth: usize, step: &Step, (crc32, is_archive): (u32, bool)) {
        let Some(open) = self.open.get(depth) else { return };
        let opened = self.open.get(depth.saturating_add(1)).filter(|_| is_archive).map(|open| open.stream);
        self.builder.member(MemberRecord {
            stream: open.stream,
            name: step.path.clone(),
            offset: step.offset,
            size: step.size,
            crc32,
            object_end: self.object_at,
            opened,
        });
    }

    /// A new last place of the stream at `depth`.
    fn put(&mut self, depth: usize, place: Place) {
        let span = self.options.span_bytes;
        let Some(trail) = self.trail_mut(depth) else { return };
        let place = Arc::new(place);
        let old = std::mem::replace(&mut trail.place, Arc::clone(&place));
        let span = if is_packed(&old, &place) { span / PACKED_CLOSER } else { span };
        let is_due = place.inflated.saturating_sub(trail.kept) >= span;
        if is_due {
            trail.kept = place.inflated;
        }
        // Nothing behind the start of a member refers to what is before it, and no other place comes within reach.
        old.ripen();
        if is_due {
            self.keep(place);
        }
        self.write_ripe();
    }

    /// Makes a checkpoint of a place, as soon as it is ripe. The start of a stream needs none.
    fn keep(&mut self, place: Arc<Place>) {
        if place.inflated > 0 && place.want() {
            self.unripe.push(place);
            self.write_ripe();
        }
    }

    fn write_ripe(&mut self) {
        let builder = &mut self.builder;
        self.unripe.retain(|place| match place.take() {
            Some(ripe) => {
                builder.checkpoint(place, ripe);
                false
            }
            None => true,
        });
    }

    fn whereabouts(&self, depth: usize) -> Option<(u32, u64)> {
        self.trail(depth).map(|trail| (trail.place.stream, trail.inflated))
    }

    /// The place from which the stream at `depth` is reached.
    fn above(&self, depth: usize) -> Option<Arc<Place>> {
        let above = self.open.get(..depth).unwrap_or_default();
        above.iter().rev().find_map(|open| open.trail.as_ref().map(|trail| Arc::clone(&trail.place)))
    }

    fn nearest(&self) -> Option<Arc<Place>> {
        self.above(self.open.len())
    }

    fn trail(&self, depth: usize) -> Option<&Trail> {
        self.open.get(depth)?.trail.as_ref()
    }

    fn trail_mut(&mut self, depth: usize) -> Option<&mut Trail> {
        self.open.get_mut(depth)?.trail.as_mut()
    }
}

/// Whether what stands between two places of a stream takes about as many bytes there as it inflates to.
fn is_packed(from: &Place, to: &Place) -> bool {
    let inflated = to.inflated.saturating_sub(from.inflated);
    to.position.saturating_sub(from.position) >= inflated.saturating_sub(inflated / 16)
}
