//! The forms of tar: v7, ustar, GNU, PAX, and headers that are none.

use std::fmt::Write;

use landfall_archive::{Limits, OuterEnd};
use proptest::prelude::*;

use super::builder::{Tar, gz, header, log, patched, pax_records};
use super::record::{walk, walk_with};

fn long(letter: &str, length: usize) -> String {
    letter.repeat(length)
}

#[test]
fn a_ustar_prefix_goes_in_front_of_the_name_and_gnu_has_none() {
    let ustar = patched(header(b"name.out", b'0', 0), 345, b"some/prefix");
    let gnu = patched(patched(header(b"gnu.out", b'0', 0), 345, b"00000000001"), 257, b"ustar  \0");
    let outer = Tar::new().block(&ustar).block(&gnu).build();
    assert_eq!(walk(&outer).names(), ["some/prefix/name.out", "gnu.out"]);
}

#[test]
fn v7_headers_have_no_magic_and_mark_directories_by_a_slash() {
    let v7 = |name: &[u8], size| patched(patched(header(name, b'0', size), 156, &[0]), 257, &[0; 255]);
    let outer = Tar::new().block(&v7(b"d/", 77)).block(&v7(b"d/a.out", 3)).payload(b"abc").build();
    assert_eq!(walk(&outer).files(), [("d/a.out".to_owned(), &b"abc"[..])]);
}

#[test]
fn a_checksum_of_signed_bytes_is_accepted() {
    let block = header("Größe".as_bytes(), b'0', 0);
    let signed: i32 = block
        .iter()
        .enumerate()
        .map(
            |(at, byte)| {
                if (148..156).contains(&at) { i32::from(b' ') } else { i32::from(byte.cast_signed()) }
            },
        )
        .sum();
    let mut block = block;
    block[148..156].copy_from_slice(format!("{signed:06o}\0 ").as_bytes());
    assert_eq!(walk(&Tar::new().block(&block).build()).names(), ["Größe"]);
}

#[test]
fn a_gnu_long_name_replaces_the_name_and_a_long_link_does_not() {
    let name = format!("{}/x.out", long("n", 300));
    let outer = Tar::new()
        .member("././@LongLink", b'K', format!("{}\0", long("k", 600)))
        .member("././@LongLink", b'L', format!("{name}\0"))
        .file("nnn", "1")
        .file("next", "2")
        .build();
    assert_eq!(walk(&outer).names(), [name, "next".to_owned()]);
}

#[test]
fn a_pax_path_wins_over_all_and_holds_for_one_member() {
    let name = format!("ü/{}", long("p", 300));
    let outer = Tar::new()
        .member("././@LongLink", b'L', "gnu\0")
        .pax(&[("mtime", "1.5"), ("path", &name)])
        .file("short", "1")
        .file("next", "2")
        .build();
    assert_eq!(walk(&outer).names(), [name, "next".to_owned()]);
}

#[test]
fn global_pax_records_hold_until_a_member_says_otherwise() {
    let outer = Tar::new()
        .member("g", b'g', pax_records(&[("path", "all"), ("comment", "x")]))
        .file("a", "1")
        .pax(&[("path", "own")])
        .file("b", "2")
        .file("c", "3")
        .member("g", b'g', pax_records(&[("path", "")]))
        .file("d", "4")
        .build();
    assert_eq!(walk(&outer).names(), ["all", "own", "all", "d"]);
}

#[test]
fn a_pax_size_wins_over_the_header_and_not_over_metadata_headers() {
    let data = log(1, 50);
    let outer = Tar::new()
        .pax(&[("size", &data.len().to_string())])
        .member("././@LongLink", b'L', "in.out\0")
        .block(&header(b"x", b'0', 0))
        .payload(&data)
        .file("next", "2")
        .build();
    assert_eq!(walk(&outer).files(), [("in.out".to_owned(), &data[..]), ("next".to_owned(), &b"2"[..])]);
}

#[test]
fn a_base_256_size_is_read() {
    let block = patched(header(b"a", b'0', 0), 124, b"\x80\0\0\0\0\0\0\0\0\0\x02\x01");
    let data = vec![b'x'; 513];
    let outer = Tar::new().block(&block).payload(&data).file("next", "2").build();
    assert_eq!(walk(&outer).files(), [("a".to_owned(), &data[..]), ("next".to_owned(), &b"2"[..])]);
}

#[test]
fn headers_that_lie_are_damage_from_there() {
    let size = |bytes: &[u8]| patched(header(b"b", b'0', 0), 124, bytes);
    let pax = |records: &[u8]| Tar::new().member("p", b'x', records).file("b", "2").unfinished();
    let mut bad_sum = header(b"b", b'0', 1);
    bad_sum[0] = b'c';
    let cases: [(&str, Vec<u8>); 9] = [
        ("checksum", bad_sum.to_vec()),
        ("octal", size(b"00000000009\0").to_vec()),
        ("negative", size(&[0xff; 12]).to_vec()),
        ("out of range", size(b"\x80\0\0\x01\0\0\0\0\0\0\0\0").to_vec()),
        ("overflow", size(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff").to_vec()),
        ("truncated pax", pax(b"99 path=a\n")),
        ("pax size", pax(&pax_records(&[("size", "1e3")]))),
        ("dangling pax", Tar::new().pax(&[("path", "a")]).unfinished()),
        ("pax size overflow", pax(&pax_records(&[("size", "18446744073709551615")]))),
    ];
    let mut story = String::new();
    for (case, hostile) in cases {
        let mut inner = Tar::new().file("a", "1").unfinished();
        inner.extend_from_slice(&hostile);
        inner.extend_from_slice(&[0; 1024]);
        let outcome = walk(&Tar::new().file("in.tgz", gz(&inner)).file("after", "3").build());
        assert_eq!(outcome.names(), ["in.tgz!/a", "after"], "{case}");
        assert_eq!(outcome.warnings().len(), 1, "{case}");
        writeln!(story, "{case}: {}", outcome.warnings()[0].text).unwrap();
    }
    insta::assert_snapshot!(story, @r"
    checksum: bad tar header: checksum, at byte 1024 of the tar
    octal: bad tar header: no octal number, at byte 1024 of the tar
    negative: bad tar header: number out of range, at byte 1024 of the tar
    out of range: bad tar header: number out of range, at byte 1024 of the tar
    overflow: bad tar header: size overflow, at byte 1024 of the tar
    truncated pax: bad tar header: malformed PAX record, at byte 1536 of the tar
    pax size: bad tar header: PAX size is no number, at byte 1536 of the tar
    dangling pax: bad tar header: metadata without a member, at byte 2048 of the tar
    pax size overflow: bad tar header: size overflow, at byte 2048 of the tar
    ");
}

#[test]
fn zeros_after_the_end_are_padding_and_other_bytes_are_damage() {
    let whole = Tar::new().file("a", "1").build();
    assert_eq!(walk(&[&whole[..], &[0; 8000]].concat()).end, Ok(OuterEnd::Whole));
    let garbage = [&whole[..], &[0; 100], b"x"].concat();
    insta::assert_snapshot!(walk(&gz(&garbage)).story(), @r#"
    a (1)
    W_CORRUPT_MEMBER [] @2148: garbage after the end of the tar, at byte 2148 of the tar
    Broken { offset: 2148, text: "garbage after the end of the tar, at byte 2148 of the tar" }
    "#);
}

#[test]
fn one_closing_block_is_enough_and_none_is_a_truncation() {
    let open = Tar::new().file("a", "1").unfinished();
    assert_eq!(walk(&[&open[..], &[0; 512]].concat()).end, Ok(OuterEnd::Whole));
    insta::assert_snapshot!(walk(&gz(&open)).story(), @r#"
    a (1)
    W_CORRUPT_MEMBER [] @1024: truncated: tar unfinished, at byte 1024 of the tar
    Broken { offset: 1024, text: "outer_truncated" }
    "#);
}

/// Members of any kind whose headers are well-formed and may lie about everything else.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let kind =
        prop_oneof![Just(b'0'), Just(0), prop::sample::select(b"0123456DSxgLKMVXZ".to_vec()), any::<u8>()];
    let size = prop_oneof![6 => 0_u64..1500, 1 => any::<u64>().prop_map(|size| size >> 30)];
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..1500),
        Just(pax_records(&[("path", "p/../q"), ("size", "700")])),
        Just(pax_records(&[("GNU.sparse.major", "1"), ("path", "in.tgz")])),
        "[0-9 =a-z\n]{0,40}".prop_map(String::into_bytes),
    ];
    let member = ("[a-z./]{0,9}(|\\.tgz)", kind, proptest::option::of(size), payload, any::<[u8; 2]>());
    prop::collection::vec(member, 0..6).prop_map(|members| {
        let mut tar = Tar::new();
        for (name, kind, size, payload, [at, value]) in members {
            let block = header(name.as_bytes(), b'0', size.unwrap_or(payload.len() as u64));
            // One odd byte among prefix, sparse maps and the fields before them.
            tar = tar.block(&patched(block, 256 + usize::from(at), &[value])).payload(&payload);
            tar = tar.block(&patched(block, 156, &[kind])).payload(&payload);
        }
        tar.build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn members_that_lie_never_panic_and_are_told_the_same_at_any_cut(tar in hostile(), block in 1_usize..700) {
        let nested = Tar::new().file("in.tgz", gz(&tar)).file("after", "1").build();
        for bytes in [tar, nested] {
            let (whole, cut) = (walk(&bytes), walk_with(Limits::default(), &bytes, block));
            prop_assert_eq!((cut.events, cut.end), (whole.events, whole.end));
        }
    }
}
