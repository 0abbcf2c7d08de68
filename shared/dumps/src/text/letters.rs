//! Where the letters of a line stand: what is no blank (specs: dumps 3.7). A quick way to cut most rows.

use super::words::{BLOCK, Span, letters_of_ascii};

/// Blocks of the longest line that is looked at.
const BLOCKS: usize = 4;

/// One bit for each byte of a line, the first in the lowest bit of the first block.
pub(super) type Bits = [u64; BLOCKS];

/// The bytes of a line that are no blanks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters(Bits);

impl Letters {
    /// Looks at a line of ASCII. `None` for any other, and if it is long.
    pub fn of(line: &str) -> Option<Self> {
        let mut blocks = line.as_bytes().chunks(BLOCK);
        let (mut bits, mut is_ascii) = ([0; BLOCKS], true);
        for (bits, block) in bits.iter_mut().zip(&mut blocks) {
            let (letters, is_ascii_too) = letters_of_ascii(block);
            *bits = letters;
            is_ascii &= is_ascii_too;
        }
        (blocks.next().is_none() && is_ascii).then_some(Self(bits))
    }

    /// Whether a word goes over one of these places: letters stand at it and before it.
    pub fn cross(&self, places: &Bits) -> bool {
        let mut before = 0;
        let mut crossing = 0;
        for (bits, places) in self.0.iter().zip(places) {
            crossing |= bits & (bits << 1 | before >> 63) & places;
            before = *bits;
        }
        crossing != 0
    }

    /// The first letters of a stretch and what follows it, as bits; the first in the lowest bit.
    pub fn at(&self, stretch: &Stretch) -> u64 {
        let low = self.0.get(stretch.block).copied().unwrap_or(0);
        let high = self.0.get(stretch.block.wrapping_add(1)).copied().unwrap_or(0);
        // The upper block is moved in two steps, as it may move by all of its bits.
        (low >> stretch.shift | (high << 1) << (63 ^ stretch.shift)) & stretch.mask
    }

    /// Whether there are letters before a place.
    pub fn any_before(&self, place: usize) -> bool {
        let bits = |block: usize| self.0.get(block).copied().unwrap_or(0);
        let whole = (0..place / BLOCK).any(|block| bits(block) != 0);
        whole || bits(place / BLOCK) & !(u64::MAX << (place % BLOCK)) != 0
    }

    /// Gives the places where cells begin that are separated by two or more blanks.
    pub fn wide_cells(&self, mut give: impl FnMut(usize)) {
        let mut before = 0;
        for (number, bits) in self.0.iter().enumerate() {
            let near = (bits << 1 | before >> 63) | (bits << 2 | before >> 62);
            let mut begins = bits & !near;
            while begins != 0 {
                give(place(number, begins.trailing_zeros()));
                begins &= begins.wrapping_sub(1);
            }
            before = *bits;
        }
    }
}

/// A part of a line, of at most 64 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    start: usize,
    block: usize,
    shift: u32,
    mask: u64,
}

impl Stretch {
    /// The bytes of a span, or its first 64.
    pub fn of((from, to): Span) -> Self {
        let length = to.saturating_sub(from).min(BLOCK);
        let mask = if length == BLOCK { u64::MAX } else { !(u64::MAX << length) };
        let shift = u32::try_from(from % BLOCK).unwrap_or(0);
        Self { start: from, block: from / BLOCK, shift, mask }
    }

    /// The span from the first of some letters of the stretch to the last. Empty if there are none.
    pub fn span(&self, letters: u64) -> Span {
        if letters == 0 {
            return (0, 0);
        }
        let first = self.start.wrapping_add(letters.trailing_zeros() as usize);
        (first, self.start.wrapping_add((64 - letters.leading_zeros()) as usize))
    }
}

/// The bits at these places; `None` if one is beyond the longest line.
pub(super) fn bits(places: impl Iterator<Item = usize>) -> Option<Bits> {
    let mut bits = [0; BLOCKS];
    for place in places {
        *bits.get_mut(place / BLOCK)? |= 1 << (place % BLOCK);
    }
    Some(bits)
}

/// The place of a bit of a block.
const fn place(block: usize, bit: u32) -> usize {
    block.saturating_mul(BLOCK).saturating_add(bit as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::words::{slice, wide_cells, words};
    use super::*;

    #[test]
    fn other_lines_than_short_ones_of_ascii_are_left_alone() {
        assert!(Letters::of(&"x".repeat(256)).is_some());
        assert!(Letters::of(&"x".repeat(257)).is_none());
        assert!(Letters::of("å").is_none());
        assert!(bits([255].into_iter()).is_some() && bits([256].into_iter()).is_none());
    }

    proptest! {
        #[test]
        fn a_cell_is_what_is_left_of_a_stretch_without_its_blanks(
            line in "[ ab]{0,256}", from in 0_usize..300, length in 0_usize..=64,
        ) {
            let stretch = line.get(from.min(line.len())..(from + length).min(line.len())).unwrap();
            let place = Stretch::of((from, from + length));
            let letters = Letters::of(&line).unwrap();
            prop_assert_eq!(slice(&line, place.span(letters.at(&place))), stretch.trim_matches(' '));
            let before = line.get(..from.min(line.len())).unwrap();
            prop_assert_eq!(letters.any_before(from), !before.trim().is_empty());
        }

        #[test]
        fn a_place_is_crossed_by_a_word_that_goes_on_over_it(line in "[ a]{0,256}", place in 1_usize..256) {
            let crossed = line.get(place - 1..=place) == Some("aa");
            let places = bits([place].into_iter()).unwrap();
            prop_assert_eq!(Letters::of(&line).unwrap().cross(&places), crossed);
        }

        #[test]
        fn wide_cells_begin_where_those_of_the_words_do(line in "[ a]{0,256}") {
            let (mut spans, mut begins) = (Vec::new(), Vec::new());
            words(&line, &mut spans);
            Letters::of(&line).unwrap().wide_cells(|begin| begins.push(begin));
            prop_assert_eq!(begins, wide_cells(&spans).map(|(start, _)| start).collect::<Vec<_>>());
        }
    }
}
