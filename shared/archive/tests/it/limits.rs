//! Limits: exactly at one is allowed, one above is not (specs: dumps 2.5).

use landfall_archive::{Limits, OuterEnd, WalkError};

use super::builder::{Tar, gz, gz_of_size, header, log, pax_records};
use super::record::{walk, walk_with};

/// Two levels, six entries, 10 KiB or so.
fn sample() -> Vec<u8> {
    let inner = Tar::new().directory("d").file("d/a", log(1, 30)).member("l", b'2', []).tgz();
    Tar::new().file("x", log(2, 30)).file("in.tgz", inner).file("y", "1").tgz()
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    insta::assert_debug_snapshot!(Limits::default(), @r"
    Limits {
        max_depth: 8,
        entries: 200000,
        total_bytes: 42949672960,
        ratio: 1000,
        ratio_floor_bytes: 10485760,
        name_bytes: 4096,
        metadata_bytes: 65536,
    }
    ");
}

#[test]
fn entries_of_all_levels_are_counted() {
    let limits = |entries| Limits { entries, ..Limits::default() };
    assert_eq!(walk_with(limits(6), &sample(), 7).end, Ok(OuterEnd::Whole));
    for block in [1, 1 << 20] {
        let error = walk_with(limits(5), &sample(), block).end.unwrap_err();
        assert_eq!(error.code(), "E_MEMBER_LIMIT");
        assert!(matches!(error, WalkError::MemberLimit { entries: 6, limit: 5, .. }));
    }
    let error = walk_with(limits(3), &sample(), 1).end.unwrap_err();
    insta::assert_snapshot!(error, @"4 entries, limit 3, reached at byte 1024 of the tar of in.tgz");
}

#[test]
fn inflated_bytes_of_all_levels_are_counted() {
    let total = walk(&sample()).stats.inflated;
    let limits = |total_bytes| Limits { total_bytes, ..Limits::default() };
    assert_eq!(walk_with(limits(total), &sample(), 7).end, Ok(OuterEnd::Whole));
    for block in [1, 100, 1 << 20] {
        let error = walk_with(limits(total - 1), &sample(), block).end.unwrap_err();
        assert_eq!(error.code(), "E_TOTAL_LIMIT");
        let WalkError::TotalLimit { total: reached, .. } = error else { panic!("total") };
        assert_eq!(reached, total, "nothing is inflated beyond the first byte above the limit");
    }
    let error = walk_with(limits(5000), &sample(), 1 << 20).end.unwrap_err();
    insta::assert_snapshot!(error, @"5001 bytes inflated, limit 5000, reached at byte 91 of in.tgz");
}

#[test]
fn a_plain_tar_counts_its_own_bytes_and_a_nested_plain_one_does_not() {
    let inner = Tar::new().file("a", log(1, 30)).build();
    let outer = Tar::new().file("in.tar", inner).build();
    let size = outer.len() as u64;
    let limits = |total_bytes| Limits { total_bytes, ..Limits::default() };
    let outcome = walk_with(limits(size), &outer, 100);
    assert_eq!((outcome.end, outcome.stats.inflated), (Ok(OuterEnd::Whole), size));
    let error = walk_with(limits(size - 1), &outer, 100).end.unwrap_err();
    assert_eq!(error.code(), "E_TOTAL_LIMIT");
}

#[test]
fn the_ratio_is_that_of_the_inflated_total_to_the_object() {
    let tar = Tar::new().file("a", [0; 8704]).build();
    assert_eq!(tar.len(), 10 << 10);
    let limits = Limits { ratio: 10, ratio_floor_bytes: 0, ..Limits::default() };
    for block in [1, 100, 1 << 20] {
        let at = walk_with(limits.clone(), &gz_of_size(&tar, 1024), block);
        assert_eq!(at.end, Ok(OuterEnd::Whole));
        let above = walk_with(limits.clone(), &gz_of_size(&tar, 1023), block).end.unwrap_err();
        assert_eq!(above.code(), "E_BOMB");
        assert!(matches!(above, WalkError::Bomb { total: 10240, consumed: 1023, ratio: 10, .. }), "{above}");
    }
}

#[test]
fn the_ratio_is_judged_above_its_floor_only() {
    let tar = Tar::new().file("a", [0; 8704]).build();
    let limits = |floor| Limits { ratio: 1, ratio_floor_bytes: floor, ..Limits::default() };
    assert_eq!(walk_with(limits(10 << 10), &gz(&tar), 7).end, Ok(OuterEnd::Whole));
    assert_eq!(walk_with(limits((10 << 10) - 1), &gz(&tar), 7).end.unwrap_err().code(), "E_BOMB");
}

#[test]
fn the_verdict_does_not_depend_on_how_the_object_is_cut() {
    let inner = Tar::new().file("a", log(1, 900)).file("z", vec![0; 20_000]).file("b", log(2, 900)).tgz();
    let bytes = Tar::new().file("1.tgz", &inner).file("2.tgz", &inner).tgz();
    let mut verdicts = Vec::new();
    for ratio in 1..20 {
        let limits = Limits { ratio, ratio_floor_bytes: 0, ..Limits::default() };
        let verdict = |block| walk_with(limits.clone(), &bytes, block).end.map_err(|error| error.code());
        let whole = verdict(usize::MAX);
        for block in [1, 37, 4096] {
            assert_eq!(verdict(block), whole, "ratio {ratio}, blocks of {block}");
        }
        verdicts.push(whole.is_ok());
    }
    assert!(verdicts.contains(&true) && verdicts.contains(&false));
}

#[test]
fn a_bomb_of_one_stream_is_stopped_just_above_the_floor() {
    let bomb = gz(&Tar::new().file("zeros", vec![0; 64 << 20]).build());
    for block in [500, 1 << 20] {
        let outcome = walk_with(Limits::default(), &bomb, block);
        let WalkError::Bomb { total, consumed, .. } = outcome.end.unwrap_err() else { panic!("bomb") };
        assert!((10 << 20..(10 << 20) + (600 << 10)).contains(&total), "{total}");
        assert!(consumed < 12 << 10, "{consumed}");
        assert_eq!(outcome.stats.inflated, total);
    }
}

#[test]
fn a_bomb_by_depth_is_stopped_though_no_single_stream_is_one() {
    // Each stream stays far below 1000:1, the two together do not.
    let line = b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(200_000);
    let inner = gz(&Tar::new().file("lines", line).build());
    let bomb = Tar::new().file("in.tgz", inner).tgz();
    let single = |ratio| walk_with(Limits { max_depth: 0, ratio, ..Limits::default() }, &bomb, 512);
    assert_eq!(single(400).end, Ok(OuterEnd::Whole));
    let outcome = walk_with(Limits::default(), &bomb, 512);
    let error = outcome.end.unwrap_err();
    assert_eq!(error.code(), "E_BOMB");
    assert!(matches!(&error, WalkError::Bomb { chain_path, .. } if chain_path == "in.tgz"), "{error}");
    assert!(outcome.stats.inflated < 12 << 20, "stopped early");
}

/// An archive whose second member has a name of `length` bytes, by GNU and by PAX means.
fn long_names(length: usize) -> [Vec<u8>; 2] {
    let name = "n".repeat(length);
    let start = || Tar::new().file("a", "1");
    [
        start().member("L", b'L', format!("{name}\0")).file("b", "2").build(),
        start().pax(&[("path", &name)]).file("b", "2").build(),
    ]
}

#[test]
fn a_name_of_4096_bytes_is_read_and_a_longer_one_breaks_the_archive() {
    for archive in long_names(4096) {
        assert_eq!(walk(&archive).names(), ["a".to_owned(), "n".repeat(4096)]);
    }
    for archive in long_names(4097) {
        let outcome = walk(&Tar::new().file("in.tar", archive).file("after", "3").build());
        assert_eq!(outcome.names(), ["in.tar!/a", "after"]);
        assert!(outcome.warnings()[0].text.starts_with("name too long: 4097 bytes, limit 4096, at byte"));
    }
}

/// An archive whose second member has a metadata block of `size` bytes.
fn large_metadata(kind: u8, size: usize) -> Vec<u8> {
    let block = match kind {
        b'x' | b'g' => {
            let frame = pax_records(&[("comment", &"c".repeat(60_000))]).len() - 60_000;
            pax_records(&[("comment", &"c".repeat(size - frame))])
        }
        _ => [b"n\0".to_vec(), vec![0; size - 2]].concat(),
    };
    assert_eq!(block.len(), size);
    Tar::new().file("a", "1").member("meta", kind, block).file("b", "2").build()
}

#[test]
fn a_metadata_block_of_64_kib_is_read_and_a_larger_one_breaks_the_archive() {
    for kind in *b"xgLK" {
        assert_eq!(walk(&large_metadata(kind, 65_536)).files().len(), 2);
        let outcome = walk(&large_metadata(kind, 65_537));
        assert_eq!(outcome.names(), ["a"]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.warnings()[0].text, @"name too long: metadata block of 65537 bytes, limit 65536, at byte 1024 of the tar");
        }
        assert!(matches!(outcome.end, Ok(OuterEnd::Broken { offset: 1024, .. })));
    }
}

#[test]
fn a_metadata_block_that_claims_to_be_huge_is_refused_by_its_header() {
    let outer = Tar::new().file("a", "1").block(&header(b"x", b'x', 8 << 30)).unfinished();
    assert_eq!(walk(&outer).warnings().len(), 1);
}
