//! Whole streams come out as other implementations make them.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use flate2::read::DeflateDecoder;
use landfall_inflate::{Inflate, Mode, OUTPUT_BYTES, Stop};
use proptest::prelude::*;

use crate::data::{cases, deflated, inflate_in_steps, log, mixed, noise};

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_stream_is_what_flate2_reads(data in mixed(), level in 0..=9_u32, step in 1..5_000_usize, room in 1..70_000_usize) {
        let stream = deflated(&data, level);
        let mut peer = Vec::new();
        DeflateDecoder::new(&stream[..]).read_to_end(&mut peer).unwrap();
        for mode in [Mode::Greedy, Mode::Block] {
            let (out, stop) = inflate_in_steps(&stream, (step, room), mode);
            prop_assert_eq!(stop, Stop::Complete);
            prop_assert!(out == peer && out == data, "{:?}", mode);
        }
    }
}

#[test]
fn every_split_of_a_stream_gives_the_same() {
    let data = [noise(1, 300), log(2, 60), vec![0; 900], noise(3, 50)].concat();
    for level in [0, 1, 6, 9] {
        let stream = deflated(&data, level);
        for cut in 0..=stream.len() {
            let mut inflate = Inflate::new();
            let first = inflate.run(&stream[..cut], 8 << 10, Mode::Greedy);
            let mut out = inflate.output().to_vec();
            let second = inflate.run(&stream[first.read..], 8 << 10, Mode::Greedy);
            out.extend_from_slice(inflate.output());
            if first.stop != Stop::Complete {
                assert_eq!(second.stop, Stop::Complete, "level {level}, cut {cut}");
            }
            assert_eq!(out, data, "level {level}, cut {cut}");
        }
    }
}

#[test]
fn what_the_systems_gzip_wrote_is_read() {
    let data = [log(7, 9_000), noise(8, 100_000), log(9, 2_000)].concat();
    for level in ["-1", "-6", "-9"] {
        let mut child = Command::new("gzip")
            .args(["-cn", level])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let given = data.clone();
        let writer = std::thread::spawn(move || input.write_all(&given));
        let output = child.wait_with_output().unwrap().stdout;
        writer.join().unwrap().unwrap();
        // Ten bytes of header, eight of trailer: gzip was told to keep no name.
        let (out, stop) = inflate_in_steps(&output[10..output.len() - 8], (999, 4_096), Mode::Block);
        assert_eq!((out, stop), (data.clone(), Stop::Complete), "gzip {level}");
    }
}

#[test]
fn a_call_gives_no_more_than_there_is_room_for_and_no_more_than_it_may() {
    let stream = deflated(&vec![0; 1 << 20], 6);
    for room in [1, 257, 258, 5_000, OUTPUT_BYTES, usize::MAX] {
        let run = Inflate::new().run(&stream, room, Mode::Greedy);
        assert_eq!(run.written, room.min(OUTPUT_BYTES));
    }
}

#[test]
fn input_behind_the_end_is_not_touched() {
    let mut stream = deflated(b"short", 6);
    let length = stream.len();
    stream.extend_from_slice(b"behind it");
    let run = Inflate::new().run(&stream, 64, Mode::Greedy);
    assert_eq!((run.read, run.written, run.stop), (length, 5, Stop::Complete));
}

#[test]
fn a_reset_stream_knows_nothing_of_the_one_before() {
    let mut inflate = Inflate::new();
    inflate.run(&deflated(&log(1, 900), 6), 100_000, Mode::Greedy);
    inflate.reset();
    // A reference back to what came before the reset: 1 match of length 3 at distance 4, in a fixed block.
    let run = inflate.run(&[0x03 | 0x80, 0x10, 0, 0], 100_000, Mode::Greedy);
    assert_eq!(run.written, 0, "{run:?}");
    inflate.reset();
    let run = inflate.run(&deflated(b"fresh", 6), 100_000, Mode::Greedy);
    assert_eq!((inflate.output(), run.stop), (&b"fresh"[..], Stop::Complete));
}
