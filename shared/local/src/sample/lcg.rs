//! A small pseudo-random source whose stream is part of this crate, so that digests stay stable.

/// A linear congruential generator: 64-bit state, multiplier and increment of Knuth's MMIX, the high
/// 32 bits of each state as output. Good enough for sample data, of no use for secrets.
#[derive(Debug, Clone)]
pub struct Lcg {
    state: u64,
}

impl Lcg {
    const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
    const INCREMENT: u64 = 1_442_695_040_888_963_407;

    /// A generator for one seed. Equal seeds give equal streams.
    pub fn new(seed: u64) -> Self {
        let mut lcg = Self { state: seed ^ Self::INCREMENT };
        // Neighbouring seeds begin alike: the first outputs are thrown away.
        lcg.next_u32();
        lcg.next_u32();
        lcg
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        self.state = self.state.wrapping_mul(Self::MULTIPLIER).wrapping_add(Self::INCREMENT);
        u32::try_from(self.state >> 32).unwrap_or(u32::MAX)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let scaled = (u64::from(self.next_u32()) * u64::from(bound)) >> 32;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// One of the items, or the default value of an empty list.
    pub fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let bound = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let index = usize::try_from(self.below(bound)).unwrap_or(0);
        items.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Lcg;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut lcg = Lcg::new(7);
        let first: Vec<u32> = (0..4).map(|_| lcg.next_u32()).collect();
        insta::assert_debug_snapshot!(first, @"
        [
            429340840,
            2199433377,
            2912442942,
            2154135711,
        ]
        ");
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_it() {
        let mut lcg = Lcg::new(1);
        let drawn: Vec<u32> = (0..1000).map(|_| lcg.below(10)).collect();
        assert_eq!(drawn.iter().max(), Some(&9));
        assert_eq!(drawn.iter().min(), Some(&0));
        assert_eq!(lcg.below(0), 0);
        assert_eq!(lcg.pick::<u32>(&[]), 0);
    }
}
