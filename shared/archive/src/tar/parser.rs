//! Tar bytes in, members and their payload out.

use std::mem;

use super::header::{BLOCK, Header, Kind, Role, sparse_goes_on, until_nul};
use super::metadata::{Metadata, Pax};
use crate::damage::{Damage, Layer};
use crate::feed::{Gather, take_up_to};
use crate::magic;

/// Limits on names and metadata.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberLimits {
    pub(crate) name_bytes: usize,
    pub(crate) metadata_bytes: usize,
}

/// A member; its raw name is [`TarParser::name`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) kind: Kind,
    /// Of the first payload byte.
    pub(crate) offset: u64,
    /// Of the payload.
    pub(crate) size: u64,
}

/// What a call found.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A member begins.
    Member(Member),
    /// Bytes of its payload, never empty.
    Data(&'a [u8]),
    /// Its payload is complete.
    End,
    /// The input is used up.
    Hungry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MetadataKind {
    PaxNext,
    PaxAll,
    LongName,
    LongLink,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Header,
    SparseExtension { size: u64 },
    Metadata { kind: MetadataKind, left: u64, padding: u64 },
    Payload { left: u64, padding: u64 },
    Padding { left: u64 },
    Ended,
}

/// The state of one tar stream.
#[derive(Debug)]
pub(crate) struct TarParser {
    state: State,
    /// No block was read yet.
    fresh: bool,
    position: u64,
    block: Gather<BLOCK>,
    metadata: Metadata,
    buffer: Vec<u8>,
    name: Vec<u8>,
    limits: MemberLimits,
}

impl TarParser {
    pub(crate) fn new(limits: MemberLimits) -> Self {
        Self {
            state: State::Header,
            fresh: true,
            position: 0,
            block: Gather::new(),
            metadata: Metadata::default(),
            buffer: Vec::new(),
            name: Vec::new(),
            limits,
        }
    }

    /// Begins another tar; keeps the memory.
    pub(crate) fn restart(&mut self) {
        self.state = State::Header;
        self.fresh = true;
        self.position = 0;
        self.block.clear();
        self.metadata = Metadata::default();
    }

    /// The raw name of the member announced last.
    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    /// Bytes of the tar taken so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes bytes off the front of `input` until there is an event. Call again until [`Event::Hungry`].
    pub(crate) fn advance<'a>(&mut self, input: &mut &'a [u8]) -> Result<Event<'a>, Damage> {
        loop {
            match self.state {
                State::Header => {
                    let Some(block) = self.next_block(input) else { return Ok(Event::Hungry) };
                    if let Some(member) = self.read_header(&block)? {
                        return Ok(Event::Member(member));
                    }
                }
                State::SparseExtension { size } => {
                    let Some(block) = self.next_block(input) else { return Ok(Event::Hungry) };
                    if !sparse_goes_on(&block) {
                        self.state = self.payload(size, self.position)?;
                    }
                }
                State::Metadata { kind, left, padding } => {
                    if !self.read_metadata(kind, left, padding, input)? {
                        return Ok(Event::Hungry);
                    }
                }
                State::Payload { left: 0, padding } => {
                    self.state = State::Padding { left: padding };
                    return Ok(Event::End);
                }
                State::Payload { left, padding } => {
                    let data = self.take(left, input);
                    if data.is_empty() {
                        return Ok(Event::Hungry);
                    }
                    self.state = State::Payload { left: left.saturating_sub(data.len() as u64), padding };
                    return Ok(Event::Data(data));
                }
                State::Padding { left } => {
                    let left = left.saturating_sub(self.take(left, input).len() as u64);
                    if left > 0 {
                        self.state = State::Padding { left };
                        return Ok(Event::Hungry);
                    }
                    self.state = State::Header;
                }
                State::Ended => return self.after_end(input),
            }
        }
    }

    /// What is wrong if the tar ends here.
    pub(crate) fn finish(&self) -> Result<(), Damage> {
        if matches!(self.state, State::Ended) {
            return Ok(());
        }
        if self.fresh && !Header::has_magic(self.block.partial()) {
            return Err(no_tar(self.block.partial()));
        }
        Err(Damage::truncated(Layer::Tar, self.position))
    }

    /// Bytes of buffers held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.buffer.capacity() + self.name.capacity() + self.metadata.held()
    }

    fn take<'a>(&mut self, left: u64, input: &mut &'a [u8]) -> &'a [u8] {
        let taken = take_up_to(input, left);
        self.position += taken.len() as u64;
        taken
    }

    fn next_block(&mut self, input: &mut &[u8]) -> Option<[u8; BLOCK]> {
        let before = input.len();
        let block = self.block.take(input);
        self.position += (before - input.len()) as u64;
        block
    }

    fn read_header(&mut self, block: &[u8; BLOCK]) -> Result<Option<Member>, Damage> {
        let at = self.position.saturating_sub(BLOCK as u64);
        let bad = |what: &'static str| Damage::tar(at, what);
        let fresh = mem::take(&mut self.fresh);
        if block.iter().all(|byte| *byte == 0) {
            if self.metadata.waiting {
                return Err(bad("bad tar header: metadata without a member"));
            }
            self.state = State::Ended;
            return Ok(None);
        }
        let header = match Header::check(block) {
            Ok(header) => header,
            Err(_) if fresh && !Header::has_magic(block) => return Err(no_tar(block)),
            Err(what) => return Err(bad(what)),
        };
        let metadata = match header.role() {
            Role::PaxNext => MetadataKind::PaxNext,
            Role::PaxAll => MetadataKind::PaxAll,
            Role::LongName => MetadataKind::LongName,
            Role::LongLink => MetadataKind::LongLink,
            role => return self.begin_member(header, role, at).map(Some),
        };
        self.begin_metadata(metadata, header.size().map_err(bad)?, at)?;
        Ok(None)
    }

    fn begin_metadata(&mut self, kind: MetadataKind, size: u64, at: u64) -> Result<(), Damage> {
        let limit = self.limits.metadata_bytes;
        if size > limit as u64 {
            let what = format!("name too long: metadata block of {size} bytes, limit {limit}");
            return Err(Damage::tar(at, what));
        }
        self.buffer.clear();
        self.metadata.waiting |= kind != MetadataKind::PaxAll;
        self.state = State::Metadata { kind, left: size, padding: padding(size) };
        Ok(())
    }

    /// Gathers a metadata block; false if more input is needed.
    fn read_metadata(
        &mut self,
        kind: MetadataKind,
        left: u64,
        padding: u64,
        input: &mut &[u8],
    ) -> Result<bool, Damage> {
        let taken = self.take(left, input);
        let left = left.saturating_sub(taken.len() as u64);
        if kind != MetadataKind::LongLink {
            self.buffer.extend_from_slice(taken);
        }
        if left > 0 {
            self.state = State::Metadata { kind, left, padding };
            return Ok(false);
        }
        let at = self.position.saturating_sub(self.buffer.len() as u64);
        match kind {
            MetadataKind::PaxNext => read_pax(&mut self.metadata.next, &self.buffer, at)?,
            MetadataKind::PaxAll => read_pax(&mut self.metadata.all, &self.buffer, at)?,
            MetadataKind::LongName => self.metadata.long_name = Some(until_nul(&self.buffer).to_vec()),
            MetadataKind::LongLink => {}
        }
        self.state = State::Padding { left: padding };
        Ok(true)
    }

    fn begin_member(&mut self, header: Header<'_>, role: Role, at: u64) -> Result<Member, Damage> {
        let bad = |what: &'static str| Damage::tar(at, what);
        match self.metadata.name() {
            Some(name) => {
                self.name.clear();
                self.name.extend_from_slice(name);
            }
            None => header.name_into(&mut self.name),
        }
        let (length, limit) = (self.name.len(), self.limits.name_bytes);
        if length > limit {
            return Err(Damage::tar(at, format!("name too long: {length} bytes, limit {limit}")));
        }
        let own_size = header.size().map_err(bad)?;
        let size = self.metadata.size().unwrap_or(own_size);
        let sparse = self.metadata.sparse();
        self.metadata.member_taken();
        let (kind, size) = match role {
            Role::Member(Kind::File) if sparse => (Kind::Special("sparse file"), size),
            Role::Member(Kind::File) if header.is_untyped() && self.name.ends_with(b"/") => {
                (Kind::Directory, 0)
            }
            Role::Member(kind) => (kind, size),
            Role::Bare(kind) => (kind, 0),
            _ => (Kind::Special("sparse file"), size),
        };
        let offset = self.position;
        let payload = self.payload(size, at)?;
        self.state = match role {
            Role::OldSparse { extended: true } => State::SparseExtension { size },
            _ => payload,
        };
        Ok(Member { kind, offset, size })
    }

    fn payload(&self, size: u64, at: u64) -> Result<State, Damage> {
        let padding = padding(size);
        let end = self.position.checked_add(size).and_then(|end| end.checked_add(padding));
        end.ok_or_else(|| Damage::tar(at, "bad tar header: size overflow"))?;
        Ok(State::Payload { left: size, padding })
    }

    fn after_end<'a>(&mut self, input: &mut &'a [u8]) -> Result<Event<'a>, Damage> {
        if let Some(zeros) = input.iter().position(|byte| *byte != 0) {
            let at = self.position.saturating_add(zeros as u64);
            return Err(Damage::tar(at, "garbage after the end of the tar"));
        }
        self.take(u64::MAX, input);
        Ok(Event::Hungry)
    }
}

fn read_pax(pax: &mut Pax, block: &[u8], at: u64) -> Result<(), Damage> {
    pax.read(block).map_err(|what| Damage::tar(at, what))
}

fn padding(size: u64) -> u64 {
    let over = size % BLOCK as u64;
    if over == 0 { 0 } else { BLOCK as u64 - over }
}

fn no_tar(first: &[u8]) -> Damage {
    let unknown = if first.is_empty() { "empty" } else { "no known format" };
    Damage::not_archive(magic::compression(first).unwrap_or(unknown))
}
