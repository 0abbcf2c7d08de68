//! Which bytes of a window are really referred to.
//!
//! What follows a place is inflated twice, each time with a made-up window. Bytes that come out alike are literals;
//! the others name the byte of the window that they were copied from. All bytes never named are set to zero, which
//! makes a window small enough to travel in a message.

use landfall_inflate::{Inflate, InflateError, Mode, Stop, WINDOW_BYTES};

/// The two inflaters and their buffers, used again for every window.
pub(super) struct Sparse {
    inflaters: [Inflate; 2],
    dictionaries: [Vec<u8>; 2],
    outputs: [Vec<u8>; 2],
    named: Named,
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
            named: Named::default(),
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
        if self.stands_alone((bits, value), deflate)? {
            return Ok(&[]);
        }
        let mut length = WINDOW_BYTES;
        let parts = self.inflaters.iter_mut().zip(&self.dictionaries).zip(&mut self.outputs);
        for ((inflater, dictionary), output) in parts {
            inflater.reset();
            inflater.prime(bits, value)?;
            inflater.set_window(dictionary.get(..window.len()).unwrap_or_default())?;
            length = length.min(inflater.run(deflate, output, Mode::Greedy).written);
        }
        let [low, high] = &self.outputs;
        let kept = self.named.note(low.iter().zip(high).take(length));
        for (byte, kept) in window.iter_mut().zip(kept) {
            *byte = if *kept { *byte } else { 0 };
        }
        let first = kept.iter().take(window.len()).position(|kept| *kept).unwrap_or(window.len());
        Ok(window.get(first..).unwrap_or_default())
    }

    /// Whether `deflate` refers to no window at all: without one, the first byte that does is invalid. So it is as a
    /// rule with archives in an archive, and one inflating is enough there; other contents end it with their first
    /// bytes.
    fn stands_alone(&mut self, (bits, value): (u8, u8), deflate: &[u8]) -> Result<bool, InflateError> {
        let ([inflater, _], [output, _]) = (&mut self.inflaters, &mut self.outputs);
        inflater.reset();
        inflater.prime(bits, value)?;
        Ok(inflater.run(deflate, output, Mode::Greedy).stop != Stop::Invalid)
    }
}

/// The two bytes that stand for byte `index` of a window; they are never equal.
fn name(index: usize) -> (u8, u8) {
    let [low, high, ..] = index.to_le_bytes();
    (low, if low == high { high | 0x80 } else { high })
}

/// Which names came out, for every two bytes whether they are a name or not: so nothing has to be asked byte by byte.
struct Named(Vec<bool>);

impl Default for Named {
    fn default() -> Self {
        Self(vec![false; 1 << 16])
    }
}

impl Named {
    /// Takes note of the bytes that came out; gives for every byte of a window whether it was named.
    fn note<'o>(&mut self, output: impl Iterator<Item = (&'o u8, &'o u8)>) -> &[bool] {
        self.0.fill(false);
        for (low, high) in output {
            if let Some(named) = self.0.get_mut(usize::from(u16::from_le_bytes([*low, *high]))) {
                *named = true;
            }
        }
        // Two equal bytes are no name, but a literal: the bytes that they would stand for have another.
        for byte in 0..1 << 7_u8 {
            let [alike, name] = [byte, byte | 0x80].map(|high| usize::from(u16::from_le_bytes([byte, high])));
            let is_named = self.0.get(name).copied().unwrap_or_default();
            if let Some(named) = self.0.get_mut(alike) {
                *named = is_named;
            }
        }
        self.0.get(..WINDOW_BYTES).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_window_has_a_name_of_its_own_that_no_literal_has() {
        let mut named = Named::default();
        for index in (0..WINDOW_BYTES).step_by(97).chain((0..1 << 7).map(|byte| byte | byte << 8)) {
            let (low, high) = name(index);
            let kept = named.note([(&low, &high), (&7, &7)].into_iter());
            assert!(
                low != high && kept.iter().enumerate().all(|(at, kept)| *kept == (at == index)),
                "{index}"
            );
        }
    }
}
