//! The planning pass keeps target files and nothing of the rest (specs: dumps 2.2, 2.7).

use landfall_archive::{FileHeader, Interest, Visitor, WarningCode};
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::Catalogue;

use crate::dump::{Dump, FewTargets, at, chain};

#[test]
fn only_target_files_are_kept_and_all_are_counted() {
    let contents =
        Dump::named("o.tgz").files(&["readme", "a.tgz!/cli/NODE.OUT", "a.tgz!/b.tgz!/x.bin"]).contents();
    let names: Vec<_> = contents.files().keys().collect();
    assert_eq!(names, ["a.tgz!/cli/NODE.OUT"]);
    assert_eq!((contents.counts().files, contents.counts().target_files), (3, 1));
    assert_eq!(contents.files()["a.tgz!/cli/NODE.OUT"].order, 1);
}

#[test]
fn bytes_are_asked_for_target_files_only() {
    let mut catalogue = Catalogue::new(FewTargets, Window::of_upload(at("2025-01-20T12:00:00Z")));
    assert_eq!(catalogue.file(FileHeader { chain: &chain("a/node.out", 1) }), Interest::Read);
    assert_eq!(catalogue.file(FileHeader { chain: &chain("node.out/other", 1) }), Interest::Skip);
    catalogue.file_end(1);
    assert!(catalogue.finish().files().is_empty(), "the file that never ended is not kept");
}

#[test]
fn the_last_file_of_one_chain_path_wins() {
    let contents =
        Dump::named("o.tgz").file("node.out", "one").file("x", "").file("node.out", "three").contents();
    let file = &contents.files()["node.out"];
    assert_eq!((file.crc32, file.size(), file.order), (5, 5, 2));
    assert_eq!(contents.counts().replaced_targets, 1);
}

#[test]
fn a_broken_file_is_forgotten_and_does_not_replace_a_whole_one() {
    let contents = Dump::named("o.tgz")
        .broken_file("lsp.out")
        .file("node.out", "one")
        .broken_file("node.out")
        .contents();
    assert_eq!(contents.files().keys().collect::<Vec<_>>(), ["node.out"]);
    assert_eq!(contents.counts().broken_targets, 2);
}

#[test]
fn the_first_time_stamp_of_a_target_is_noted() {
    let text = "# opened\n2025-01-18 03:14:07.123 [NEA]\n2025-01-18 03:14:08 [NEA]\n";
    let contents = Dump::named("o.tgz").file("nea_trace.log", text).file("lsp.out", "none").contents();
    assert_eq!(contents.files()["nea_trace.log"].log_time, Some(at("2025-01-18T03:14:07.123Z")));
    assert_eq!(contents.files()["lsp.out"].log_time, None);
}

#[test]
fn a_thousand_warnings_of_a_code_are_kept_and_all_counted() {
    let mut dump = Dump::named("o.tgz").warning(WarningCode::WMaxDepth, "deep.tgz", "too deep");
    for _ in 0..1_500 {
        dump = dump.warning(WarningCode::WSpecialMember, "link", "a symlink");
    }
    let contents = dump.warning(WarningCode::WUnsafePath, "x", "..").contents();
    assert_eq!(contents.warnings().kept().len(), 1_002);
    assert_eq!(contents.warnings().count(&WarningCode::WSpecialMember), 1_500);
    assert_eq!(contents.warnings().count(&WarningCode::WUnsafePath), 1);
}
