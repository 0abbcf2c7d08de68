//! Damaged streams end, say so or give other bytes, and never do more.

use landfall_inflate::{Inflate, Mode, Stop};
use proptest::prelude::*;

use crate::data::{cases, deflated, inflate_in_steps, log, mixed};

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_bytes_at_all_end(input in prop::collection::vec(any::<u8>(), 0..4_000), bits in 0..=7_u8, value: u8, window in prop::collection::vec(any::<u8>(), 0..40_000)) {
        let mut inflate = Inflate::new();
        let value = u8::try_from(u16::from(value) & ((1 << bits) - 1)).unwrap();
        inflate.prime(bits, value).unwrap();
        let window = &window[window.len().saturating_sub(32 << 10)..];
        inflate.set_window(window).unwrap();
        let mut at = 0;
        for _ in 0..100_000 {
            let run = inflate.run(&input[at..], 1 << 16, Mode::Block);
            at += run.read;
            prop_assert!(at <= input.len() && run.written <= 1 << 16);
            let idle = run.read == 0 && run.written == 0 && run.stop == Stop::More;
            if idle || matches!(run.stop, Stop::Complete | Stop::Invalid) {
                break;
            }
        }
    }

    #[test]
    fn a_flipped_bit_changes_nothing_before_it(data in mixed(), level in 0..=9_u32, at: prop::sample::Index, bit in 0..8) {
        let mut stream = deflated(&data, level);
        let at = at.index(stream.len());
        let (whole, _) = inflate_in_steps(&stream[..at], (1 << 20, 1 << 20), Mode::Greedy);
        stream[at] ^= 1_u8 << bit;
        let (damaged, _) = inflate_in_steps(&stream, (777, 5_000), Mode::Greedy);
        prop_assert!(damaged.len() >= whole.len() && damaged[..whole.len()] == whole);
    }
}

#[test]
fn a_cut_stream_is_never_complete() {
    let data = log(1, 400);
    let stream = deflated(&data, 6);
    for cut in 0..stream.len() {
        let (out, stop) = inflate_in_steps(&stream[..cut], (100, 1_000), Mode::Greedy);
        assert_eq!(stop, Stop::More, "cut at {cut}");
        assert!(data.starts_with(&out));
    }
}
