//! Which bytes of a window are referred to.

use crate::WINDOW_BYTES;
use crate::bits::low_bits;

/// For every byte of a window whether what followed refers to it.
#[derive(Debug, Clone)]
pub struct References {
    bits: Vec<u64>,
}

impl References {
    pub(crate) fn none() -> Self {
        Self { bits: vec![0; WINDOW_BYTES / 64] }
    }

    pub(crate) fn clear(&mut self) {
        self.bits.fill(0);
    }

    /// `length` bytes, the first of which is `back` (1 to 32 KiB) bytes before the end of the window.
    pub(crate) fn note(&mut self, back: usize, length: usize) {
        let from = WINDOW_BYTES.saturating_sub(back);
        let to = WINDOW_BYTES.min(from.saturating_add(length));
        let words = self.bits.iter_mut().enumerate().skip(from / 64);
        for (number, word) in words.take_while(|(number, _)| number.saturating_mul(64) < to) {
            let first = number.saturating_mul(64);
            let [before, until] = [from, to].map(|at| match u32::try_from(at.saturating_sub(first)) {
                Ok(count @ 0..=63) => low_bits(count),
                _ => u64::MAX,
            });
            *word |= until & !before;
        }
    }

    /// Sets the bytes of a window, shorter than 32 KiB where there were no more, to zero that nothing refers to. Gives
    /// what is left of it without the zeros in front.
    pub fn thin<'w>(&self, window: &'w mut [u8]) -> &'w [u8] {
        let (mut start, mut first) = (window.len(), window.len());
        // From the end back, where windows of any length have the same bits; most words of them say nothing.
        for (chunk, word) in window.rchunks_mut(64).zip(self.bits.iter().rev()) {
            start = start.saturating_sub(chunk.len());
            if *word == 0 {
                chunk.fill(0);
                continue;
            }
            let unused = 64_usize.saturating_sub(chunk.len());
            for (at, byte) in chunk.iter_mut().enumerate().rev() {
                if word >> (at.saturating_add(unused) & 63) & 1 == 0 {
                    *byte = 0;
                } else {
                    first = start.saturating_add(at);
                }
            }
        }
        window.get(first..).unwrap_or_default()
    }
}
