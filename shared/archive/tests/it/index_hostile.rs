//! An index is an input like any other: damage and lies in it are errors, and cost neither memory nor time.

use std::fmt::Write;
use std::fs;
use std::sync::LazyLock;

use landfall_archive::{Index, IndexError, Member};
use proptest::collection::vec;
use proptest::prelude::*;

use super::builder::{Tar, gz, log};
use super::index_format::{
    Checkpoint, Directory, Entry, Frame, HEADER, Kind, Origin, Stream, add_frame, catalogue, put_together,
    taken_apart,
};
use super::reread::{SHA, index_of, members, read};
use super::streams::{DENSITIES, Packing};

/// A small nested archive that has windows at both levels.
struct Sample {
    object: Vec<u8>,
    file: Vec<u8>,
    members: Vec<(Member, Vec<u8>)>,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let inner = Tar::new().file("CLI_Show_A", log(1, 2_600)).file("CLI_Show_B", log(2, 1_500)).build();
    let packed = Packing::Synced(6, 34_000).pack(&inner);
    let object = Tar::new().file("in.tgz", packed).file("CLI_Show_C", log(3, 2_500)).file("d", log(4, 900));
    let object = Packing::Synced(1, 20_000).pack(&object.build());
    let (file, _) = index_of([&object[..]], DENSITIES[0]);
    let index = Index::parse_whole(file.clone()).unwrap();
    assert!(index.checkpoints() > 2 && index.streams() == 2);
    let members = members(&index).into_iter().map(|member| {
        let data = read(&object, &index, &member).unwrap().unwrap();
        (member, data)
    });
    let members = members.collect();
    Sample { object, file, members }
});

/// Reads all that an index promises; whatever is read must be right.
fn never_wrong(index: &Index) {
    for member in index.members().map_while(Result::ok) {
        let Ok(Ok(data)) = read(&SAMPLE.object, index, &member) else { continue };
        assert_eq!(crc32fast::hash(&data), member.crc32);
        if let Some((_, bytes)) = SAMPLE.members.iter().find(|(other, _)| other.chain == member.chain) {
            assert!(data == *bytes, "{}", member.chain.joined());
        }
    }
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
    let file = &SAMPLE.file;
    for at in 0..file.len() {
        for mask in [0x01, 0xff] {
            let mut flipped = file.clone();
            flipped[at] ^= mask;
            assert!(Index::parse_whole(flipped.clone()).is_err(), "flip {mask:x} at {at} of {}", file.len());
            // Without reading all parts it may be found only when a part is asked for.
            if at % 5 == 0
                && let Ok(index) = Index::parse(flipped)
            {
                never_wrong(&index);
            }
        }
    }
}

#[test]
fn an_index_cut_anywhere_is_refused() {
    let file = &SAMPLE.file;
    for length in 0..file.len() {
        assert!(Index::parse(file[..length].to_vec()).is_err(), "cut to {length}");
    }
    assert!(Index::parse([&file[..], b"more"].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..3_000), marked in any::<bool>()) {
        let marked = if marked { [&HEADER[..], &bytes, &HEADER].concat() } else { bytes };
        prop_assert!(Index::parse(marked).is_err());
    }

    #[test]
    fn any_directory_is_an_error_or_harmless(directory in vec(any::<u8>(), 0..300), zeros in 0..200_usize) {
        let directory = [vec![7; 32], directory, vec![0; zeros]].concat();
        if let Ok(index) = Index::parse(put_together(HEADER.to_vec(), &directory)) {
            prop_assert!(index.members().count() < 1_000);
        }
    }

    /// Well-formed in every part, but with other numbers than those of the object.
    #[test]
    fn any_numbers_are_an_error_or_harmless(
        which: prop::sample::Index, offset in any::<u64>(), small in 0..70_000_u64, bits in 0..9_u8, value: u8
    ) {
        let (body, mut directory) = taken_apart(&SAMPLE.file);
        let at = which.index(directory.checkpoints.len());
        match value % 5 {
            0 => directory.checkpoints[at].position = offset,
            1 => directory.checkpoints[at].inflated ^= small,
            2 => directory.checkpoints[at].origin = Origin::Block { bits, value },
            3 => directory.checkpoints[at].origin = Origin::Member,
            _ => directory.streams[1].offset ^= small,
        }
        if let Ok(index) = Index::parse_whole(put_together(body, &postcard::to_stdvec(&directory).unwrap())) {
            never_wrong(&index);
        }
    }
}

fn window_of(raw: u32) -> Frame {
    Frame { raw, ..Frame::default() }
}

/// What is done to the parts and the directory.
type Lie = fn(&mut Vec<u8>, &mut Directory);

/// Each contradicts itself in one way, and where that is found.
const LIES: [(&str, Lie); 24] = [
    ("an archive inside itself", |_, d| d.streams[1].parent = Some(1)),
    ("an archive inside a later one", |_, d| d.streams[1].parent = Some(2)),
    ("two objects", |_, d| d.streams[1].parent = None),
    ("an object inside an archive", |_, d| d.streams[0].parent = Some(0)),
    ("another length of the object", |_, d| d.object_bytes += 1),
    ("an archive without end", |_, d| d.streams[1].offset = u64::MAX),
    ("no archive", |_, d| d.streams.clear()),
    ("a checkpoint nowhere", |_, d| d.checkpoints.last_mut().unwrap().stream = 9),
    ("a checkpoint of plain bytes", |_, d| d.streams[1].kind = Kind::Plain),
    ("a checkpoint behind the end", |_, d| d.checkpoints.last_mut().unwrap().position = 1 << 40),
    ("checkpoints out of order", |_, d| d.checkpoints.swap(0, 1)),
    ("a checkpoint twice", |_, d| d.checkpoints[1] = d.checkpoints[0].clone()),
    ("inflated bytes that fall", |_, d| d.checkpoints[1].inflated = 0),
    ("eight bits of a byte", |_, d| d.checkpoints[0].origin = Origin::Block { bits: 8, value: 0 }),
    ("more bits than said", |_, d| d.checkpoints[0].origin = Origin::Block { bits: 2, value: 4 }),
    ("a window of a member", |_, d| {
        d.checkpoints[0] =
            Checkpoint { origin: Origin::Member, window: window_of(1), ..d.checkpoints[0].clone() };
    }),
    ("a window too large", |body, d| d.checkpoints[0].window = add_frame(body, &vec![1; (32 << 10) + 1])),
    ("a window that is a bomb", |body, d| {
        let bomb = add_frame(body, &vec![1; 16 << 20]);
        d.checkpoints[0].window = Frame { raw: 32 << 10, ..bomb };
    }),
    ("a window outside the file", |_, d| d.checkpoints[0].window.offset = u64::MAX),
    ("a page outside the file", |_, d| d.pages[0].length = u32::MAX),
    ("a page of another length", |_, d| d.pages[0].raw -= 1),
    ("a page too large", |body, d| d.pages[0] = add_frame(body, &vec![0; 300 << 10])),
    ("a page that is a bomb", |body, d| {
        d.pages[0] = Frame { raw: 64 << 10, ..add_frame(body, &vec![0; 16 << 20]) };
    }),
    ("a page of nonsense", |body, d| d.pages[0] = add_frame(body, &[0xff; 100])),
];

#[test]
fn what_contradicts_itself_is_refused() {
    let (body, directory) = taken_apart(&SAMPLE.file);
    let mut told = String::new();
    for (name, lie) in LIES {
        let (mut body, mut directory) = (body.clone(), directory.clone());
        lie(&mut body, &mut directory);
        let file = put_together(body, &postcard::to_stdvec(&directory).unwrap());
        let error = Index::parse_whole(file).map(|_| ()).expect_err(name);
        assert!(!matches!(error, IndexError::NoMember(_) | IndexError::Internal(_)), "{name}: {error}");
        writeln!(told, "{name}: {error}").unwrap();
    }
    insta::assert_snapshot!(told, @r"
    an archive inside itself: the index contradicts itself: an archive outside any other
    an archive inside a later one: the index contradicts itself: an archive outside any other
    two objects: the index contradicts itself: an archive outside any other
    an object inside an archive: the index contradicts itself: an archive outside any other
    another length of the object: the index contradicts itself: an archive outside any other
    an archive without end: the index contradicts itself: an archive outside any other
    no archive: the index contradicts itself: a checkpoint of no archive
    a checkpoint nowhere: the index contradicts itself: a checkpoint of no archive
    a checkpoint of plain bytes: the index contradicts itself: an impossible checkpoint
    a checkpoint behind the end: the index contradicts itself: an impossible checkpoint
    checkpoints out of order: the index contradicts itself: checkpoints out of order
    a checkpoint twice: the index contradicts itself: checkpoints out of order
    inflated bytes that fall: the index contradicts itself: checkpoints out of order
    eight bits of a byte: the index contradicts itself: an impossible checkpoint
    more bits than said: the index contradicts itself: an impossible checkpoint
    a window of a member: the index contradicts itself: an impossible checkpoint
    a window too large: the index contradicts itself: an impossible checkpoint
    a window that is a bomb: the index is damaged: zstd
    a window outside the file: the index contradicts itself: a part outside the file
    a page outside the file: the index contradicts itself: a part outside the file
    a page of another length: the index is damaged: zstd
    a page too large: the index is too large: a page, 307200 over 262144
    a page that is a bomb: the index is damaged: zstd
    a page of nonsense: the index contradicts itself: Found a varint that didn't terminate. Is the usize too big for this platform?
    ");
}

#[test]
fn a_catalogue_that_names_what_is_not_there_is_refused() {
    let (body, directory) = taken_apart(&SAMPLE.file);
    let right = catalogue(&body, &directory);
    let lies: [fn(&mut Vec<Entry>); 3] = [
        |entries| entries.retain(|entry| matches!(entry, Entry::Member(_))),
        |entries| {
            for entry in entries {
                if let Entry::Member(member) = entry {
                    member.stream = u32::MAX;
                }
            }
        },
        |entries| entries.reverse(),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let (mut body, mut directory, mut entries) = (body.clone(), directory.clone(), right.clone());
        lie(&mut entries);
        let page: Vec<u8> = entries.iter().flat_map(|entry| postcard::to_stdvec(entry).unwrap()).collect();
        directory.pages = vec![add_frame(&mut body, &page)];
        let file = put_together(body, &postcard::to_stdvec(&directory).unwrap());
        assert!(matches!(Index::parse_whole(file), Err(IndexError::Malformed(_))), "lie {number}");
    }
}

/// The most memory that this process had at once since [`forget_peak`], in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// A directory of so many records of zeros, which compress to nothing.
fn bomb(object_bytes: u64, counts: [u64; 3], zeros: usize) -> Vec<u8> {
    let mut raw = SHA.to_vec();
    let number = |number: u64, raw: &mut Vec<u8>| raw.extend(postcard::to_stdvec(&number).unwrap());
    number(object_bytes, &mut raw);
    for count in counts {
        number(count, &mut raw);
    }
    raw.resize(raw.len() + zeros, 0);
    put_together(HEADER.to_vec(), &raw)
}

#[test]
fn counts_beyond_all_bounds_cost_no_memory() {
    let before = peak();
    forget_peak();
    let bombs = [
        bomb(0, [u64::MAX, 0, 0], 1_000),
        bomb(0, [1 << 40, 0, 0], 1_000),
        // Four zeros are an archive, eight a checkpoint, four a part.
        bomb(0, [30_000_000, 0, 0], 120_000_000),
        bomb(0, [0, 15_000_000, 0], 120_000_000),
        bomb(0, [0, 0, 30_000_000], 120_000_000),
    ];
    let sizes: Vec<usize> = bombs.iter().map(Vec::len).collect();
    assert!(sizes.iter().all(|size| *size < 20_000), "{sizes:?}");
    forget_peak();
    let start = peak();
    for (number, bomb) in bombs.into_iter().enumerate() {
        assert!(Index::parse(bomb).is_err(), "{number}");
        let grown = peak().saturating_sub(start.min(before));
        assert!(grown < 320 << 20, "bomb {number}: {grown} bytes");
    }
}

/// An index of so many archives, each in the one before.
fn nested(depth: u32) -> Vec<u8> {
    let mut streams = vec![Stream { parent: None, offset: 0, size: 0, kind: Kind::Plain }];
    streams.extend((0..depth).map(|at| Stream { parent: Some(at), offset: 0, size: 0, kind: Kind::Plain }));
    let named = (1..=depth).map(|stream| Entry::Archive { stream, name: String::new() });
    let page: Vec<u8> = named.flat_map(|entry| postcard::to_stdvec(&entry).unwrap()).collect();
    let mut body = HEADER.to_vec();
    let pages = vec![add_frame(&mut body, &page)];
    let directory = Directory { sha256: SHA, object_bytes: 0, streams, checkpoints: Vec::new(), pages };
    put_together(body, &postcard::to_stdvec(&directory).unwrap())
}

#[test]
fn archives_nested_beyond_all_bounds_cost_no_memory() {
    assert!(Index::parse_whole(nested(63)).is_ok());
    assert!(matches!(Index::parse_whole(nested(64)), Err(IndexError::Limit { found: 65, .. })));
    let file = nested(40_000);
    assert!(file.len() < 300_000);
    forget_peak();
    let start = peak();
    assert!(matches!(Index::parse_whole(file), Err(IndexError::Limit { .. })));
    assert!(peak() - start < 64 << 20, "{} bytes", peak() - start);
}

#[test]
fn an_index_of_another_object_gives_no_wrong_member() {
    let index = Index::parse_whole(SAMPLE.file.clone()).unwrap();
    let others = [
        gz(&Tar::new().file("x", log(9, 9_000)).build()),
        vec![0; index.object_bytes() as usize],
        Packing::Synced(1, 20_000)
            .pack(&Tar::new().file("in.tgz", gz(b"x")).file("CLI_Show_C", log(5, 9_000)).build()),
    ];
    for (number, mut object) in others.into_iter().enumerate() {
        object.resize(index.object_bytes() as usize, 0);
        for member in members(&index) {
            let outcome = read(&object, &index, &member).unwrap();
            assert!(outcome.is_err(), "{number}: {}", member.chain.joined());
        }
    }
}
