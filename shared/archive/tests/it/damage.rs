//! Flipped and missing bytes: no wrong file without a word, no loss for the neighbours (specs: dumps 2.6).

use landfall_archive::{Limits, OuterEnd, WarningCode};

use super::builder::{Tar, gz, log, noise};
use super::record::{Event, Outcome, walk, walk_with};

/// An inner archive with compressible and incompressible files.
fn inner(seed: u32) -> Vec<u8> {
    Tar::new()
        .directory("d/")
        .file("d/log.out", log(seed, 30))
        .pax(&[("path", "d/noise.out")])
        .file("n", noise(seed, 300))
        .file("d/last.out", log(seed + 1, 10))
        .tgz()
}

/// Three siblings in a plain tar, so that only the inner archives guard themselves.
fn siblings() -> Vec<u8> {
    Tar::new().file("1.tgz", inner(1)).file("2.tgz", inner(2)).file("3.tgz", inner(3)).build()
}

/// Whether the outcome says that something is wrong with the archive at `chain_path` or one around it.
fn told(outcome: &Outcome, chain_path: &str) -> bool {
    outcome.end != Ok(OuterEnd::Whole)
        || outcome.warnings().iter().any(|warning| {
            warning.code == WarningCode::WCorruptMember && chain_path.starts_with(&warning.chain_path)
        })
}

/// Files of `whole`, by name.
fn original<'a>(whole: &'a Outcome, name: &str) -> Option<&'a [u8]> {
    whole.files().into_iter().find_map(|(path, data)| (path == name).then_some(data))
}

#[test]
fn a_flipped_byte_never_gives_a_wrong_file_without_a_word_and_costs_no_sibling() {
    let bytes = siblings();
    let whole = walk(&bytes);
    assert_eq!(whole.files().len(), 9);
    let start = 512 + inner(1).len().next_multiple_of(512) + 512;
    for at in start..start + inner(2).len() {
        for mask in [0x01, 0xff] {
            let mut flipped = bytes.clone();
            flipped[at] ^= mask;
            let outcome = walk(&flipped);
            assert_eq!(outcome.end, Ok(OuterEnd::Whole));
            for sibling in ["1.tgz!/", "3.tgz!/"] {
                let of = |files: Vec<(String, &[u8])>| -> Vec<(String, Vec<u8>)> {
                    let own = files.into_iter().filter(|(name, _)| name.starts_with(sibling));
                    own.map(|(name, data)| (name, data.to_vec())).collect()
                };
                assert_eq!(of(outcome.files()), of(whole.files()), "flip {mask:x} at {at}");
            }
            for (name, data) in outcome.files() {
                let right = original(&whole, &name) == Some(data);
                assert!(right || told(&outcome, &name), "flip {mask:x} at {at}: {name}");
            }
            let lost = whole.files().len() > outcome.files().len();
            assert!(!lost || told(&outcome, "2.tgz"), "flip {mask:x} at {at}");
        }
    }
}

#[test]
fn damage_is_told_the_same_however_the_object_is_cut() {
    let bytes = Tar::new().file("in.tgz", inner(2)).file("z", "1").build();
    for at in (512..512 + inner(2).len()).step_by(2) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        let whole = walk(&flipped);
        for block in [1, 61] {
            let cut = walk_with(Limits::default(), &flipped, block);
            assert_eq!(
                (cut.events, cut.end),
                (whole.events.clone(), whole.end.clone()),
                "flip at {at}, {block}"
            );
        }
    }
}

#[test]
fn a_flip_in_a_tar_header_is_always_found() {
    let tar = Tar::new().file("a", "1").file("b", "2").file("c", "3").build();
    for at in 1024..1536 {
        let mut flipped = tar.clone();
        flipped[at] ^= 0x01;
        let outcome = walk(&flipped);
        assert_eq!(outcome.names(), ["a"], "flip at {at}");
        assert!(matches!(outcome.end, Ok(OuterEnd::Broken { offset: 1024, .. })), "flip at {at}");
    }
}

/// Cuts `bytes` at every place: the files delivered are the first ones, each with its own bytes.
fn cut_everywhere(bytes: &[u8], harmless_from: usize) {
    let whole = walk(bytes);
    for length in 0..bytes.len() {
        let outcome = walk(&bytes[..length]);
        let (files, all) = (outcome.files(), whole.files());
        assert_eq!(files[..], all[..files.len()], "cut to {length}");
        match &outcome.end {
            Ok(OuterEnd::Broken { text, .. }) => assert_eq!(text, "outer_truncated"),
            Ok(end) => {
                assert!(*end == OuterEnd::Whole && length >= harmless_from, "cut to {length}: {end:?}");
            }
            Err(error) => assert!(error.code() == "E_NOT_ARCHIVE" && length < 512, "cut to {length}"),
        }
    }
}

#[test]
fn a_truncated_object_gives_its_first_files_and_never_a_wrong_one() {
    let small = Tar::new().file("x", noise(5, 200)).file("y", log(5, 3)).tgz();
    let tar = Tar::new().file("a", noise(4, 300)).file("in.tgz", small).file("z", "1").build();
    // From the first closing block on nothing is missing.
    cut_everywhere(&tar, tar.len() - 512);
    let tgz = gz(&tar);
    cut_everywhere(&tgz, tgz.len());
    let members: Vec<u8> = tar.chunks(600).flat_map(gz).collect();
    let last = gz(&tar[tar.len() - tar.len() % 600..]).len();
    cut_everywhere(&members, members.len() - last);
}

#[test]
fn test_reader_corrupt_inner_member_keeps_its_first_files_and_all_of_its_siblings() {
    let (left, right) = (inner(1), inner(2));
    let all = walk(&Tar::new().file("in.tgz", &left).build());
    for length in 0..left.len() {
        let outer =
            Tar::new().file("in.tgz", &left[..length]).file("next.tgz", &right).file("end", "1").build();
        let outcome = walk(&outer);
        let files = outcome.files();
        assert_eq!(files.last().unwrap().0, "end");
        assert_eq!(files.len() - 4, files.iter().filter(|(name, _)| name.starts_with("in.tgz")).count());
        assert_eq!(files[..files.len() - 4], all.files()[..files.len() - 4], "cut to {length}");
        let [warning] = outcome.warnings()[..] else { panic!("one warning for {length}") };
        assert_eq!((warning.code, warning.chain_path.as_str()), (WarningCode::WCorruptMember, "in.tgz"));
        assert_eq!(outcome.end, Ok(OuterEnd::Whole));
    }
}

#[test]
fn the_file_being_read_at_a_break_is_dropped_and_told_so() {
    let left = Tar::new().file("a", "1").file("b", noise(1, 3000)).file("c", "3").tgz();
    let outer = Tar::new().file("in.tgz", &left[..1500]).file("z", "4").tgz();
    insta::assert_snapshot!(walk(&outer).story(), @r"
    in.tgz!/a (1)
    in.tgz!/b broken
    W_CORRUPT_MEMBER [in.tgz] @1500: truncated: gzip stream unfinished, at byte 1500 of the gzip stream
    z (1)
    Whole
    ");
}

#[test]
fn a_break_of_an_outer_archive_drops_what_is_open_inside_and_names_only_itself() {
    let inner = Tar::new().file("b", noise(1, 3000)).tgz();
    let outer = Tar::new().file("a", "1").file("in.tgz", inner).tgz();
    insta::assert_snapshot!(walk(&outer[..2000]).story(), @r#"
    a (1)
    in.tgz!/b broken
    W_CORRUPT_MEMBER [] @2000: truncated: gzip stream unfinished, at byte 2000 of the gzip stream
    Broken { offset: 2000, text: "outer_truncated" }
    "#);
    let deeper = Tar::new().file("mid.tgz", &outer[..2000]).file("z", "4").build();
    insta::assert_snapshot!(walk(&deeper).story(), @r"
    mid.tgz!/a (1)
    mid.tgz!/in.tgz!/b broken
    W_CORRUPT_MEMBER [mid.tgz] @2000: truncated: gzip stream unfinished, at byte 2000 of the gzip stream
    z (1)
    Whole
    ");
}

#[test]
fn after_a_break_of_the_object_further_bytes_are_counted_and_ignored() {
    let mut tar = Tar::new().file("a", "1").unfinished();
    tar.extend_from_slice(&noise(1, 100_000));
    let outcome = walk_with(Limits { total_bytes: 70_000, ..Limits::default() }, &tar, 1000);
    assert!(matches!(outcome.end, Ok(OuterEnd::Broken { offset: 1024, .. })));
    assert_eq!(outcome.stats.consumed, tar.len() as u64);
    assert_eq!(outcome.warnings().len(), 1);
}

#[test]
fn a_file_ends_with_its_last_byte_not_with_its_padding() {
    let tar = Tar::new().file("a", "12345").build();
    let outcome = walk(&tar[..512 + 5]);
    assert!(matches!(outcome.events[..], [Event::File(_), Event::Warning(_)]));
}
