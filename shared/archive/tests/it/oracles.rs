//! The same files as other readers find: the `tar` crates, Python's tarfile, the system's tar and gzip.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::read::MultiGzDecoder;
use futures::StreamExt;
use landfall_archive::{Limits, is_archive_name};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::builder::{gz, log};
use super::record::{walk, walk_parts};

/// A tree of archives to be packed.
#[derive(Debug, Clone)]
enum Node {
    File(String, Vec<u8>),
    Directory(String),
    Archive(String, Packing, Vec<Node>),
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Gzip,
    /// Members of this many bytes.
    Members(usize),
}

type Files = Vec<(String, Vec<u8>)>;

fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![8 => "[a-zA-Z0-9_ü-]{1,12}", 1 => "[a-z]{90,160}"];
    vec(part, 1..4).prop_map(|parts| parts.join("/"))
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![Just(Packing::Plain), Just(Packing::Gzip), (200_usize..3000).prop_map(Packing::Members)]
}

fn node() -> impl Strategy<Value = Node> {
    let data = prop_oneof![
        vec(any::<u8>(), 0..1600),
        (0_u32..99, 0_usize..200).prop_map(|(seed, lines)| log(seed, lines))
    ];
    let leaf = prop_oneof![
        6 => (name(), data).prop_map(|(name, data)| Node::File(name, data)),
        1 => name().prop_map(Node::Directory),
    ];
    leaf.prop_recursive(3, 20, 6, |node| {
        let ending = prop_oneof![Just(".tgz"), Just(".TAR.gz"), Just(".tar")];
        (name(), ending, packing(), vec(node, 0..6))
            .prop_map(|(name, ending, packing, nodes)| Node::Archive(name + ending, packing, nodes))
    })
}

pub fn object() -> impl Strategy<Value = Vec<u8>> {
    (packing(), vec(node(), 0..6)).prop_map(|(packing, nodes)| pack(packing, &nodes))
}

/// Packs with the `tar` crate, which writes GNU long names.
fn pack(packing: Packing, nodes: &[Node]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for node in nodes {
        let (name, kind, data) = match node {
            Node::File(name, data) => (name, tar::EntryType::Regular, data.clone()),
            Node::Directory(name) => (name, tar::EntryType::Directory, Vec::new()),
            Node::Archive(name, packing, nodes) => (name, tar::EntryType::Regular, pack(*packing, nodes)),
        };
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(data.len() as u64);
        builder.append_data(&mut header, name, &data[..]).unwrap();
    }
    let tar = builder.into_inner().unwrap();
    match packing {
        Packing::Plain => tar,
        Packing::Gzip => gz(&tar),
        Packing::Members(length) => tar.chunks(length).flat_map(gz).collect(),
    }
}

/// Gunzips as far as the first bytes say so.
fn opened(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => MultiGzDecoder::new(bytes).read_to_end(&mut out).map(|_| out).unwrap(),
        _ => bytes.to_vec(),
    }
}

/// What the `tar` crate finds.
fn by_tar(bytes: &[u8], prefix: &str, files: &mut Files) {
    let tar = opened(bytes);
    for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = format!("{prefix}{}", String::from_utf8(entry.path_bytes().to_vec()).unwrap());
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        if is_archive_name(&name) {
            by_tar(&data, &format!("{name}!/"), files);
        } else {
            files.push((name, data));
        }
    }
}

/// What `astral-tokio-tar` finds.
async fn by_tokio_tar(bytes: Vec<u8>, prefix: String, files: &mut Files) {
    let tar = opened(&bytes);
    let mut archive = tokio_tar::Archive::new(Cursor::new(tar));
    let mut entries = archive.entries().unwrap();
    while let Some(entry) = entries.next().await {
        let mut entry = entry.unwrap();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = format!("{prefix}{}", String::from_utf8(entry.path_bytes().unwrap().to_vec()).unwrap());
        let mut data = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut entry, &mut data).await.unwrap();
        if is_archive_name(&name) {
            Box::pin(by_tokio_tar(data, format!("{name}!/"), files)).await;
        } else {
            files.push((name, data));
        }
    }
}

fn ours(bytes: &[u8]) -> Files {
    let outcome = walk(bytes);
    assert!(outcome.warnings().is_empty(), "{}", outcome.story());
    outcome.files().into_iter().map(|(name, data)| (name, data.to_vec())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_tar_crates_find_the_same_files(bytes in object()) {
        let (mut files, mut more) = (Vec::new(), Vec::new());
        by_tar(&bytes, "", &mut files);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(by_tokio_tar(bytes.clone(), String::new(), &mut more));
        prop_assert_eq!(&files, &more);
        prop_assert_eq!(ours(&bytes), files);
    }

    #[test]
    fn any_cut_of_an_object_gives_the_same_events(bytes in object(), cuts in vec(1_usize..4000, 1..30)) {
        let mut parts = Vec::new();
        let (mut rest, mut cuts) = (&bytes[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            parts.push(part);
            rest = behind;
        }
        prop_assert_eq!(walk_parts(Limits::default(), parts), walk(&bytes));
    }

    #[test]
    fn any_flip_in_any_object_gives_the_same_events_at_any_cut(
        bytes in object(), at in any::<prop::sample::Index>(), mask in 1_u8.., block in 1_usize..700
    ) {
        let mut bytes = bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        let (whole, cut) = (walk(&bytes), walk_parts(Limits::default(), bytes.chunks(block)));
        prop_assert_eq!((cut.events, cut.end), (whole.events, whole.end));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..3000), gzip in any::<bool>(), block in 1_usize..700) {
        let mut bytes = bytes;
        if gzip {
            bytes.splice(0..0, *b"\x1f\x8b\x08\0\0\0\0\0\0\xff");
        }
        let (whole, cut) = (walk(&bytes), walk_parts(Limits::default(), bytes.chunks(block)));
        prop_assert_eq!((cut.events, cut.end), (whole.events, whole.end));
    }
}

/// Lists every file of the archives given as arguments, nested ones too: archive, CRC, size and name.
const READ_WITH_PYTHON: &str = r#"
import gzip, io, sys, tarfile, zlib
def walk(data, prefix, archive):
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    tar = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    for member in tar:
        if not member.isreg() or member.issparse():
            continue
        name, payload = prefix + member.name, tar.extractfile(member).read()
        if name.lower().endswith((".tgz", ".tar.gz", ".tar")):
            walk(payload, name + "!/", archive)
        else:
            line = "%d %08x %d %s\n" % (archive, zlib.crc32(payload), len(payload), name)
            sys.stdout.buffer.write(line.encode("utf-8", "surrogateescape"))
for archive, path in enumerate(sys.argv[1:]):
    walk(open(path, "rb").read(), "", archive)
"#;

/// Writes archives in every format Python knows into the directory given.
pub const WRITE_WITH_PYTHON: &str = r#"
import io, sys, tarfile
def add(tar, name, data, **fields):
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(data), 1700000000.25
    for key, value in fields.items():
        setattr(member, key, value)
    tar.addfile(member, io.BytesIO(data))
for number, format in enumerate([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]):
    for mode in ["w:", "w:gz"]:
        with tarfile.open("%s/%d%s.tar" % (sys.argv[1], number, mode[2:]), mode, format=format) as tar:
            add(tar, "plain.out", b"abc" * 400)
            add(tar, "d" * 90 + "/" + "e" * 99, b"prefix")
            add(tar, "empty.out", b"")
            if format != tarfile.USTAR_FORMAT:
                add(tar, "l" * 400 + "/x.out", b"long" * 300, uid=2**40)
                add(tar, "gr\u00f6\u00dfe/\u4e2d.out", b"unicode")
                add(tar, "link", b"", type=tarfile.SYMTYPE, linkname="t" * 300)
            add(tar, "dir", b"", type=tarfile.DIRTYPE)
            add(tar, "last.out", bytes(range(256)) * 9)
"#;

/// Whether the program is there; says so loudly if not.
pub fn present(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no {program} to compare with");
    }
    found
}

pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What Python's tarfile finds in the archives, as lines.
pub fn by_python(paths: &[impl AsRef<Path>]) -> String {
    let paths = paths.iter().map(|path| path.as_ref().as_os_str());
    run(Command::new("python3").args(["-c", READ_WITH_PYTHON]).args(paths))
}

/// What we find in the same archives, in the same form.
fn lines(paths: &[impl AsRef<Path>]) -> String {
    let mut out = Vec::new();
    for (archive, path) in paths.iter().enumerate() {
        for (name, data) in walk(&fs::read(path).unwrap()).files() {
            writeln!(out, "{archive} {:08x} {} {name}", crc32fast::hash(data), data.len()).unwrap();
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn python_finds_the_same_files() {
    if !present("python3") {
        return;
    }
    let (folder, mut runner) = (tempfile::tempdir().unwrap(), TestRunner::deterministic());
    let mut paths = Vec::new();
    for case in 0..40 {
        let path = folder.path().join(case.to_string());
        fs::write(&path, object().new_tree(&mut runner).unwrap().current()).unwrap();
        paths.push(path);
    }
    let ours = lines(&paths);
    assert!(ours.lines().count() > 100);
    assert_eq!(ours, by_python(&paths));
}

#[test]
fn every_format_python_writes_is_read() {
    if !present("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    run(Command::new("python3").args(["-c", WRITE_WITH_PYTHON]).arg(folder.path()));
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let ours = lines(&paths);
    assert_eq!((paths.len(), ours.lines().count()), (6, 32));
    assert_eq!(ours, by_python(&paths));
}

#[test]
fn every_format_the_systems_tar_writes_is_read() {
    if !present("tar") || !present("gzip") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::create_dir_all(source.join("d").join("e".repeat(60))).unwrap();
    let names =
        ["a.out".to_owned(), "d/empty.out".to_owned(), format!("d/{}/{}", "e".repeat(60), "f".repeat(30))];
    for (name, lines) in names.iter().zip([300, 0, 7]) {
        fs::write(source.join(name), log(5, lines)).unwrap();
    }
    let mut sparse = fs::File::create(source.join("sparse.bin")).unwrap();
    std::io::Seek::seek(&mut sparse, std::io::SeekFrom::Start(1 << 20)).unwrap();
    sparse.write_all(b"end").unwrap();
    for format in ["v7", "oldgnu", "gnu", "ustar", "posix"] {
        let archive = folder.path().join(format);
        let tar = |flags: &[&str]| {
            let mut command = Command::new("tar");
            command.arg("-C").arg(&source).arg(format!("--format={format}")).args(flags);
            run(command.arg("-f").arg(&archive).arg("."));
        };
        let mut expected: Files =
            names.iter().map(|name| (name.clone(), fs::read(source.join(name)).unwrap())).collect();
        expected.sort();
        for flags in [&["-c", "--exclude=sparse.bin"][..], &["-cz", "--exclude=sparse.bin"]] {
            tar(flags);
            let mut found = ours(&fs::read(&archive).unwrap());
            found.sort();
            assert_eq!(found, expected, "{format}");
        }
        if ["oldgnu", "gnu", "posix"].contains(&format) {
            tar(&["-cS"]);
            let outcome = walk(&fs::read(&archive).unwrap());
            assert_eq!(outcome.files().len(), 3, "{format}");
            assert_eq!(outcome.warnings()[0].chain_path, "sparse.bin", "{format}");
        }
    }
}
