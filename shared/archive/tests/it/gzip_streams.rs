//! Gzip streams: several members, padding, garbage, trailers and headers (specs: dumps 2.6; RFC 1952).

use landfall_archive::{Limits, OuterEnd};

use super::builder::{Tar, deflated, gz, gz_full_header, log};
use super::record::{Outcome, walk, walk_with};

fn sample() -> Vec<u8> {
    Tar::new().file("a.out", log(1, 60)).file("b.out", log(2, 60)).build()
}

/// Walks in one block and byte by byte; both must say the same.
fn both(bytes: &[u8]) -> Outcome {
    let whole = walk(bytes);
    assert_eq!(whole, walk_with(Limits::default(), bytes, 1));
    whole
}

/// `bytes` as an archive that stands in front of a sibling.
fn nested(bytes: &[u8]) -> Outcome {
    both(&Tar::new().file("in.tgz", bytes).file("sibling", "1").build())
}

#[test]
fn a_stream_of_several_members_is_read_whole_wherever_it_is_cut() {
    let tar = sample();
    let expected = walk(&gz(&tar));
    for cut in (0..=tar.len()).step_by(97) {
        let members = [gz(&tar[..cut]), gz(&tar[cut..])].concat();
        let outcome = both(&members);
        assert_eq!(
            (outcome.events, outcome.end),
            (expected.events.clone(), Ok(OuterEnd::Whole)),
            "cut at {cut}"
        );
    }
    let many: Vec<u8> = tar.chunks(50).flat_map(gz).collect();
    assert_eq!(both(&many).events, expected.events);
}

#[test]
fn zeros_after_the_end_are_accepted_also_before_a_further_member() {
    let tar = sample();
    let padded = [&gz(&tar)[..], &[0; 700]].concat();
    assert_eq!(both(&padded).end, Ok(OuterEnd::Whole));
    let parted = [&gz(&tar[..900])[..], &[0; 9], &gz(&tar[900..])].concat();
    assert_eq!(both(&parted).events, walk(&tar).events);
}

#[test]
fn garbage_after_the_end_is_named_and_all_files_are_kept() {
    let archive = gz(&sample());
    let tails: [&[u8]; 4] = [b"x", b"\0\0\0garbage", b"\x1fx", b"\0\x1f\0"];
    for tail in tails {
        let outcome = nested(&[&archive[..], tail].concat());
        assert_eq!(outcome.names(), ["in.tgz!/a.out", "in.tgz!/b.out", "sibling"]);
        let [warning] = outcome.warnings()[..] else { panic!("one warning") };
        let zeros = tail.iter().take_while(|byte| **byte == 0).count();
        assert_eq!(warning.offset, (archive.len() + zeros) as u64, "{tail:?}");
        assert!(warning.text.starts_with("garbage after the end of the gzip stream"), "{}", warning.text);
    }
    let outer = both(&[&archive[..], b"tail"].concat());
    assert_eq!(outer.files().len(), 2);
    assert!(matches!(outer.end, Ok(OuterEnd::Broken { offset, .. }) if offset == archive.len() as u64));
}

#[test]
fn a_wrong_trailer_is_named_once_and_all_files_are_kept() {
    let tar = sample();
    for at_end in 1..=8 {
        let mut archive = gz(&tar);
        let end = archive.len();
        archive[end - at_end] ^= 0x40;
        let outcome = nested(&archive);
        assert_eq!(outcome.names(), ["in.tgz!/a.out", "in.tgz!/b.out", "sibling"]);
        let [warning] = outcome.warnings()[..] else { panic!("one warning") };
        let what = if at_end > 4 { "crc" } else { "length" };
        assert_eq!(warning.text, format!("bad gzip trailer: {what}, at byte {} of the gzip stream", end - 8));
        let outer = both(&archive);
        assert_eq!(outer.files().len(), 2);
        assert!(matches!(outer.end, Ok(OuterEnd::Broken { .. })));
    }
    let mut members: Vec<Vec<u8>> = tar.chunks(400).map(gz).collect();
    for member in &mut members {
        *member.last_mut().unwrap() ^= 1;
    }
    let outcome = nested(&members.concat());
    assert_eq!((outcome.files().len(), outcome.warnings().len()), (3, 1));
}

#[test]
fn every_optional_header_field_is_passed_over() {
    let tar = sample();
    for extra in [0, 1, 5000] {
        let archive = gz_full_header(&tar, extra);
        assert_eq!(both(&archive).end, Ok(OuterEnd::Whole));
        let mut wrong = archive.clone();
        wrong[4] ^= 1;
        let outcome = nested(&wrong);
        assert!(outcome.warnings()[0].text.starts_with("bad gzip header: header checksum"));
        assert_eq!(outcome.names(), ["sibling"]);
    }
}

#[test]
fn a_header_of_another_method_or_with_reserved_flags_is_damage() {
    for (at, value, what) in
        [(2, 7, "unknown method"), (3, 0x80, "reserved flag set"), (3, 0x20, "reserved flag set")]
    {
        let mut archive = gz(&sample());
        archive[at] = value;
        assert_eq!(nested(&archive).names(), ["sibling"]);
        let outer = both(&archive);
        let Ok(OuterEnd::Broken { text, .. }) = outer.end else { panic!("broken") };
        assert_eq!(text, format!("bad gzip header: {what}, at byte 10 of the gzip stream"));
    }
}

#[test]
fn a_damaged_second_member_keeps_what_the_first_held() {
    let tar = sample();
    let split = 512 + log(1, 60).len().next_multiple_of(512);
    let (first, mut second) = (gz(&tar[..split]), gz(&tar[split..]));
    second[2] = 9;
    let outcome = nested(&[first, second].concat());
    insta::assert_snapshot!(outcome.story(), @r"
    in.tgz!/a.out (2052)
    W_CORRUPT_MEMBER [in.tgz] @552: bad gzip header: unknown method, at byte 552 of the gzip stream
    sibling (1)
    Whole
    ");
}

#[test]
fn stored_and_fixed_blocks_are_read_like_any_other() {
    let tar = sample();
    let mut stored = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let blocks: Vec<&[u8]> = tar.chunks(1000).collect();
    for (index, block) in blocks.iter().enumerate() {
        stored.push(u8::from(index + 1 == blocks.len()));
        let length = block.len() as u16;
        stored.extend_from_slice(&length.to_le_bytes());
        stored.extend_from_slice(&(!length).to_le_bytes());
        stored.extend_from_slice(block);
    }
    let trailer = [crc32fast::hash(&tar).to_le_bytes(), (tar.len() as u32).to_le_bytes()].concat();
    stored.extend_from_slice(&trailer);
    assert_eq!(both(&stored).events, walk(&tar).events);
    let raw = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec(), deflated(&tar), trailer].concat();
    assert_eq!(both(&raw).end, Ok(OuterEnd::Whole));
}
