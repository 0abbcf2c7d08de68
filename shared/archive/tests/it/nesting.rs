//! Archives in archives (specs: dumps 2.1).

use landfall_archive::{Limits, OuterEnd, WarningCode};

use super::builder::{Tar, gz, log};
use super::record::{walk, walk_with};

/// An object whose deepest archive is at `depth`; every archive holds a target beside the next one.
fn nested(depth: usize) -> Vec<u8> {
    let mut archive = Tar::new().file(format!("at{depth}.out"), "deepest").tgz();
    for level in (0..depth).rev() {
        let name = format!("d{}.tgz", level + 1);
        archive = Tar::new().file(name, archive).file(format!("at{level}.out"), "here").tgz();
    }
    archive
}

#[test]
fn test_reader_respects_max_depth_8_and_names_an_archive_at_depth_9() {
    let found = walk(&nested(8));
    assert_eq!(
        found.names().first().unwrap(),
        "d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/d6.tgz!/d7.tgz!/d8.tgz!/at8.out"
    );
    assert_eq!(found.files().len(), 9);
    assert_eq!((found.stats.deepest, found.stats.archives), (8, 9));
    assert!(found.warnings().is_empty());

    let deeper = walk(&nested(9));
    insta::assert_snapshot!(deeper.story(), @r"
    W_MAX_DEPTH [d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/d6.tgz!/d7.tgz!/d8.tgz!/d9.tgz] @512: archive at depth 9, limit 8
    d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/d6.tgz!/d7.tgz!/d8.tgz!/at8.out (4)
    d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/d6.tgz!/d7.tgz!/at7.out (4)
    d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/d6.tgz!/at6.out (4)
    d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/d5.tgz!/at5.out (4)
    d1.tgz!/d2.tgz!/d3.tgz!/d4.tgz!/at4.out (4)
    d1.tgz!/d2.tgz!/d3.tgz!/at3.out (4)
    d1.tgz!/d2.tgz!/at2.out (4)
    d1.tgz!/at1.out (4)
    at0.out (4)
    Whole
    ");
}

#[test]
fn test_reader_respects_max_depth_7_and_does_not_find_a_target_at_depth_8() {
    let outcome = walk_with(Limits { max_depth: 7, ..Limits::default() }, &nested(8), 100);
    assert_eq!(outcome.files().len(), 8);
    let [warning] = outcome.warnings()[..] else { panic!("one warning") };
    assert_eq!(warning.code, WarningCode::WMaxDepth);
    let flat = walk_with(Limits { max_depth: 0, ..Limits::default() }, &nested(1), 100);
    assert_eq!(flat.names(), ["at0.out"]);
}

#[test]
fn first_bytes_choose_between_gzip_and_tar_not_the_name() {
    let inner = || Tar::new().file("a", "x");
    let outer = Tar::new()
        .file("plain.TGZ", inner().build())
        .file("zipped.tar", inner().tgz())
        .file("both.Tar.Gz", inner().tgz())
        .build();
    let outcome = walk(&outer);
    assert_eq!(outcome.names(), ["plain.TGZ!/a", "zipped.tar!/a", "both.Tar.Gz!/a"]);
    assert_eq!(walk(&gz(&outer)).events, outcome.events);
}

#[test]
fn every_step_names_offset_and_size_in_the_tar_that_holds_it() {
    let (inner, data) = (Tar::new().directory("d/").file("d/a.out", "abc").tgz(), log(1, 40));
    let outer = Tar::new().file("pad.bin", &data).file("in.tgz", &inner).tgz();
    let outcome = walk(&outer);
    let super::record::Event::File(read) = &outcome.events[1] else { panic!("a file") };
    let steps: Vec<_> =
        read.chain.steps.iter().map(|step| (step.path.as_str(), step.offset, step.size)).collect();
    let at = 512 + data.len().next_multiple_of(512) as u64 + 512;
    assert_eq!(steps, [("in.tgz", at, inner.len() as u64), ("d/a.out", 1024, 3)]);
    assert_eq!(read.chain.display("o.tgz"), "o.tgz!/in.tgz!/d/a.out");
    assert_eq!((read.chain.depth(), outcome.stats.entries), (1, 4));
    assert_eq!(outcome.end, Ok(OuterEnd::Whole));
}

#[test]
fn directories_with_archive_names_add_no_depth() {
    let outer = Tar::new().directory("x.tgz/").file("x.tgz/in/a", "1").build();
    assert_eq!(walk(&outer).story(), "x.tgz/in/a (1)\nWhole\n");
}

#[test]
fn levels_are_used_again_without_a_trace_of_the_archive_before() {
    let broken = Tar::new().pax(&[("path", "stale")]).unfinished();
    let outer = Tar::new()
        .file("1.tgz", gz(&broken))
        .file("2.tgz", Tar::new().file("a", "1").tgz())
        .file("3.tar", Tar::new().file("b", "2").build())
        .file("4.tgz", Tar::new().file("c", "3").tgz())
        .build();
    assert_eq!(walk(&outer).names(), ["2.tgz!/a", "3.tar!/b", "4.tgz!/c"]);
}
