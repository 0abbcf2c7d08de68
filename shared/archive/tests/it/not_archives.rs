//! Objects that are no archive, and nested ones of that kind (specs: dumps 2.6, first row).

use landfall_archive::{Limits, OuterEnd, Walk};

use super::builder::{Tar, gz, noise};
use super::record::{Recorder, walk, walk_with};

fn refusal(bytes: &[u8]) -> String {
    let whole = walk(bytes);
    assert_eq!(whole.end, walk_with(Limits::default(), bytes, 1).end);
    let error = whole.end.unwrap_err();
    assert_eq!(error.code(), "E_NOT_ARCHIVE");
    error.to_string()
}

#[test]
fn the_text_tells_what_was_found_instead_of_an_archive() {
    let long = |magic: &[u8]| [magic, &noise(3, 2000)].concat();
    let texts = [
        refusal(b""),
        refusal(b"\x1f"),
        refusal(b"hello"),
        refusal(&noise(1, 2000)),
        refusal(&gz(b"")),
        refusal(&gz(b"hello")),
        refusal(&gz(&noise(1, 2000))),
        refusal(&gz(&Tar::new().tgz())),
        refusal(&long(b"\x28\xb5\x2f\xfd")),
        refusal(b"\xfd7zXZ\0"),
        refusal(&long(b"BZh91AY&SY")),
        refusal(&long(b"PK\x03\x04")),
        refusal(&long(b"\x04\x22\x4d\x18")),
        refusal(&long(b"\x1f\x9d\x90")),
        refusal(&gz(&long(b"\x28\xb5\x2f\xfd"))),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    not an archive: empty
    not an archive: neither gzip nor tar: a single byte
    not an archive: neither gzip nor tar: no known format
    not an archive: neither gzip nor tar: no known format
    not an archive: gzip of something that is no tar: empty
    not an archive: gzip of something that is no tar: no known format
    not an archive: gzip of something that is no tar: no known format
    not an archive: gzip of something that is no tar: gzip
    not an archive: neither gzip nor tar: zstd
    not an archive: neither gzip nor tar: xz
    not an archive: neither gzip nor tar: bzip2
    not an archive: neither gzip nor tar: zip
    not an archive: neither gzip nor tar: lz4
    not an archive: neither gzip nor tar: compress
    not an archive: gzip of something that is no tar: zstd
    ");
}

#[test]
fn an_object_of_no_bytes_is_refused_at_its_end() {
    let error = Walk::new(Limits::default()).finish(&mut Recorder::default()).unwrap_err();
    assert_eq!(error.to_string(), "not an archive: empty");
}

#[test]
fn an_empty_tar_is_an_archive_without_members() {
    for bytes in [Tar::new().build(), Tar::new().tgz(), vec![0; 512], vec![0; 10240]] {
        let outcome = walk(&bytes);
        assert_eq!((outcome.end, outcome.events.len()), (Ok(OuterEnd::Whole), 0));
    }
}

#[test]
fn a_nested_archive_that_is_none_costs_only_itself() {
    let outer = Tar::new()
        .file("empty.tgz", "")
        .file("text.tgz", "hello")
        .file("zstd.tgz", [&b"\x28\xb5\x2f\xfd"[..], &noise(2, 900)].concat())
        .file("xz.tar", b"\xfd7zXZ\0....")
        .file("bz.tar.gz", [&b"BZh9"[..], &noise(2, 900)].concat())
        .file("gz.tgz", gz(&noise(2, 900)))
        .file("zip.tgz", gz(b"PK\x03\x04"))
        .file("ok.tgz", Tar::new().file("a", "1").tgz())
        .build();
    insta::assert_snapshot!(walk(&outer).story(), @r"
    W_CORRUPT_MEMBER [empty.tgz] @0: empty
    W_CORRUPT_MEMBER [text.tgz] @0: neither gzip nor tar: no known format
    W_CORRUPT_MEMBER [zstd.tgz] @0: neither gzip nor tar: zstd
    W_CORRUPT_MEMBER [xz.tar] @0: neither gzip nor tar: xz
    W_CORRUPT_MEMBER [bz.tar.gz] @0: neither gzip nor tar: bzip2
    W_CORRUPT_MEMBER [gz.tgz] @0: gzip of something that is no tar: no known format
    W_CORRUPT_MEMBER [zip.tgz] @0: gzip of something that is no tar: zip
    ok.tgz!/a (1)
    Whole
    ");
}
