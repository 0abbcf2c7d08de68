//! The header of a gzip member (RFC 1952, 2.3).

use crate::feed::{Gather, take_up_to};

const DEFLATE: u8 = 8;
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

#[derive(Debug, Clone, Copy)]
enum Field {
    Fixed,
    ExtraLength,
    Extra(u16),
    Name,
    Comment,
    Crc,
    Complete,
}

/// Reads one member header behind its two magic bytes. Names and comments of any length are passed over, never
/// kept.
#[derive(Debug)]
pub(super) struct HeaderReader {
    field: Field,
    fixed: Gather<8>,
    pair: Gather<2>,
    flags: u8,
    crc: crc32fast::Hasher,
}

impl HeaderReader {
    pub(super) fn new() -> Self {
        let mut crc = crc32fast::Hasher::new();
        crc.update(b"\x1f\x8b");
        Self { field: Field::Fixed, fixed: Gather::new(), pair: Gather::new(), flags: 0, crc }
    }

    /// Takes header bytes off `input`; true once the header is complete.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<bool, &'static str> {
        loop {
            let next = match self.field {
                Field::Fixed => self.fixed(input)?,
                Field::ExtraLength => self.pair(input).map(|length| Field::Extra(u16::from_le_bytes(length))),
                Field::Extra(left) => self.extra(left, input),
                Field::Name => self.text(input).then(|| self.after_name()),
                Field::Comment => self.text(input).then(|| self.after_comment()),
                Field::Crc => self.checksum(input)?,
                Field::Complete => return Ok(true),
            };
            match next {
                Some(field) => self.field = field,
                None => return Ok(false),
            }
        }
    }

    /// Method, flags, time, extra flags and system.
    fn fixed(&mut self, input: &mut &[u8]) -> Result<Option<Field>, &'static str> {
        let Some(fixed) = self.fixed.take(input) else { return Ok(None) };
        self.crc.update(&fixed);
        let [method, flags, ..] = fixed;
        if method != DEFLATE {
            return Err("bad gzip header: unknown method");
        }
        if flags & RESERVED != 0 {
            return Err("bad gzip header: reserved flag set");
        }
        self.flags = flags;
        Ok(Some(if flags & FEXTRA == 0 { self.after_extra() } else { Field::ExtraLength }))
    }

    fn pair(&mut self, input: &mut &[u8]) -> Option<[u8; 2]> {
        let pair = self.pair.take(input)?;
        self.crc.update(&pair);
        Some(pair)
    }

    fn extra(&mut self, left: u16, input: &mut &[u8]) -> Option<Field> {
        let taken = take_up_to(input, u64::from(left));
        self.crc.update(taken);
        let left = left.saturating_sub(u16::try_from(taken.len()).unwrap_or(u16::MAX));
        self.field = Field::Extra(left);
        (left == 0).then(|| self.after_extra())
    }

    /// Passes over a text; true once its closing NUL was taken.
    fn text(&mut self, input: &mut &[u8]) -> bool {
        let end = input.iter().position(|byte| *byte == 0);
        let taken = take_up_to(input, end.map_or(u64::MAX, |end| end as u64 + 1));
        self.crc.update(taken);
        end.is_some()
    }

    fn checksum(&mut self, input: &mut &[u8]) -> Result<Option<Field>, &'static str> {
        let Some(stored) = self.pair.take(input) else { return Ok(None) };
        let [low, high, ..] = self.crc.clone().finalize().to_le_bytes();
        if stored != [low, high] {
            return Err("bad gzip header: header checksum");
        }
        Ok(Some(Field::Complete))
    }

    fn after_extra(&self) -> Field {
        if self.flags & FNAME == 0 { self.after_name() } else { Field::Name }
    }

    fn after_name(&self) -> Field {
        if self.flags & FCOMMENT == 0 { self.after_comment() } else { Field::Comment }
    }

    fn after_comment(&self) -> Field {
        if self.flags & FHCRC == 0 { Field::Complete } else { Field::Crc }
    }
}
