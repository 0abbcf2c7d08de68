//! A window holds what is referred to, and nothing else.

use flate2::FlushCompress;
use landfall_archive::{Index, IndexOptions};

use super::builder::{Tar, log, noise};
use super::index_format::{Checkpoint, Origin, inflated_from, part, taken_apart};
use super::reread::{index_of, members, read};
use super::streams::{DENSITIES, Packing, files, flushed};

const WINDOW: usize = 32 << 10;

/// The checkpoints between blocks of an archive that is one gzip stream, with their windows.
fn windows(object: &[u8]) -> Vec<(Checkpoint, Vec<u8>)> {
    let (body, directory) = taken_apart(&index_of([object], DENSITIES[0]).0);
    let blocks = directory.checkpoints.into_iter().filter(|c| matches!(c.origin, Origin::Block { .. }));
    blocks.map(|checkpoint| (checkpoint.clone(), part(&body, checkpoint.window))).collect()
}

#[test]
fn from_every_checkpoint_the_rest_of_the_stream_is_inflated_right() {
    let tar = files(3).file("more.out", log(7, 20_000)).build();
    for packing in [Packing::Level(1), Packing::Level(6), Packing::Level(9), Packing::Synced(6, 40_000)] {
        let object = packing.pack(&tar);
        let places = windows(&object);
        assert!(!places.is_empty(), "{packing:?}");
        for (checkpoint, window) in places {
            let expected = &tar[checkpoint.inflated as usize..];
            assert!(inflated_from(&object, &checkpoint, &window, tar.len()) == expected, "{packing:?}");
        }
    }
}

#[test]
fn a_window_holds_no_byte_that_nothing_refers_to() {
    let tar = Tar::new().file("a.out", log(1, 20_000)).build();
    let object = Packing::Level(6).pack(&tar);
    for (checkpoint, window) in windows(&object) {
        let at = checkpoint.inflated as usize;
        let before = &tar[at - window.len()..at];
        assert!(window.len() < WINDOW && window.first().is_none_or(|first| *first != 0));
        let right = inflated_from(&object, &checkpoint, &window, WINDOW);
        let kept = window.iter().zip(before).enumerate().filter(|(_, (byte, _))| **byte != 0);
        for (index, (byte, true_byte)) in kept.step_by(97) {
            assert_eq!(byte, true_byte);
            let mut other = window.clone();
            other[index] ^= 1;
            assert!(inflated_from(&object, &checkpoint, &other, WINDOW) != right, "byte {index} is in vain");
        }
    }
}

#[test]
fn windows_of_noise_and_of_independent_blocks_are_empty() {
    let noise = Packing::Level(6).pack(&Tar::new().file("a.bin", noise(1, 900_000)).build());
    let logs = Packing::Independent(6, 40_000).pack(&Tar::new().file("a.out", log(1, 20_000)).build());
    for object in [noise, logs] {
        let places = windows(&object);
        assert!(places.len() > 5);
        // A block of logs may end before the flush does.
        let empty = places.iter().filter(|(_, window)| window.is_empty()).count();
        assert!(empty * 3 > places.len(), "{empty} of {}", places.len());
    }
}

#[test]
fn checkpoints_stand_four_times_as_close_in_what_is_packed_already() {
    let options = IndexOptions { block_bytes: 32 << 10, span_bytes: 1 << 20, ..IndexOptions::default() };
    let spans = |content: Vec<u8>| {
        let object = Packing::Level(6).pack(&Tar::new().file("a.bin", content).build());
        let (_, directory) = taken_apart(&index_of([&object[..]], options).0);
        let places: Vec<u64> = directory.checkpoints.iter().map(|checkpoint| checkpoint.inflated).collect();
        assert!(places.len() > 2);
        let spans = places.windows(2).map(|pair| pair[1] - pair[0]);
        (spans.clone().min().unwrap(), spans.max().unwrap())
    };
    let (least, most) = spans(log(1, 150_000));
    assert!(least >= 1 << 20, "{least}, {most}");
    let (least, most) = spans(noise(1, 4 << 20));
    assert!(least >= 256 << 10 && most < 384 << 10, "{least}, {most}");
}

/// Byte-aligned after every piece, with so many empty stored blocks there.
fn with_empty_blocks(tar: &[u8], every: usize, blocks: usize) -> Vec<u8> {
    let plain = flushed(tar, 6, (every, FlushCompress::Sync));
    let marker = [0, 0, 0xff, 0xff];
    let mut out = Vec::new();
    let mut rest = &plain[..];
    // The marker of an empty stored block may also be found in data; then nothing is put there, for it would break
    // the stream: the test compares what is inflated.
    while let Some(at) = rest.windows(4).position(|bytes| bytes == marker) {
        out.extend_from_slice(&rest[..at + 4]);
        out.extend(std::iter::repeat_n([0, 0, 0, 0xff, 0xff], blocks).flatten());
        rest = &rest[at + 4..];
    }
    out.extend_from_slice(rest);
    out
}

#[test]
fn a_window_is_thinned_however_much_deflate_goes_by_until_nothing_refers_to_it() {
    let mut tar = Tar::new();
    for seed in 0..40 {
        tar = tar.file(format!("{seed}.out"), log(seed, 300));
    }
    let tar = tar.build();
    let object = with_empty_blocks(&tar, 9_000, 30_000);
    let places = windows(&object);
    assert!(places.len() > 3);
    for (checkpoint, window) in &places {
        let at = checkpoint.inflated as usize;
        assert!(window.len() < WINDOW && window.contains(&0), "{} bytes", window.len());
        assert!(inflated_from(&object, checkpoint, window, tar.len()) == tar[at..]);
    }
    let index = Index::parse_whole(index_of([&object[..]], DENSITIES[0]).0).unwrap();
    for member in members(&index) {
        let seed = member.chain.joined().trim_end_matches(".out").parse().unwrap();
        assert!(read(&object, &index, &member).unwrap().unwrap() == log(seed, 300));
    }
}
