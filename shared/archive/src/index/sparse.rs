//! Which bytes of a window are really referred to.
//!
//! What follows a place is inflated twice, each time with a made-up window. Bytes that come out alike are literals;
//! the others name the byte of the window that they were copied from. All bytes never named are set to zero, which
//! makes a window small enough to travel in a message.

use landfall_inflate::{Inflate, InflateError, Mode, WINDOW_BYTES};

/// The two inflaters and their buffers, used again for every window.
pub(super) struct Sparse {
    inflaters: [Inflate; 2],
    dictionaries: [Vec<u8>; 2],
    outputs: [Vec<u8>; 2],
}

impl std::fmt::Debug for Sparse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sparse").finish_non_exhaustive()
    }
}

impl Sparse {
    pub(super) fn new() -> Result<Self, InflateError> {
        let names = || (0..WINDOW_BYTES).map(name);
        Ok(Self {
            inflaters: [Inflate::new()?, Inflate::new()?],
            dictionaries: [names().map(|(low, _)| low).collect(), names().map(|(_, high)| high).collect()],
            outputs: [vec![0; WINDOW_BYTES], vec![0; WINDOW_BYTES]],
        })
    }

    /// Sets all bytes of `window` to zero that `deflate`, which goes on at these bits, does not refer to. Gives what
    /// is left of it without the zeros in front.
    pub(super) fn thin<'w>(
        &mut self,
        (bits, value): (u8, u8),
        deflate: &[u8],
        window: &'w mut [u8],
    ) -> Result<&'w [u8], InflateError> {
        let mut length = WINDOW_BYTES;
        let parts = self.inflaters.iter_mut().zip(&self.dictionaries).zip(&mut self.outputs);
        for ((inflater, dictionary), output) in parts {
            inflater.reset();
            inflater.prime(bits, value)?;
            inflater.set_window(dictionary.get(..window.len()).unwrap_or_default())?;
            length = length.min(inflater.run(deflate, output, Mode::Greedy).written);
        }
        let [low, high] = &self.outputs;
        let mut kept = vec![false; window.len()];
        for (low, high) in low.iter().zip(high).take(length).filter(|(low, high)| low != high) {
            if let Some(byte) = kept.get_mut(named(*low, *high)) {
                *byte = true;
            }
        }
        for (byte, kept) in window.iter_mut().zip(&kept) {
            *byte = if *kept { *byte } else { 0 };
        }
        let first = kept.iter().position(|kept| *kept).unwrap_or(window.len());
        Ok(window.get(first..).unwrap_or_default())
    }
}

/// The two bytes that stand for byte `index` of a window; they are never equal.
fn name(index: usize) -> (u8, u8) {
    let [low, high, ..] = index.to_le_bytes();
    (low, if low == high { high | 0x80 } else { high })
}

/// The byte of a window that two unequal bytes stand for.
fn named(low: u8, high: u8) -> usize {
    usize::from(low) | usize::from(high & 0x7f) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_window_has_a_name_of_its_own_that_no_literal_has() {
        for index in 0..WINDOW_BYTES {
            let (low, high) = name(index);
            assert!(low != high && named(low, high) == index, "{index}");
        }
    }
}
