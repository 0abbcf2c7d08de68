//! The words of a line: stretches without a blank (specs: dumps 3.7).

use wide::u8x16;

/// A stretch of a line, in bytes.
pub(super) type Span = (usize, usize);

/// The text of a span.
pub(super) fn slice(line: &str, span: Span) -> &str {
    line.get(span.0..span.1).unwrap_or_default()
}

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// Puts the words of a line into `words`, from left to right. Only the blank (`U+0020`) separates them.
pub(super) fn words(line: &str, words: &mut Vec<Span>) {
    words.clear();
    let bytes = line.as_bytes();
    let mut base = 0_usize;
    // The start of the word that reaches into the block.
    let mut open = None;
    for block in bytes.chunks(BLOCK) {
        let letters = letters(block);
        let before = (letters << 1) | u64::from(open.is_some());
        let mut starts = letters & !before;
        // Behind a short last block blanks stand, so that its last word ends in it.
        let mut ends = before & !letters;
        let at = |mask: u64| base.saturating_add(mask.trailing_zeros() as usize);
        while ends != 0 {
            let start = open.take().unwrap_or_else(|| {
                let start = at(starts);
                starts &= starts.wrapping_sub(1);
                start
            });
            words.push((start, at(ends)));
            ends &= ends.wrapping_sub(1);
        }
        if starts != 0 {
            open = Some(at(starts));
        }
        base = base.saturating_add(block.len());
    }
    if let Some(start) = open {
        words.push((start, bytes.len()));
    }
}

/// Which bytes of a block are no blanks, the first in the lowest bit.
pub(super) fn letters(block: &[u8]) -> u64 {
    unlike(block, b' ')
}

/// As [`letters`], and whether all bytes are ASCII.
pub(super) fn letters_of_ascii(block: &[u8]) -> (u64, bool) {
    let mut beyond = 0;
    let letters = bits(block, b' ', |bytes| {
        beyond |= bytes.to_bitmask();
        unlike_of(bytes, b' ')
    });
    (letters, beyond == 0)
}

/// Which bytes of a block are another one, the first in the lowest bit.
fn unlike(block: &[u8], byte: u8) -> u64 {
    bits(block, byte, |bytes| unlike_of(bytes, byte))
}

/// As [`unlike`], of sixteen bytes; the upper half is not told.
fn unlike_of(bytes: u8x16, byte: u8) -> u32 {
    !bytes.simd_eq(u8x16::splat(byte)).to_bitmask()
}

/// A bit for each byte of a block, from what `look` gives for sixteen of them, in its lower half. Bytes may be looked at
/// twice; a short block is filled up with `filler`, which must give no bit.
#[inline]
fn bits(block: &[u8], filler: u8, mut look: impl FnMut(u8x16) -> u32) -> u64 {
    let mut look = |bytes: [u8; 16]| u64::from(look(u8x16::new(bytes)) & 0xffff);
    let Some(last) = block.last_chunk::<16>() else {
        let mut few = [filler; 16];
        for (to, from) in few.iter_mut().zip(block) {
            *to = *from;
        }
        return look(few);
    };
    let mut bits = 0_u64;
    let mut shift = 0_u32;
    for sixteen in block.as_chunks::<16>().0 {
        bits |= look(*sixteen) << shift;
        shift = shift.saturating_add(16);
    }
    // Behind whole sixteens the last bytes are looked at together with some before them: these are the same again.
    bits | look(*last) << block.len().saturating_sub(16)
}

/// The parts of a line before and behind a character of ASCII, from left to right; what stands behind the last one
/// comes last.
pub fn split_at(line: &str, character: u8) -> impl Iterator<Item = &str> {
    let mut blocks = line.as_bytes().chunks(BLOCK).zip((0..).step_by(BLOCK));
    let (mut mask, mut base, mut start) = (0_u64, 0_usize, Some(0_usize));
    std::iter::from_fn(move || {
        let from = start?;
        while mask == 0 {
            let Some((block, place)) = blocks.next() else {
                start = None;
                return line.get(from..);
            };
            mask = !unlike(block, character) & (u64::MAX >> (BLOCK.saturating_sub(block.len())));
            base = place;
        }
        let end = base.saturating_add(mask.trailing_zeros() as usize);
        mask &= mask.wrapping_sub(1);
        start = Some(end.saturating_add(1));
        line.get(from..end)
    })
}

/// The cells that are separated by two or more blanks, of a line's words.
pub(super) fn wide_cells(words: &[Span]) -> impl Iterator<Item = Span> + '_ {
    let mut rest = words.iter().copied().peekable();
    std::iter::from_fn(move || {
        let (start, mut end) = rest.next()?;
        while let Some((_, next_end)) = rest.next_if(|(next, _)| *next == end.saturating_add(1)) {
            end = next_end;
        }
        Some((start, end))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(line: &str) -> Vec<Span> {
        let mut found = vec![(9, 9)];
        words(line, &mut found);
        found
    }

    #[test]
    fn words_are_found_in_and_across_blocks() {
        assert_eq!(of(""), []);
        assert_eq!(of("   "), []);
        assert_eq!(of("a b"), [(0, 1), (2, 3)]);
        assert_eq!(of(&"x".repeat(64)), [(0, 64)]);
        assert_eq!(of(&"x".repeat(200)), [(0, 200)]);
        assert_eq!(of(&format!("{} y", "x".repeat(63))), [(0, 63), (64 + 1 - 1, 65)]);
    }

    #[test]
    fn single_blanks_stay_inside_a_wide_cell() {
        let line = "  LSP Name   From  To Node ";
        let cells: Vec<&str> = wide_cells(&of(line)).map(|span| slice(line, span)).collect();
        assert_eq!(cells, ["LSP Name", "From", "To Node"]);
    }

    proptest! {
        #[test]
        fn parts_are_those_of_a_split(line in "[;a-dä]{0,200}") {
            prop_assert!(split_at(&line, b';').eq(line.split(';')));
        }

        #[test]
        fn words_are_those_of_a_split_at_blanks(line in "[ a-dä\\x01_]{0,200}") {
            let expected: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
            let found: Vec<&str> = of(&line).into_iter().map(|span| slice(&line, span)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
