//! A stream goes on from any end of a block, given the bits, and the window, that were there.

use landfall_inflate::{Inflate, InflateError, Mode, Stop, WINDOW_BYTES};
use proptest::prelude::*;

use crate::data::{cases, deflated, inflate_rest, log, mixed, noise};

/// A place to begin from.
struct Place {
    input: usize,
    output: usize,
    bits: u8,
    value: u8,
    window: Vec<u8>,
}

/// All ends of blocks of a stream.
fn places(stream: &[u8], room: usize) -> Vec<Place> {
    let mut inflate = Inflate::new();
    let (mut input, mut output, mut found) = (0, 0, Vec::new());
    loop {
        let run = inflate.run(&stream[input..], room, Mode::Block);
        input += run.read;
        output += run.written;
        match run.stop {
            Stop::Block { unused_bits } => {
                let last = if input == 0 { 0 } else { stream[input - 1] };
                let value = u8::try_from(u16::from(last) >> (8 - unused_bits)).unwrap();
                found.push(Place {
                    input,
                    output,
                    bits: unused_bits,
                    value,
                    window: inflate.window().to_vec(),
                });
            }
            Stop::More => {}
            Stop::Complete | Stop::Invalid => return found,
        }
    }
}

fn goes_on(inflate: &mut Inflate, stream: &[u8], place: &Place, expected: &[u8]) {
    inflate.reset();
    inflate.prime(place.bits, place.value).unwrap();
    inflate.set_window(&place.window).unwrap();
    let (out, stop) = inflate_rest(inflate, &stream[place.input..]);
    assert_eq!(stop, Stop::Complete, "from {}", place.input);
    assert!(out == *expected, "from {}", place.input);
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn every_end_of_a_block_is_a_place_to_begin_from(data in mixed(), level in 0..=9_u32, room in 1_000..300_000_usize) {
        let stream = deflated(&data, level);
        let mut inflate = Inflate::new();
        for place in places(&stream, room) {
            let before = data.get(place.output.saturating_sub(WINDOW_BYTES)..place.output).unwrap();
            prop_assert!(place.window == before, "the window is the output before it");
            goes_on(&mut inflate, &stream, &place, &data[place.output..]);
        }
    }
}

#[test]
fn blocks_of_all_types_are_met_and_some_end_within_a_byte() {
    let data = |seed| [noise(seed, 200_000), log(seed, 20_000)].concat();
    let kinds = [0, 1, 6, 9].into_iter().flat_map(|level| (1..5).map(move |seed| (level, seed)));
    let ends: Vec<Place> =
        kinds.flat_map(|(level, seed)| places(&deflated(&data(seed), level), 1 << 16)).collect();
    assert!(ends.len() > 40, "{}", ends.len());
    for bits in 0..=7 {
        assert!(ends.iter().any(|place| place.bits == bits), "{bits} bits");
    }
}

#[test]
fn impossible_starts_are_refused() {
    let mut inflate = Inflate::new();
    for (bits, value) in [(8, 0), (255, 255), (1, 2), (0, 1), (7, 128)] {
        assert_eq!(inflate.prime(bits, value), Err(InflateError::BadStart), "{bits} {value}");
    }
    assert_eq!(inflate.set_window(&vec![0; WINDOW_BYTES + 1]), Err(InflateError::BadStart));
    assert_eq!(inflate.set_window(&vec![0; WINDOW_BYTES]), Ok(()));
    assert_eq!(inflate.prime(7, 127), Ok(()));
}

#[test]
fn a_window_shorter_than_a_reference_makes_it_invalid() {
    let data = log(5, 20_000);
    let stream = deflated(&data, 6);
    let place = places(&stream, 1 << 16).into_iter().nth(2).unwrap();
    let mut inflate = Inflate::new();
    inflate.prime(place.bits, place.value).unwrap();
    inflate.set_window(&place.window[WINDOW_BYTES - 8..]).unwrap();
    assert_eq!(inflate_rest(&mut inflate, &stream[place.input..]).1, Stop::Invalid);
}
