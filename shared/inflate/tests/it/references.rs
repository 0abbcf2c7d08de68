//! What is noted of a window is what is referred to of it, no byte more or less.

use landfall_inflate::{Inflate, Mode, Stop, WINDOW_BYTES};
use proptest::prelude::*;

use crate::data::{cases, deflated, log, mixed};

/// An end of a block, and what the 32 KiB behind it refer to.
struct Watched {
    input: usize,
    output: usize,
    bits: u8,
    window: Vec<u8>,
    thin: Vec<u8>,
}

/// Watches every end of a block that is 32 KiB or more behind the one before; input and output come in small steps.
fn watched(stream: &[u8], step: usize, room: usize) -> Vec<Watched> {
    let (mut inflate, mut found) = (Inflate::new(), Vec::<Watched>::new());
    let (mut input, mut output) = (0, 0);
    loop {
        let end = stream.len().min(input + step);
        let run = inflate.run(&stream[input..end], room, Mode::Block);
        input += run.read;
        output += run.written;
        if let Some(last) = found.last_mut().filter(|last| output <= last.output + WINDOW_BYTES + room) {
            last.thin.clone_from(&last.window);
            let thin = inflate.references().thin(&mut last.thin).len();
            last.thin.drain(..last.thin.len() - thin);
        }
        let is_behind = found.last().is_none_or(|last| output >= last.output + WINDOW_BYTES);
        if let (Stop::Block { unused_bits }, true) = (run.stop, is_behind) {
            inflate.watch();
            let window = inflate.window().to_vec();
            found.push(Watched { input, output, bits: unused_bits, window, thin: Vec::new() });
        }
        let idle = run.read == 0 && run.written == 0 && run.stop == Stop::More;
        if matches!(run.stop, Stop::Complete | Stop::Invalid) || (idle && input == stream.len()) {
            return found;
        }
    }
}

/// The 32 KiB behind a place, with some window before it.
fn behind(stream: &[u8], place: &Watched, window: &[u8]) -> Vec<u8> {
    let last = stream[..place.input].last().copied().unwrap_or_default();
    let (mut inflate, mut out) = (Inflate::new(), Vec::new());
    inflate.prime(place.bits, u8::try_from(u16::from(last) >> (8 - place.bits)).unwrap()).unwrap();
    inflate.set_window(window).unwrap();
    let mut input = place.input;
    loop {
        let run = inflate.run(&stream[input..], WINDOW_BYTES - out.len(), Mode::Greedy);
        input += run.read;
        out.extend_from_slice(inflate.output());
        if run.stop != Stop::More || run.written == 0 {
            return out;
        }
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn a_thin_window_gives_the_same_and_no_byte_of_it_is_in_vain(
        data in mixed(), level in 1..=9_u32, step in 500..90_000_usize, room in 500..200_000_usize,
    ) {
        let stream = deflated(&data, level);
        for place in watched(&stream, step, room) {
            let right = behind(&stream, &place, &place.window);
            prop_assert!(behind(&stream, &place, &place.thin) == right, "at {}", place.output);
            let kept = place.thin.iter().enumerate().filter(|(_, byte)| **byte != 0);
            for (at, _) in kept.step_by(997) {
                let mut other = place.thin.clone();
                other[at] ^= 1;
                prop_assert!(behind(&stream, &place, &other) != right, "byte {} is in vain", at);
            }
        }
    }

    #[test]
    fn what_is_noted_does_not_depend_on_how_the_bytes_came(seed: u32, step in 1_000..90_000_usize, room in 1_000..200_000_usize) {
        let stream = deflated(&log(seed, 12_000), 6);
        let thin = |step, room| watched(&stream, step, room).into_iter().map(|place| place.thin).collect::<Vec<_>>();
        prop_assert!(thin(step, room) == thin(1 << 20, 1 << 20));
    }
}

#[test]
fn logs_refer_to_some_of_a_window_and_noise_to_none() {
    let thin = |data: &[u8]| {
        let places = watched(&deflated(data, 6), 1 << 16, 1 << 16);
        assert!(places.len() > 2, "{}", places.len());
        places.iter().filter(|place| !place.thin.is_empty()).count()
    };
    assert!(thin(&log(1, 20_000)) > 2);
    assert_eq!(thin(&crate::data::noise(1, 500_000)), 0);
}
