//! Whatever the input, zlib's verdict is ours: the same output, the same end, as many bytes read.

use flate2::{Decompress, FlushDecompress, Status};
use landfall_inflate::{Mode, Stop};
use proptest::prelude::*;

use crate::data::{cases, deflated, mixed, run_in_steps};
use crate::writer::Writer;

/// What zlib-rs makes of a stream: output, bytes read and the end.
fn peers(input: &[u8]) -> (Vec<u8>, usize, Stop) {
    let (mut peer, mut out) = (Decompress::new(false), Vec::new());
    loop {
        out.reserve(64 << 10);
        let before = (peer.total_in(), peer.total_out());
        let rest = &input[peer.total_in() as usize..];
        let status = peer.decompress_vec(rest, &mut out, FlushDecompress::None);
        let stop = match status {
            Err(_) => Stop::Invalid,
            Ok(Status::StreamEnd) => Stop::Complete,
            Ok(Status::Ok | Status::BufError) if before == (peer.total_in(), peer.total_out()) => Stop::More,
            Ok(Status::Ok | Status::BufError) => continue,
        };
        return (out, peer.total_in() as usize, stop);
    }
}

/// Holds ours against zlib's, in both modes.
pub fn agree(input: &[u8], step: usize, room: usize) {
    let (out, read, stop) = peers(input);
    for mode in [Mode::Greedy, Mode::Block] {
        let (own, own_read, own_stop) = run_in_steps(input, (step, room), mode);
        assert_eq!(own_stop, stop, "{mode:?}");
        assert!(own == out, "{mode:?}: {} bytes, {} of zlib", own.len(), out.len());
        // Of an invalid stream zlib does not say where it ends.
        assert!(stop == Stop::Invalid || own_read == read, "{mode:?}: {own_read} read, {read} by zlib");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_damaged_stream_is_judged_alike(
        data in mixed(),
        level in 0..=9_u32,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8), 1..4),
        cut: prop::sample::Index,
        is_cut: bool,
        step in 1..5_000_usize,
        room in 1..200_000_usize,
    ) {
        let mut stream = deflated(&data, level);
        for (at, bit) in flips {
            let at = at.index(stream.len());
            stream[at] ^= 1_u8 << bit;
        }
        if is_cut {
            stream.truncate(cut.index(stream.len()));
        }
        agree(&stream, step, room);
    }

    #[test]
    fn random_bytes_are_judged_alike(bytes in prop::collection::vec(any::<u8>(), 0..400), step in 1..50_usize, room in 1..2_000_usize) {
        agree(&bytes, step, room);
    }

    /// Behind the header of a dynamic block nearly all random bytes are an invalid code, so its numbers are made small.
    #[test]
    fn random_codes_are_judged_alike(
        literals in 0..4_u32, distances in 0..4_u32, lengths in 10..16_u32,
        code in prop::collection::vec(0..5_u8, 19),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut bits = Writer::default();
        bits.put(1, 1);
        bits.put(2, 2);
        bits.put(literals, 5);
        bits.put(distances, 5);
        bits.put(lengths, 4);
        for length in code.iter().take(lengths as usize + 4) {
            bits.put(u32::from(*length), 3);
        }
        let mut stream = bits.bytes;
        stream.extend(rest);
        agree(&stream, 7, 5_000);
    }
}
