//! The walk as its caller sees it.

use super::level::Level;
use super::run::{Book, Halt, Run, Stats, outer_text, step_at};
use crate::feed::take_up_to;
use crate::index::Recorder;
use crate::tar::MemberLimits;
use crate::{Flow, IndexBuilder, IndexOptions, Limits, Visitor, WalkError};

/// How the outer object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OuterEnd {
    /// It was read to its end and is undamaged; nested archives may still be damaged.
    Whole,
    /// It is damaged; what was read whole is kept (specs: dumps 2.6). The same was told as a warning with an empty
    /// chain path.
    Broken {
        /// Where: bytes into the object, or into the tar inside it, as the warning's text says.
        offset: u64,
        /// `outer_truncated`, or the break.
        text: String,
    },
    /// The visitor stopped the walk before the end.
    Stopped,
}

/// The end of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkEnd {
    /// How the outer object ended.
    pub outer: OuterEnd,
}

/// A walk over one object, fed with its bytes in blocks of any size (specs: dumps 2).
///
/// How the object is cut into blocks changes neither what is announced nor the verdict; only `data` comes in other
/// pieces.
#[derive(Debug)]
pub struct Walk {
    limits: Limits,
    book: Book,
    outer: Level,
    /// The bytes of an unfinished step, if there is to be an index.
    held: Vec<u8>,
    stopped: bool,
    failed: Option<WalkError>,
}

impl Walk {
    /// A walk at the start of an object.
    pub fn new(limits: Limits) -> Self {
        let members = MemberLimits { name_bytes: limits.name_bytes, metadata_bytes: limits.metadata_bytes };
        let book = Book { stats: Stats { archives: 1, ..Stats::default() }, ..Book::default() };
        let outer = Level::new(0, members);
        Self { limits, book, outer, held: Vec::new(), stopped: false, failed: None }
    }

    /// A walk that also writes an index of the object. What the visitor calls a target can later be read from the
    /// nearest place before it.
    ///
    /// Up to 64 KiB are held back until they are a whole step: where inflating pauses decides which places an index
    /// knows, and the index of equal contents is to be equal.
    pub fn with_index(limits: Limits, options: IndexOptions) -> Self {
        let mut walk = Self::new(limits);
        walk.book.recorder = Some(Recorder::new(options));
        walk
    }

    /// The index of what was walked, once; none for a walk without one, or one that failed.
    pub fn take_index(&mut self) -> Option<IndexBuilder> {
        let recorder = self.book.recorder.take().filter(|_| self.failed.is_none());
        recorder.map(Recorder::into_builder)
    }

    /// Takes the next bytes of the object and tells `visitor` what they hold.
    ///
    /// After damage of the outer object further bytes are counted and otherwise ignored, so that a caller can go on
    /// hashing. [`Flow::Stop`] is given once the visitor has stopped the walk; further bytes are then ignored.
    ///
    /// # Errors
    /// [`WalkError`] if the object is no archive or breaks a limit; the same again for every later call.
    pub fn push(&mut self, mut bytes: &[u8], visitor: &mut dyn Visitor) -> Result<Flow, WalkError> {
        while !bytes.is_empty() && !self.stopped {
            let consumed = self.book.stats.consumed;
            let step = step_at(consumed);
            let part = take_up_to(&mut bytes, step - consumed % step);
            let consumed = consumed.saturating_add(part.len() as u64);
            self.book.stats.consumed = consumed;
            if self.book.recorder.is_none() || part.len() as u64 == step {
                self.with_outer(visitor, |outer, run| outer.feed(part, run))?;
            } else {
                self.held.extend_from_slice(part);
                if consumed.is_multiple_of(step) {
                    self.feed_held(visitor)?;
                }
            }
        }
        Ok(if self.stopped { Flow::Stop } else { Flow::Continue })
    }

    /// The object has no more bytes.
    ///
    /// # Errors
    /// [`WalkError`] as for [`Walk::push`]; also for an object that ends before it can be told to be an archive.
    pub fn finish(&mut self, visitor: &mut dyn Visitor) -> Result<WalkEnd, WalkError> {
        self.feed_held(visitor)?;
        if !self.stopped {
            self.with_outer(visitor, |outer, run| {
                outer.finish(run)?;
                run.check_ratio(run.book.stats.consumed, 0, run.book.stats.consumed)
            })?;
        }
        let outer = match &self.book.outer {
            _ if self.stopped => OuterEnd::Stopped,
            None => OuterEnd::Whole,
            Some(damage) => OuterEnd::Broken { offset: damage.offset, text: outer_text(damage) },
        };
        Ok(WalkEnd { outer })
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        self.book.stats
    }

    fn feed_held(&mut self, visitor: &mut dyn Visitor) -> Result<(), WalkError> {
        if self.held.is_empty() || self.stopped {
            return Ok(());
        }
        let mut held = std::mem::take(&mut self.held);
        let outcome = self.with_outer(visitor, |outer, run| outer.feed(&held, run));
        held.clear();
        self.held = held;
        outcome
    }

    fn with_outer(
        &mut self,
        visitor: &mut dyn Visitor,
        work: impl FnOnce(&mut Level, &mut Run<'_>) -> Result<(), Halt>,
    ) -> Result<(), WalkError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut run = Run { limits: &self.limits, book: &mut self.book, visitor };
        match work(&mut self.outer, &mut run) {
            Ok(()) => Ok(()),
            Err(Halt::Stopped) => {
                self.stopped = true;
                Ok(())
            }
            Err(Halt::Failed(error)) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::{FileHeader, Interest, Warning};

    /// Counts and keeps nothing.
    #[derive(Default)]
    struct Counter {
        bytes: u64,
        files: u64,
    }

    impl Visitor for Counter {
        fn is_target(&self, _basename: &str) -> bool {
            true
        }

        fn file(&mut self, _header: FileHeader<'_>) -> Interest {
            Interest::Read
        }

        fn data(&mut self, bytes: &[u8]) {
            self.bytes += bytes.len() as u64;
        }

        fn file_end(&mut self, _crc32: u32) -> Flow {
            self.files += 1;
            Flow::Continue
        }

        fn file_broken(&mut self) {}

        fn warning(&mut self, warning: Warning) {
            panic!("{warning:?}");
        }
    }

    /// A tar of `members` under gzip; every name is long and needs a metadata block.
    fn tgz(name: &str, members: &[&[u8]]) -> Vec<u8> {
        let out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(out);
        for (index, data) in members.iter().enumerate() {
            let mut header = tar::Header::new_gnu();
            header.set_size(data.len() as u64);
            tar.append_data(&mut header, format!("{}/{index}{name}", "long".repeat(50)), *data).unwrap();
        }
        let mut out = tar.into_inner().unwrap();
        out.flush().unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn memory_grows_with_depth_and_not_with_the_object() {
        let text: Vec<u8> = (0..1_u32 << 20).flat_map(u32::to_le_bytes).collect();
        let leaf = tgz("", &[&text[..], &text]);
        let middle = tgz(".tgz", &[&leaf[..], &leaf]);
        let small = tgz(".tgz", &[&middle[..]]);
        let large = tgz(".tgz", &[&middle[..]; 4]);
        let mut held = Vec::new();
        for (object, copies) in [(small, 1), (large, 4)] {
            let (mut walk, mut counter) = (Walk::new(Limits::default()), Counter::default());
            let mut most = 0;
            for block in object.chunks(64 << 10) {
                assert_eq!(walk.push(block, &mut counter), Ok(Flow::Continue));
                most = most.max(walk.outer.held());
            }
            assert_eq!(walk.finish(&mut counter).map(|end| end.outer), Ok(OuterEnd::Whole));
            assert_eq!((counter.files, counter.bytes), (4 * copies, 4 * copies * text.len() as u64));
            held.push(most);
        }
        assert_eq!(held[0], held[1], "four times the bytes need no byte more");
        // Output and window of each, and what its tar needs.
        let level = landfall_inflate::OUTPUT_BYTES + landfall_inflate::WINDOW_BYTES + (12 << 10);
        assert!(held[1] <= 3 * level, "three levels hold {}", held[1]);
    }

    #[test]
    fn an_index_in_the_making_holds_itself_and_less_than_100_bytes_a_member() {
        let text: Vec<u8> = (0..5_000_u32).flat_map(u32::to_le_bytes).collect();
        let leaf = tgz("", &[&text[..5_000]; 20]);
        let middle = tgz(".tgz", &[&leaf[..]; 20]);
        let object = tgz(".tgz", &[&middle[..]; 40]);
        let members = 40 * (20 * 21 + 1);
        let limits = Limits { ratio: u64::MAX, ..Limits::default() };
        let (mut walk, mut counter) = (Walk::with_index(limits, IndexOptions::default()), Counter::default());
        // A window, and what refers to it, for each level and each that it was reached from.
        let places = 6 * (36 << 10);
        for block in object.chunks(64 << 10) {
            walk.push(block, &mut counter).unwrap();
            let recorder = walk.book.recorder.as_ref().unwrap();
            let most = usize::try_from(recorder.bytes()).unwrap() + places + 100 * members;
            assert!(recorder.held() + walk.held.capacity() <= most, "{} over {most}", recorder.held());
        }
        walk.finish(&mut counter).unwrap();
        assert_eq!(counter.files, 40 * 20 * 20);
        let recorder = walk.book.recorder.as_ref().unwrap();
        let (held, index) = (recorder.held(), usize::try_from(recorder.bytes()).unwrap());
        assert!(held <= index + places + 100 * members, "{held}, index {index}");
        let file = walk.take_index().unwrap().finish([0; 32], object.len() as u64).unwrap();
        assert_eq!(crate::Index::parse_whole(file).unwrap().members().count(), members);
    }
}
