//! A whole gzip stream: members one after another, zero padding, and what must not follow (specs: dumps 2.6).

use landfall_inflate::{Inflate, InflateError, Mode, References, Run, Stop};
#[cfg(test)]
use landfall_inflate::{OUTPUT_BYTES, WINDOW_BYTES};

use super::header::HeaderReader;
use crate::damage::{Damage, Layer};
use crate::feed::{Gather, take_up_to};

const MAGIC_1: u8 = 0x1f;
const MAGIC_2: u8 = 0x8b;

#[derive(Debug, Clone, Copy)]
enum State {
    Header,
    Body,
    Trailer,
    /// After a complete member: another member, zeros, or the end.
    Between,
    /// After a complete member and the first magic byte.
    HalfMagic,
}

/// What a call found.
pub(crate) enum Progress {
    /// There are this many bytes of [`GzipStream::output`].
    Output(usize),
    /// A member's CRC or length is wrong. Its bytes have been handed out; the stream goes on.
    BadTrailer(Damage),
    /// The input is used up.
    Hungry,
}

/// A place in a stream at which inflating can begin: between two blocks of deflate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockStart {
    /// Bytes of the stream taken so far.
    pub(crate) position: u64,
    /// High bits of the last of them (0 to 7) with which the next block begins, and their value.
    pub(crate) bits: u8,
    pub(crate) value: u8,
}

/// The state of one gzip stream. Starts behind the magic bytes of the first member.
#[derive(Debug)]
pub(crate) struct GzipStream {
    state: State,
    position: u64,
    header: HeaderReader,
    /// Made when the first stream of this level begins, kept for all that follow.
    inflater: Option<Inflate>,
    crc: crc32fast::Hasher,
    /// Of the last output alone.
    output_crc: crc32fast::Hasher,
    length: u32,
    trailer: Gather<8>,
    trailer_at: u64,
    /// Found behind the output of the call before.
    pending: Option<Damage>,
    /// How far a call goes; [`Mode::Block`] while a place to begin from is looked for.
    mode: Mode,
    /// The last byte inflated.
    last: u8,
    /// The end of a block at which the last call stopped.
    block_start: Option<BlockStart>,
    /// Where a member began in the last call, unless it was the first of the stream.
    member_start: Option<u64>,
    /// Whether trailers are compared with what was inflated. Not in a read that began in the middle, where the CRC of
    /// what is wanted decides.
    is_checked: bool,
}

impl GzipStream {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Header,
            position: 2,
            header: HeaderReader::new(),
            inflater: None,
            crc: crc32fast::Hasher::new(),
            output_crc: crc32fast::Hasher::new(),
            length: 0,
            trailer: Gather::new(),
            trailer_at: 0,
            pending: None,
            mode: Mode::Greedy,
            last: 0,
            block_start: None,
            member_start: None,
            is_checked: true,
        }
    }

    /// Begins another stream, behind its two magic bytes; keeps the memory.
    pub(crate) fn restart(&mut self) {
        self.position = 2;
        self.pending = None;
        self.mode = Mode::Greedy;
        self.block_start = None;
        self.member_start = None;
        self.trailer.clear();
        self.begin_header();
    }

    /// A stream that goes on between two blocks; `window` is what was inflated before, as far as it is referred to.
    /// Its trailers are passed over.
    pub(crate) fn resumed(start: BlockStart, window: &[u8]) -> Result<Self, InflateError> {
        let mut inflater = Inflate::new();
        inflater.prime(start.bits, start.value)?;
        inflater.set_window(window)?;
        let mut stream = Self::new();
        stream.state = State::Body;
        stream.position = start.position;
        stream.inflater = Some(inflater);
        stream.is_checked = false;
        Ok(stream)
    }

    /// A stream that goes on at a member, `position` bytes behind its start. Its trailers are passed over.
    pub(crate) fn at_member(position: u64) -> Self {
        Self { state: State::Between, position, is_checked: false, ..Self::new() }
    }

    /// How far calls go from now on.
    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// The end of a block at which the last call stopped.
    pub(crate) fn block_start(&self) -> Option<BlockStart> {
        self.block_start
    }

    /// Where a member that is not the first began during the last call: bytes of the stream before it.
    pub(crate) fn member_start(&self) -> Option<u64> {
        self.member_start
    }

    /// The CRC of the last output, of a stream whose trailers are looked at.
    pub(crate) fn output_crc(&self) -> &crc32fast::Hasher {
        &self.output_crc
    }

    /// What the last call gave.
    pub(crate) fn output(&self) -> &[u8] {
        self.inflater.as_ref().map(Inflate::output).unwrap_or_default()
    }

    /// What was inflated last, as far as it can be referred to.
    pub(crate) fn window(&self) -> &[u8] {
        self.inflater.as_ref().map(Inflate::window).unwrap_or_default()
    }

    /// Notes from here on what is referred to of [`GzipStream::window`], as it is now.
    pub(crate) fn watch(&mut self) {
        if let Some(inflater) = &mut self.inflater {
            inflater.watch();
        }
    }

    /// What was noted since [`GzipStream::watch`].
    pub(crate) fn references(&self) -> Option<&References> {
        self.inflater.as_ref().map(Inflate::references)
    }

    /// Bytes of buffers held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.inflater.as_ref().map_or(0, |_| OUTPUT_BYTES + WINDOW_BYTES)
    }

    /// Bytes of the stream taken so far, the magic bytes included.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on until there is output, at most `room` bytes, a finding, or no more input. Call again until
    /// [`Progress::Hungry`].
    pub(crate) fn advance(&mut self, input: &mut &[u8], room: usize) -> Result<Progress, Damage> {
        if let Some(damage) = self.pending.take() {
            return Err(damage);
        }
        self.member_start = None;
        loop {
            let before = input.len();
            let found = match self.state {
                State::Header => self.read_header(input)?,
                State::Body => self.inflate(input, room),
                State::Trailer => self.read_trailer(input),
                State::Between => self.between(input)?,
                State::HalfMagic => self.half_magic(input)?,
            };
            // The body counts for itself: its damage needs the position.
            if !matches!(found, Found::Body(_)) {
                self.position += (before - input.len()) as u64;
            }
            match found {
                Found::Next(state) => self.state = state,
                Found::Body(None) => {}
                Found::Body(Some(progress)) | Found::Progress(progress) => return Ok(progress),
            }
        }
    }

    /// What is wrong if the stream ends here.
    pub(crate) fn finish(&self) -> Result<(), Damage> {
        match self.state {
            State::Between => Ok(()),
            _ => Err(Damage::truncated(Layer::Gzip, self.position)),
        }
    }

    fn begin_header(&mut self) {
        self.state = State::Header;
        self.header = HeaderReader::new();
    }

    fn read_header(&mut self, input: &mut &[u8]) -> Result<Found, Damage> {
        let before = input.len();
        let complete = self.header.read(input).map_err(|what| {
            Damage::gzip(self.position.saturating_add((before - input.len()) as u64), what)
        })?;
        if !complete {
            return Ok(Found::Progress(Progress::Hungry));
        }
        if let Some(inflater) = &mut self.inflater {
            inflater.reset();
        }
        self.crc.reset();
        self.length = 0;
        Ok(Found::Next(State::Body))
    }

    fn inflate(&mut self, input: &mut &[u8], room: usize) -> Found {
        let inflater = self.inflater.get_or_insert_default();
        let Run { read, written, stop } = inflater.run(input, room, self.mode);
        self.last = take_up_to(input, read as u64).last().copied().unwrap_or(self.last);
        self.position += read as u64;
        if self.is_checked {
            self.output_crc.reset();
            self.output_crc.update(inflater.output());
            self.crc.combine(&self.output_crc);
            // The trailer holds the length modulo 2^32 (RFC 1952, 2.3.1).
            #[expect(clippy::cast_possible_truncation, reason = "the trailer holds the length modulo 2^32")]
            {
                self.length = self.length.wrapping_add(written as u32);
            }
        }
        self.block_start = None;
        match stop {
            Stop::Complete => {
                self.state = State::Trailer;
                self.trailer_at = self.position;
            }
            Stop::Invalid => self.pending = Some(Damage::gzip(self.position, "bad block")),
            Stop::Block { unused_bits } => self.block_start = Some(self.block_at(unused_bits)),
            Stop::More => {}
        }
        if written > 0 || self.pending.is_some() {
            return Found::Body(Some(Progress::Output(written)));
        }
        let hungry = matches!(stop, Stop::More) && (read == 0 || input.is_empty());
        Found::Body(hungry.then_some(Progress::Hungry))
    }

    fn block_at(&self, bits: u8) -> BlockStart {
        let value = u16::from(self.last) >> 8_u8.saturating_sub(bits);
        BlockStart { position: self.position, bits, value: u8::try_from(value).unwrap_or(0) }
    }

    fn read_trailer(&mut self, input: &mut &[u8]) -> Found {
        let Some(trailer) = self.trailer.take(input) else { return Found::Progress(Progress::Hungry) };
        let trailer = u64::from_le_bytes(trailer);
        self.state = State::Between;
        let what = if !self.is_checked {
            return Found::Next(State::Between);
        } else if trailer & u64::from(u32::MAX) != u64::from(self.crc.clone().finalize()) {
            "bad gzip trailer: crc"
        } else if trailer >> 32 != u64::from(self.length) {
            "bad gzip trailer: length"
        } else {
            return Found::Next(State::Between);
        };
        Found::Progress(Progress::BadTrailer(Damage::gzip(self.trailer_at, what)))
    }

    fn between(&mut self, input: &mut &[u8]) -> Result<Found, Damage> {
        match input.iter().position(|byte| *byte != 0) {
            None => {
                *input = &[];
                Ok(Found::Progress(Progress::Hungry))
            }
            Some(zeros) => {
                take_up_to(input, zeros as u64);
                if take_up_to(input, 1) == [MAGIC_1] {
                    return Ok(Found::Next(State::HalfMagic));
                }
                Err(garbage(self.position.saturating_add(zeros as u64)))
            }
        }
    }

    fn half_magic(&mut self, input: &mut &[u8]) -> Result<Found, Damage> {
        match take_up_to(input, 1) {
            [] => Ok(Found::Progress(Progress::Hungry)),
            [MAGIC_2] => {
                // Both magic bytes are taken, the second of them not yet counted.
                self.member_start = Some(self.position.saturating_sub(1));
                self.begin_header();
                Ok(Found::Next(State::Header))
            }
            _ => Err(garbage(self.position.saturating_sub(1))),
        }
    }
}

enum Found {
    Next(State),
    Body(Option<Progress>),
    Progress(Progress),
}

fn garbage(offset: u64) -> Damage {
    Damage::gzip(offset, "garbage after the end of the gzip stream")
}
