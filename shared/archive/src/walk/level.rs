//! One archive of the chain: gzip or plain, then tar.

use super::body::{Body, Trouble};
use super::run::{Halt, Run};
use crate::WalkError;
use crate::damage::{Cause, Damage};
use crate::feed::Gather;
use crate::gzip::{GzipStream, Progress};
use crate::index::StreamKind;
use crate::tar::MemberLimits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Fewer than two bytes were seen.
    Unknown,
    Gzip,
    Plain,
    /// Nothing more is read of this archive.
    Broken,
}

/// The state of the archive at one depth; used again for the next archive at that depth.
#[derive(Debug)]
pub(super) struct Level {
    depth: usize,
    framing: Framing,
    first: Gather<2>,
    gzip: GzipStream,
    bad_trailer_seen: bool,
    body: Body,
}

impl Level {
    pub(super) fn new(depth: usize, limits: MemberLimits) -> Self {
        Self {
            depth,
            framing: Framing::Unknown,
            first: Gather::new(),
            gzip: GzipStream::new(),
            bad_trailer_seen: false,
            body: Body::new(depth, limits),
        }
    }

    /// Begins another archive; keeps the memory.
    pub(super) fn restart(&mut self) {
        self.framing = Framing::Unknown;
        self.first.clear();
        self.bad_trailer_seen = false;
        self.body.restart();
    }

    /// Takes the next bytes of the archive.
    pub(super) fn feed(&mut self, bytes: &[u8], run: &mut Run<'_>) -> Result<(), Halt> {
        let outcome = self.route(bytes, run);
        self.settle(outcome, run)
    }

    /// The archive's bytes are used up.
    pub(super) fn finish(&mut self, run: &mut Run<'_>) -> Result<(), Halt> {
        let outcome = match self.framing {
            Framing::Broken => Ok(()),
            Framing::Unknown if self.first.partial().is_empty() => Err(Damage::not_archive("empty")),
            Framing::Unknown => Err(Damage::not_archive("neither gzip nor tar: a single byte")),
            Framing::Gzip => self.gzip.finish().and_then(|()| self.body.finish()),
            Framing::Plain => self.body.finish(),
        };
        let outcome = outcome.map_err(|damage| Trouble::Damage(self.name_format(damage)));
        self.settle(outcome, run)
    }

    /// Bytes of buffers held by this level and those below.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.gzip.held() + self.body.held()
    }

    fn route(&mut self, mut bytes: &[u8], run: &mut Run<'_>) -> Result<(), Trouble> {
        if self.framing == Framing::Unknown {
            let Some(first) = self.first.take(&mut bytes) else { return Ok(()) };
            if first == *b"\x1f\x8b" {
                self.framing = Framing::Gzip;
                run.stream_opened(self.depth, StreamKind::Gzip);
                self.gzip.restart();
            } else {
                self.framing = Framing::Plain;
                run.stream_opened(self.depth, StreamKind::Plain);
                self.plain(&first, run)?;
            }
        }
        match self.framing {
            Framing::Gzip => self.gunzip(bytes, run),
            Framing::Plain => self.plain(bytes, run),
            Framing::Unknown | Framing::Broken => Ok(()),
        }
    }

    fn plain(&mut self, bytes: &[u8], run: &mut Run<'_>) -> Result<(), Trouble> {
        // Only the object itself is counted: a nested plain tar was inflated, and counted, a level above.
        if self.depth == 0 {
            run.count_inflated(bytes.len(), self.depth, self.body.position()).map_err(Trouble::Halt)?;
            run.object_needed(self.body.position().saturating_add(bytes.len() as u64));
        }
        self.body.feed(bytes, None, run).map_err(|trouble| self.named(trouble))
    }

    fn gunzip(&mut self, mut bytes: &[u8], run: &mut Run<'_>) -> Result<(), Trouble> {
        loop {
            let room = usize::try_from(run.room()).unwrap_or(usize::MAX);
            self.gzip.set_mode(run.inflate_mode(self.depth));
            let progress = self.gzip.advance(&mut bytes, room).map_err(Trouble::Damage)?;
            if let Some(recorder) = &mut run.book.recorder {
                let inflated = if let Progress::Output(length) = progress { length } else { 0 };
                if let Some(position) = self.gzip.member_start() {
                    recorder.at_member(self.depth, position);
                }
                recorder.gave(self.depth, &self.gzip, inflated);
            }
            match progress {
                Progress::Hungry => return Ok(()),
                Progress::BadTrailer(damage) => self.bad_trailer(damage, run),
                Progress::Output(length) => self.inflated(length, run)?,
            }
        }
    }

    /// Hands on what was inflated.
    fn inflated(&mut self, length: usize, run: &mut Run<'_>) -> Result<(), Trouble> {
        run.count_inflated(length, self.depth, self.gzip.position()).map_err(Trouble::Halt)?;
        if self.depth == 0 {
            run.object_needed(self.gzip.position());
        }
        let fed = self.body.feed(self.gzip.output(), Some(self.gzip.output_crc()), run);
        fed.map_err(|trouble| self.named(trouble))?;
        if let (Some(recorder), Some(start)) = (&mut run.book.recorder, self.gzip.block_start()) {
            recorder.at_block(self.depth, start, &mut self.gzip);
        }
        Ok(())
    }

    /// All files are kept and the stream is read on. Reported once an archive: a stream may hold any number of
    /// members.
    fn bad_trailer(&mut self, damage: Damage, run: &mut Run<'_>) {
        if !self.bad_trailer_seen {
            self.bad_trailer_seen = true;
            run.report(self.depth, damage);
        }
    }

    /// Ends the archive if it broke; an outer object that is no archive at all ends the walk.
    fn settle(&mut self, outcome: Result<(), Trouble>, run: &mut Run<'_>) -> Result<(), Halt> {
        let damage = match outcome {
            Ok(()) => return Ok(()),
            Err(Trouble::Halt(halt)) => return Err(halt),
            Err(Trouble::Damage(damage)) => damage,
        };
        self.framing = Framing::Broken;
        run.drop_open(self.depth);
        if self.depth == 0 && damage.cause == Cause::NotArchive {
            return Err(Halt::Failed(WalkError::NotArchive { text: damage.to_string() }));
        }
        run.report(self.depth, damage);
        Ok(())
    }

    fn named(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Damage(damage) => Trouble::Damage(self.name_format(damage)),
            halt @ Trouble::Halt(_) => halt,
        }
    }

    /// Completes the text of a tar parser that found no tar.
    fn name_format(&self, damage: Damage) -> Damage {
        match (&damage.cause, self.framing) {
            (Cause::NotArchive, Framing::Gzip) => {
                Damage::not_archive(format!("gzip of something that is no tar: {}", damage.what))
            }
            (Cause::NotArchive, Framing::Plain) => {
                Damage::not_archive(format!("neither gzip nor tar: {}", damage.what))
            }
            _ => damage,
        }
    }
}
