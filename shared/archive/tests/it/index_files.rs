//! Every member of every form of archive, read again through the index, is what other readers find there.

use std::fmt::Write;
use std::fs;

use flate2::FlushCompress;
use landfall_archive::{Index, MemberKind};

use super::builder::{Tar, log, noise};
use super::oracles::{WRITE_WITH_PYTHON, by_python, present, run};
use super::reread::{by_peer, index_of, indexed, members, read};
use super::streams::{DENSITIES, Packing, flushed, forms};

/// The files of an object, each read by position, in the form of [`by_python`].
fn lines_by_position(number: usize, object: &[u8], index: &Index) -> String {
    let mut out = String::new();
    for member in members(index).iter().filter(|member| member.kind == MemberKind::File) {
        let data = read(object, index, member).unwrap().unwrap();
        let name = member.chain.joined();
        writeln!(out, "{number} {:08x} {} {name}", crc32fast::hash(&data), data.len()).unwrap();
    }
    out
}

/// Compares with Python what is read through indexes of all densities.
fn python_agrees(objects: &[Vec<u8>]) {
    if !present("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        paths.push(folder.path().join(number.to_string()));
        fs::write(&paths[number], object).unwrap();
    }
    let expected = by_python(&paths);
    assert!(expected.lines().count() >= objects.len());
    for options in DENSITIES {
        let by_position = |(number, object): (usize, &Vec<u8>)| {
            lines_by_position(number, object, &indexed(object, options))
        };
        assert_eq!(objects.iter().enumerate().map(by_position).collect::<String>(), expected, "{options:?}");
    }
}

#[test]
fn python_reads_the_same_of_every_form_of_archive() {
    python_agrees(&forms().into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>());
}

#[test]
fn python_reads_the_same_of_every_format_it_writes() {
    if !present("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    run(std::process::Command::new("python3").args(["-c", WRITE_WITH_PYTHON]).arg(folder.path()));
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut objects: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(objects.len(), 6);
    let mut all = Tar::new().file("first", log(1, 2_000));
    for (number, object) in objects.iter().enumerate() {
        all = all.file(format!("{number}.tar"), object).file(format!("{number}.out"), log(2, 900));
    }
    objects.push(all.tgz());
    python_agrees(&objects);
}

#[test]
fn nested_archives_are_read_as_they_stand_in_what_holds_them() {
    for (name, object) in forms() {
        let mut peer = Vec::new();
        by_peer(&object, "", &mut peer);
        let index = indexed(&object, DENSITIES[1]);
        let ours: Vec<(String, Vec<u8>)> = members(&index)
            .iter()
            .map(|member| {
                let data = read(&object, &index, member).unwrap();
                (member.chain.joined(), data.unwrap_or_else(|error| panic!("{name}, {member:?}: {error}")))
            })
            .collect();
        assert!(ours == peer, "{name}");
    }
}

#[test]
fn where_a_stream_has_places_to_begin_from_they_are_found() {
    for (name, object) in forms() {
        let points = DENSITIES.map(|options| indexed(&object, options).checkpoints());
        assert!(points[0] >= points[1] && points[1] >= points[2], "{name}: {points:?}");
        assert_eq!(points[0] > 0, name != "plain", "{name}: {points:?}");
    }
}

/// There are no bytes behind its header: the walk was done with it as soon as that was there.
#[test]
fn an_empty_member_that_ends_a_cut_archive_is_read_though_a_checkpoint_is_behind_its_header() {
    let tar = Tar::new().file("a", log(1, 2_000)).file("empty", []).unfinished();
    let object = flushed(&tar, 6, (tar.len(), FlushCompress::Sync));
    let nested = Tar::new().file("in.tgz", &object).build();
    for object in [object, nested] {
        let (file, _) = index_of([&object[..]], DENSITIES[0]);
        let index = Index::parse_whole(file).unwrap();
        assert!(index.checkpoints() > 0);
        let all = members(&index);
        let empty = all.iter().find(|member| member.chain.joined().ends_with("empty")).unwrap();
        assert_eq!(read(&object, &index, empty).unwrap(), Ok(Vec::new()));
    }
}

/// Behind its header a gzip member ends, and the next begins only behind bytes that the walk did not need for it; by up
/// to 512 bytes the walk goes further than it needs to.
#[test]
fn an_empty_member_is_read_where_a_gzip_member_ends_with_its_header() {
    for shift in (0..512).step_by(4) {
        let leaf = Tar::new().file("a", noise(1, shift)).file("empty", []).file("b", noise(2, 600)).build();
        let plain = Tar::new().file("empty", []).file("c", noise(3, 600)).build();
        let inner = Packing::Members(512).pack(&leaf);
        let outer = Tar::new().file("in.tgz", inner).file("plain.tar", plain).build();
        for packing in [Packing::Plain, Packing::Level(6), Packing::Members(512)] {
            both_empty_members_are_read(&packing.pack(&outer));
        }
    }
}

fn both_empty_members_are_read(object: &[u8]) {
    let index = indexed(object, DENSITIES[0]);
    let all = members(&index);
    let empty: Vec<_> = all.iter().filter(|member| member.chain.joined().ends_with("empty")).collect();
    assert_eq!(empty.len(), 2);
    for member in empty {
        assert_eq!(read(object, &index, member).unwrap(), Ok(Vec::new()), "{member:?}");
    }
}
