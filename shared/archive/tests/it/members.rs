//! Names and kinds of members (specs: dumps 2.1, 2.2).

use super::builder::{Tar, gz, header, patched};
use super::record::walk;

#[test]
fn paths_are_normalised_and_unsafe_ones_are_skipped() {
    let outer = Tar::new()
        .file(r"C:\dump\cli\CLI_Show_LSP.out", "1")
        .file("/abs//./a", "2")
        .file(r"..\evil", "3")
        .file("a/../../evil", "4")
        .directory("x/..")
        .file(b"bad\xff.out", "5")
        .file("./", "6")
        .directory("./")
        .build();
    insta::assert_snapshot!(walk(&outer).story(), @r#"
    dump/cli/CLI_Show_LSP.out (1)
    abs/a (1)
    W_UNSAFE_PATH [] @2560: `..` in "..\\evil"
    W_UNSAFE_PATH [] @3584: `..` in "a/../../evil"
    W_UNSAFE_PATH [] @4608: `..` in "x/.."
    bad�.out (1)
    W_UNSAFE_PATH [] @6144: a file without a name
    Whole
    "#);
}

#[test]
fn an_archive_with_an_unsafe_path_is_not_opened() {
    let inner = Tar::new().file("a", "1").tgz();
    let outer = Tar::new().file("../in.tgz", &inner).file("ok.tgz", &inner).build();
    let outcome = walk(&outer);
    assert_eq!(outcome.names(), ["ok.tgz!/a"]);
    assert_eq!(outcome.warnings().len(), 1);
}

#[test]
fn links_devices_and_pipes_are_named_and_have_no_payload() {
    let mut outer = Tar::new();
    for kind in [b'1', b'2', b'3', b'4', b'6'] {
        // A size in their header means nothing (POSIX pax).
        outer = outer.block(&header(b"in.tgz", kind, 4096));
    }
    insta::assert_snapshot!(walk(&outer.file("after", "1").build()).story(), @r"
    W_SPECIAL_MEMBER [in.tgz] @512: hard link
    W_SPECIAL_MEMBER [in.tgz] @1024: symbolic link
    W_SPECIAL_MEMBER [in.tgz] @1536: character device
    W_SPECIAL_MEMBER [in.tgz] @2048: block device
    W_SPECIAL_MEMBER [in.tgz] @2560: FIFO
    after (1)
    Whole
    ");
}

#[test]
fn sparse_files_of_every_format_are_named_and_passed_over() {
    let data = [b'x'; 700];
    let extended = patched(header(b"old.out", b'S', 700), 482, &[1]);
    let (mut goes_on, last) = ([0; 512], [0; 512]);
    goes_on[504] = 1;
    let outer = Tar::new()
        .member("old0.out", b'S', data)
        .block(&extended)
        .block(&goes_on)
        .block(&last)
        .payload(&data)
        .pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.name", "real.out"), ("GNU.sparse.realsize", "9")])
        .file("GNUSparseFile.0/real.out", data)
        .pax(&[("GNU.sparse.size", "9"), ("GNU.sparse.map", "0,9")])
        .file("v01.out", data)
        .file("after", "1")
        .build();
    insta::assert_snapshot!(walk(&outer).story(), @r"
    W_SPECIAL_MEMBER [old0.out] @512: sparse file
    W_SPECIAL_MEMBER [old.out] @2048: sparse file
    W_SPECIAL_MEMBER [real.out] @5632: sparse file
    W_SPECIAL_MEMBER [v01.out] @8192: sparse file
    after (1)
    Whole
    ");
}

#[test]
fn kinds_of_gnu_tar_and_unknown_ones_are_passed_over() {
    let outer = Tar::new()
        .member("listing", b'D', [b'Y'; 600])
        .member("label", b'V', [])
        .member("part", b'M', [b'm'; 600])
        .member("odd", b'Z', [b'z'; 600])
        .member("contiguous.out", b'7', "1")
        .build();
    insta::assert_snapshot!(walk(&outer).story(), @r"
    W_SPECIAL_MEMBER [label] @2048: volume label
    W_SPECIAL_MEMBER [part] @2560: part of a multi-volume file
    W_SPECIAL_MEMBER [odd] @4096: member of unknown kind
    contiguous.out (1)
    Whole
    ");
}

#[test]
fn gz_and_zip_are_not_opened_and_only_a_lost_target_is_worth_a_warning() {
    let outer = Tar::new()
        .file("cli/CLI_Show_Node.out.GZ", gz(b"text"))
        .file("CLI_Show_LSP.out.zip", b"PK\x03\x04")
        .file("other.log.gz", gz(b"text"))
        .file("other.zip", b"PK\x03\x04")
        .file("CLI_Show_LSP.out", "1")
        .build();
    insta::assert_snapshot!(walk(&outer).story(), @r"
    W_UNSUPPORTED_COMPRESSION [cli/CLI_Show_Node.out.GZ] @512: a target under a compression that is not opened
    W_UNSUPPORTED_COMPRESSION [CLI_Show_LSP.out.zip] @1536: a target under a compression that is not opened
    CLI_Show_LSP.out (1)
    Whole
    ");
}
