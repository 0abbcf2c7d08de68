//! Taking bytes off the front of a block that may end anywhere.

/// Cuts up to `n` bytes off the front of `input`.
pub(crate) fn take_up_to<'a>(input: &mut &'a [u8], n: u64) -> &'a [u8] {
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let (head, rest) = input.split_at_checked(n).unwrap_or((input, &[]));
    *input = rest;
    head
}

/// Gathers a field of `N` bytes that may arrive in pieces.
#[derive(Debug, Clone)]
pub(crate) struct Gather<const N: usize> {
    bytes: [u8; N],
    fill: usize,
}

impl<const N: usize> Gather<N> {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; N], fill: 0 }
    }

    /// Takes what is missing off the front of `input`. Gives the field once it is whole and starts anew.
    pub(crate) fn take(&mut self, input: &mut &[u8]) -> Option<[u8; N]> {
        if self.fill == 0
            && let Some((whole, rest)) = input.split_first_chunk::<N>()
        {
            *input = rest;
            return Some(*whole);
        }
        let head = take_up_to(input, N.saturating_sub(self.fill) as u64);
        for (slot, byte) in self.bytes.iter_mut().skip(self.fill).zip(head) {
            *slot = *byte;
        }
        self.fill += head.len();
        if self.fill < N {
            return None;
        }
        self.fill = 0;
        Some(self.bytes)
    }

    /// The bytes of the unfinished field.
    pub(crate) fn partial(&self) -> &[u8] {
        self.bytes.get(..self.fill).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.fill = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_whole_however_it_is_cut() {
        for cut in 0..=4 {
            let mut field = Gather::<4>::new();
            let data = [1_u8, 2, 3, 4, 5];
            let (mut a, mut b) = data.split_at(cut);
            let whole = field.take(&mut a).or_else(|| field.take(&mut b));
            assert_eq!(whole, Some([1, 2, 3, 4]), "cut at {cut}");
            assert_eq!(b.last(), Some(&5));
        }
    }
}
