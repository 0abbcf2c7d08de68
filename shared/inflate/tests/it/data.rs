//! Streams of every block type.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, Status};
use landfall_inflate::{Inflate, Mode, Stop};
use proptest::prelude::*;

/// So many cases, or as many as `PROPTEST_CASES` says.
pub fn cases(cases: u32) -> ProptestConfig {
    let said = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(said.unwrap_or(cases))
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    })
    .take(length)
    .collect()
}

/// Text that compresses as logs do.
pub fn log(seed: u32, lines: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (line, byte) in noise(seed, lines).iter().enumerate() {
        writeln!(out, "{line:05} port 1-{seed}-{byte} is up since {}", line * 7).unwrap();
    }
    out
}

/// Raw deflate at a level: 0 stores, 1 to 9 give fixed and dynamic blocks.
pub fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::new(level), false);
    let mut out = Vec::new();
    loop {
        out.reserve(bytes.len() + (1 << 10));
        let rest = bytes.get(deflate.total_in() as usize..).unwrap();
        if deflate.compress_vec(rest, &mut out, FlushCompress::Finish).unwrap() == Status::StreamEnd {
            return out;
        }
    }
}

/// Data of mixed nature, so that a stream has stored, fixed and dynamic blocks.
pub fn mixed() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (any::<u32>(), 0..40_000_usize).prop_map(|(seed, length)| noise(seed, length)),
        (any::<u32>(), 0..3_000_usize).prop_map(|(seed, lines)| log(seed, lines)),
        (any::<u8>(), 0..70_000_usize).prop_map(|(byte, length)| vec![byte; length]),
        // Long matches from afar.
        (any::<u32>(), 1..40_000_usize, 2..5_usize)
            .prop_map(|(seed, length, times)| noise(seed, length).repeat(times)),
        prop::collection::vec(any::<u8>(), 0..60),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Inflates all of `input` in steps of `step` bytes, `room` bytes at most at once. Gives the output, bytes read and the
/// end.
pub fn run_in_steps(input: &[u8], (step, room): (usize, usize), mode: Mode) -> (Vec<u8>, usize, Stop) {
    let (mut stream, mut out) = (Inflate::new(), Vec::new());
    let mut at = 0;
    loop {
        let end = input.len().min(at + step);
        let run = stream.run(&input[at..end], room, mode);
        at += run.read;
        assert_eq!(stream.output().len(), run.written);
        assert!(run.written <= room, "{run:?}");
        out.extend_from_slice(stream.output());
        let idle = run.read == 0 && run.written == 0 && !matches!(run.stop, Stop::Block { .. });
        if matches!(run.stop, Stop::Complete | Stop::Invalid) || (idle && at == input.len()) {
            return (out, at, run.stop);
        }
    }
}

/// The same without what was read.
pub fn inflate_in_steps(input: &[u8], steps: (usize, usize), mode: Mode) -> (Vec<u8>, Stop) {
    let (out, _, stop) = run_in_steps(input, steps, mode);
    (out, stop)
}

/// Inflates all of `input` with a stream that was begun.
pub fn inflate_rest(stream: &mut Inflate, mut input: &[u8]) -> (Vec<u8>, Stop) {
    let mut out = Vec::new();
    loop {
        let run = stream.run(input, usize::MAX, Mode::Greedy);
        input = &input[run.read..];
        out.extend_from_slice(stream.output());
        if run.stop != Stop::More || (run.read == 0 && run.written == 0) {
            return (out, run.stop);
        }
    }
}
