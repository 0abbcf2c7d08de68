//! Every archive of the catalogue of samples, read through its index, is what the catalogue of the walk and Python's
//! tarfile have of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta};
use landfall_archive::{
    Flow, GroupReader, Index, IndexOptions, Limits, MemberKind, OuterEnd, PickSink, Recipe, Walk, Wanted,
};
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::Catalogue;
use landfall_dumps::plugins::Registry;
use landfall_local::sample::fixtures::{self, Fixture};

/// CRC and size of every regular file of the archives given as arguments, nested ones too, in the order of the
/// archive, up to where one breaks. Names are made ours: `\` is `/`, drives and empty parts go, `..` is passed over.
const READ_WITH_PYTHON: &str = r#"
import io, re, sys, tarfile, zlib
def parts(name):
    name = re.sub(r"^[A-Za-z]:", "", name).replace("\\", "/")
    return [part for part in name.split("/") if part not in ("", ".")]
def inflated(data):
    out = bytearray()
    while data[:2] == b"\x1f\x8b":
        one = zlib.decompressobj(31)
        try:
            for at in range(0, len(data), 512):
                out += one.decompress(data[at:at + 512])
                if one.eof:
                    break
        except zlib.error:
            return out
        if not one.eof:
            return out
        data = (one.unused_data + data[at + 512:]).lstrip(b"\0")
    return out
def walk(data, prefix, depth, archive):
    tar = tarfile.open(fileobj=io.BytesIO(inflated(data) or data), mode="r|")
    try:
        for member in tar:
            path = parts(member.name)
            if not member.isreg() or member.issparse() or ".." in path:
                continue
            name, payload = prefix + "/".join(path), tar.extractfile(member).read()
            if len(payload) < member.size:
                return
            if depth < 8 and name.lower().endswith((".tgz", ".tar.gz", ".tar")):
                walk(payload, name + "!/", depth + 1, archive)
            else:
                print("%d %08x %d %s" % (archive, zlib.crc32(payload), len(payload), name))
    except tarfile.ReadError:
        return
for archive, path in enumerate(sys.argv[1:]):
    walk(open(path, "rb").read(), "", 0, archive)
"#;

/// Members by their place in the list of wanted ones.
#[derive(Default)]
struct Kept(BTreeMap<usize, Vec<u8>>, Vec<usize>);

impl PickSink for Kept {
    fn start(&mut self, index: usize) {
        self.0.insert(index, Vec::new());
    }

    fn data(&mut self, index: usize, bytes: &[u8]) {
        self.0.get_mut(&index).unwrap().extend_from_slice(bytes);
    }

    fn end(&mut self, index: usize) {
        self.1.push(index);
    }
}

/// The members in the order in which they were asked for.
fn read(object: &[u8], recipe: &Recipe) -> Vec<Vec<u8>> {
    let mut kept = Kept::default();
    for group in &recipe.groups {
        let range = usize::try_from(group.range.start).unwrap()..usize::try_from(group.range.end).unwrap();
        let mut reader = GroupReader::new(group).unwrap();
        for block in object.get(range).unwrap().chunks(64 << 10) {
            if reader.push(block, &mut kept).unwrap() == Flow::Stop {
                break;
            }
        }
        reader.finish(&mut kept).unwrap();
    }
    kept.1.sort_unstable();
    assert_eq!(kept.1, (0..kept.0.len()).collect::<Vec<_>>());
    kept.0.into_values().collect()
}

/// The index of a fixture as plan-archive makes it, and the target files of its catalogue.
fn indexed(fixture: &Fixture) -> (Index, Vec<Wanted>, OuterEnd) {
    let registry = Registry::production().unwrap();
    let uploaded =
        DateTime::parse_from_rfc3339("2024-02-24T06:00:00Z").unwrap().to_utc() + TimeDelta::days(30);
    let mut walk = Walk::with_index(Limits::default(), IndexOptions::default());
    let mut catalogue = Catalogue::new(&registry, Window::of_upload(uploaded));
    for block in fixture.bytes.chunks(1 << 20) {
        walk.push(block, &mut catalogue).unwrap();
    }
    let end = walk.finish(&mut catalogue).unwrap().outer;
    let file = walk.take_index().unwrap().finish([1; 32], fixture.bytes.len() as u64).unwrap();
    let contents = catalogue.finish();
    let targets =
        contents.files().values().map(|file| Wanted { chain: file.chain.clone(), crc32: file.crc32 });
    (Index::parse_whole(file).unwrap(), targets.collect(), end)
}

#[test]
fn targets_read_by_position_have_the_crc_of_the_catalogue() {
    let all = fixtures::all();
    assert_eq!(all.len(), 24);
    for fixture in &all {
        let (index, targets, _) = indexed(fixture);
        assert_eq!(targets.is_empty(), fixture.name == "example_no_targets", "{}", fixture.name);
        for (target, data) in targets.iter().zip(read(&fixture.bytes, &index.recipe(&targets).unwrap())) {
            assert_eq!(crc32fast::hash(&data), target.crc32, "{}: {}", fixture.name, target.chain.joined());
        }
        for target in &targets {
            let alone = read(&fixture.bytes, &index.recipe(std::slice::from_ref(target)).unwrap());
            assert_eq!(crc32fast::hash(&alone[0]), target.crc32);
        }
    }
}

#[test]
fn files_read_by_position_are_those_that_python_finds() {
    if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_err() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no python3 to compare with");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut paths, mut ours, mut broken) = (Vec::new(), String::new(), Vec::new());
    for (number, fixture) in fixtures::all().iter().enumerate() {
        paths.push(folder.path().join(number.to_string()));
        fs::write(&paths[number], &fixture.bytes).unwrap();
        let (index, _, end) = indexed(fixture);
        let members: Vec<_> = index.members().map(Result::unwrap).collect();
        for member in members.iter().filter(|member| member.kind == MemberKind::File) {
            let wanted = Wanted { chain: member.chain.clone(), crc32: member.crc32 };
            let data = &read(&fixture.bytes, &index.recipe(&[wanted]).unwrap())[0];
            let name = member.chain.joined();
            writeln!(ours, "{number} {:08x} {} {name}", crc32fast::hash(data), data.len()).unwrap();
        }
        if end != OuterEnd::Whole {
            broken.push(fixture.name);
        }
    }
    assert_eq!(broken, ["example_truncated_outer"]);
    let output = Command::new("python3").args(["-c", READ_WITH_PYTHON]).args(&paths).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(ours, String::from_utf8(output.stdout).unwrap());
}
