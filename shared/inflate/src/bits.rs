//! The input of a call, bit by bit: the low bits of a byte first (RFC 1951, 3.1.1).

/// Bits that were taken off the input and are not used yet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bits {
    /// The next bit is the lowest. Those beyond `count` are zero, or what comes next in the input.
    pub(crate) buffer: u64,
    /// At most 63.
    pub(crate) count: u32,
}

impl Bits {
    /// The next `count` bits, at most 32; those that are not there are zero.
    pub(crate) fn peek(self, count: u32) -> usize {
        usize::try_from(self.buffer & low_bits(count)).unwrap_or(usize::MAX)
    }

    /// Takes the next `count` bits, which are there.
    pub(crate) fn take(&mut self, count: u32) -> usize {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Passes over `count` bits, which are there.
    pub(crate) fn skip(&mut self, count: u32) {
        self.buffer = self.buffer.wrapping_shr(count);
        self.count = self.count.saturating_sub(count);
    }
}

/// As many low bits, at most 63.
#[inline]
pub(crate) fn low_bits(count: u32) -> u64 {
    !u64::MAX.wrapping_shl(count)
}

/// What a call was given, from the bits that were left of the call before.
#[derive(Debug)]
pub(crate) struct Source<'i> {
    input: &'i [u8],
    pub(crate) bits: Bits,
    /// What is not taken yet.
    pub(crate) rest: &'i [u8],
}

impl<'i> Source<'i> {
    pub(crate) fn new(bits: Bits, input: &'i [u8]) -> Self {
        Self { input, bits, rest: input }
    }

    /// Bytes taken off the input.
    pub(crate) fn taken(&self) -> usize {
        self.input.len().saturating_sub(self.rest.len())
    }

    /// Takes bytes until there are `count` bits, at most 56; whether there are.
    pub(crate) fn has(&mut self, count: u32) -> bool {
        while self.bits.count < count {
            let Some((byte, rest)) = self.rest.split_first() else { return false };
            self.bits.buffer |= u64::from(*byte).wrapping_shl(self.bits.count);
            self.bits.count = self.bits.count.saturating_add(8);
            self.rest = rest;
        }
        true
    }

    /// Gives back the whole bytes that were taken off this input and not used.
    pub(crate) fn give_back(&mut self) {
        let taken = self.taken();
        let mut rest = taken;
        while self.bits.count >= 8 && rest > 0 {
            self.bits.count = self.bits.count.saturating_sub(8);
            rest = rest.saturating_sub(1);
        }
        self.rest = self.input.get(rest..).unwrap_or_default();
        self.bits.buffer &= low_bits(self.bits.count);
    }

    /// Passes over what is left of the byte at hand.
    pub(crate) fn align(&mut self) {
        self.bits.skip(self.bits.count & 7);
    }
}
