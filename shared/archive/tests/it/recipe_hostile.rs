//! A recipe travels in messages: damage and lies in it are errors, or cost no more than the bytes that are read.

use std::ops::Range;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use landfall_archive::{Flow, Group, GroupReader, Index, Recipe, SeekError, Wanted};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::builder::{Tar, gz, log};
use super::reread::{indexed, members};
use super::seek::{Kept, wanted};
use super::streams::{DENSITIES, Packing};

/// A recipe as its bytes have it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Paper {
    groups: Vec<PaperGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct PaperGroup {
    range: Range<u64>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Node {
    stream: u32,
    start: Start,
    from: u64,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Start {
    Plain,
    Member { position: u64 },
    Block { position: u64, bits: u8, value: u8, window: Vec<u8>, raw: u32 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Piece {
    offset: u64,
    length: u64,
    what: What,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum What {
    Member { index: u32, crc32: u32 },
    Archive { node: u32 },
}

/// An archive of two levels, its targets and a recipe for them.
struct Sample {
    object: Vec<u8>,
    files: Vec<Vec<u8>>,
    wanted: Vec<Wanted>,
    bytes: Vec<u8>,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let files = vec![log(1, 2_600), log(2, 1_500), log(3, 2_500), Vec::new()];
    let inner = Tar::new().file("CLI_Show_A", &files[0]).file("CLI_Show_B", &files[1]).build();
    let object = Tar::new()
        .file("in.tgz", Packing::Synced(6, 34_000).pack(&inner))
        .file("CLI_Show_C", &files[2])
        .file("CLI_Show_D", &files[3]);
    let object = Packing::Synced(1, 20_000).pack(&object.build());
    let index = indexed(&object, DENSITIES[0]);
    let targets = members(&index).into_iter().filter(|member| member.chain.joined().contains("CLI_Show"));
    let wanted: Vec<Wanted> = targets.map(|member| wanted(&member)).collect();
    let bytes = index.recipe(&wanted).unwrap().to_bytes().unwrap();
    Sample { object, files, wanted, bytes }
});

/// Follows a recipe on an object that may be another than the one it was made for.
fn follow(object: &[u8], recipe: &Recipe) -> Result<Kept, SeekError> {
    let mut kept = Kept::default();
    for group in &recipe.groups {
        let end = group.range.end.min(object.len() as u64) as usize;
        let range = object.get(group.range.start as usize..end).unwrap_or_default();
        read(group, range, &mut kept)?;
    }
    Ok(kept)
}

fn read(group: &Group, range: &[u8], kept: &mut Kept) -> Result<(), SeekError> {
    let mut reader = GroupReader::new(group)?;
    for block in range.chunks(7_000) {
        if reader.push(block, kept)? == Flow::Stop {
            break;
        }
    }
    reader.finish(kept)
}

/// Reads what a recipe brings of the sample, as a worker does; whatever comes must be right.
fn never_wrong(bytes: &[u8]) {
    let Ok(recipe) = Recipe::from_bytes(bytes) else { return };
    let Ok(recipe) = recipe.select(&SAMPLE.wanted, &SAMPLE.wanted) else { return };
    let Ok(kept) = follow(&SAMPLE.object, &recipe) else { return };
    for index in 0..SAMPLE.files.len() {
        assert!(kept.1.contains(&index) && kept.0[&index] == SAMPLE.files[index], "member {index}");
    }
}

#[test]
fn a_flipped_byte_of_a_recipe_never_gives_a_wrong_member() {
    let bytes = &SAMPLE.bytes;
    assert_eq!(postcard::to_stdvec(&postcard::from_bytes::<Paper>(bytes).unwrap()).unwrap(), *bytes);
    never_wrong(bytes);
    for at in 0..bytes.len() {
        for mask in [0x01, 0x02, 0x80] {
            let mut flipped = bytes.clone();
            flipped[at] ^= mask;
            never_wrong(&flipped);
        }
    }
}

#[test]
fn a_recipe_cut_anywhere_is_refused() {
    for length in 0..SAMPLE.bytes.len() {
        assert!(Recipe::from_bytes(&SAMPLE.bytes[..length]).is_err(), "cut to {length}");
    }
}

#[test]
fn members_of_equal_contents_are_each_brought() {
    let object = Tar::new().file("a", "same").file("b", "same").build();
    let index = indexed(&object, DENSITIES[2]);
    let wanted: Vec<Wanted> = members(&index).iter().map(wanted).collect();
    let recipe = index.recipe(&wanted).unwrap();
    let mut paper: Paper = postcard::from_bytes(&recipe.to_bytes().unwrap()).unwrap();
    for piece in &mut paper.groups[0].nodes[0].pieces {
        let What::Member { index, .. } = &mut piece.what else { panic!("an archive") };
        *index = 0;
    }
    let recipe = Recipe::from_bytes(&postcard::to_stdvec(&paper).unwrap()).unwrap();
    assert!(recipe.select(&wanted, &wanted).is_err(), "one is brought twice, the other not at all");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_no_recipe_or_harmless(bytes in vec(any::<u8>(), 0..200)) {
        never_wrong(&bytes);
        if let Ok(recipe) = Recipe::from_bytes(&bytes) {
            let _ = follow(&SAMPLE.object, &recipe);
        }
    }

    #[test]
    fn any_nodes_are_refused_or_harmless(
        numbers in vec((0..3_u8, 0..2_000_u64, vec((0..3_000_u64, 0..40_000_u64, any::<bool>(), 0..6_u32), 0..4)), 1..6)
    ) {
        let nodes = numbers.into_iter().map(|(start, from, pieces)| {
            let start = match start {
                0 => Start::Plain,
                1 => Start::Member { position: 0 },
                _ => Start::Block { position: 0, bits: 0, value: 0, window: Vec::new(), raw: 0 },
            };
            let mut at = from;
            let pieces = pieces.into_iter().map(|(gap, length, is_archive, number)| {
                let what = if is_archive { What::Archive { node: number } } else { What::Member { index: number, crc32: 0 } };
                let offset = at + gap;
                at = offset + length;
                Piece { offset, length, what }
            });
            Node { stream: 0, start, from, pieces: pieces.collect() }
        });
        let paper = Paper { groups: vec![PaperGroup { range: 0..10_000, nodes: nodes.collect() }] };
        if let Ok(recipe) = Recipe::from_bytes(&postcard::to_stdvec(&paper).unwrap()) {
            let _ = follow(&SAMPLE.object, &recipe);
        }
    }
}

fn plain(pieces: &[(u64, u64, What)]) -> Node {
    let pieces = pieces.iter().map(|&(offset, length, what)| Piece { offset, length, what });
    Node { stream: 0, start: Start::Plain, from: 0, pieces: pieces.collect() }
}

/// Whether such nodes are taken for a recipe.
fn is_taken(nodes: Vec<Node>) -> bool {
    let paper = Paper { groups: vec![PaperGroup { range: 0..1_000, nodes }] };
    let start = Instant::now();
    let recipe = Recipe::from_bytes(&postcard::to_stdvec(&paper).unwrap());
    if let Ok(recipe) = &recipe {
        let _ = follow(&[0; 1_000], recipe);
    }
    assert!(start.elapsed() < Duration::from_secs(20), "it takes for ever");
    recipe.is_ok()
}

const fn archive(node: u32) -> What {
    What::Archive { node }
}

#[test]
fn archives_nested_beyond_all_bounds_are_refused() {
    let chain = |depth: u32| -> Vec<Node> {
        let mut nodes: Vec<Node> = (1..depth).map(|below| plain(&[(0, 1_000, archive(below))])).collect();
        nodes.push(plain(&[(0, 1_000, What::Member { index: 0, crc32: 0 })]));
        nodes
    };
    assert!(is_taken(chain(64)));
    assert!(!is_taken(chain(65)));
    // A way around: each of a long chain also stands in an archive that is not deep itself.
    let links = 50_000;
    let mut nodes = vec![plain(&[]), plain(&[(0, 1_000, archive(3))])];
    for link in 1..links {
        nodes.push(plain(&[(0, 0, archive(2 * link + 1))]));
        nodes.push(plain(&[(0, 1_000, archive(2 * link + 3))]));
    }
    nodes.push(plain(&[(0, 0, archive(2 * links + 1))]));
    nodes.push(plain(&[]));
    let shallow = (1..=links).map(|link| Piece { offset: 0, length: 0, what: archive(2 * link) });
    nodes[0].pieces = shallow.chain([Piece { offset: 0, length: 1_000, what: archive(1) }]).collect();
    assert!(!is_taken(nodes));
}

#[test]
fn an_archive_that_stands_in_two_places_is_refused() {
    assert!(is_taken(vec![plain(&[(0, 0, archive(1)), (0, 0, archive(2))]), plain(&[]), plain(&[])]));
    assert!(!is_taken(vec![plain(&[(0, 0, archive(1)), (0, 0, archive(1))]), plain(&[])]));
    // Two ways at each of 40 levels would be a million million ways in all.
    let both = |below| plain(&[(0, 0, archive(below)), (0, 0, archive(below))]);
    assert!(!is_taken((1..40).map(both).chain([plain(&[])]).collect()));
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let member = |offset, length| (offset, length, What::Member { index: 0, crc32: 0 });
    assert!(!is_taken(Vec::new()), "no archive");
    assert!(!is_taken(vec![plain(&[(0, 9, archive(0))])]), "inside itself");
    assert!(!is_taken(vec![plain(&[(0, 9, archive(7))])]), "not there");
    assert!(!is_taken(vec![plain(&[member(10, 5), member(14, 5)])]), "overlapping");
    assert!(!is_taken(vec![plain(&[member(10, 5), member(5, 5)])]), "falling");
    assert!(!is_taken(vec![plain(&[member(1, u64::MAX)])]), "without end");
    assert!(!is_taken(vec![Node { from: 11, ..plain(&[member(10, 5)]) }]), "before its beginning");
    let block = |bits, value, raw| Start::Block { position: 1, bits, value, window: gz(b"no zstd"), raw };
    assert!(!is_taken(vec![Node { start: block(0, 0, (32 << 10) + 1), ..plain(&[]) }]), "too large a window");
    for start in [block(8, 0, 0), block(1, 2, 0), block(0, 0, 100)] {
        let paper =
            Paper { groups: vec![PaperGroup { range: 0..9, nodes: vec![Node { start, ..plain(&[]) }] }] };
        let recipe = Recipe::from_bytes(&postcard::to_stdvec(&paper).unwrap()).unwrap();
        assert!(matches!(GroupReader::new(&recipe.groups[0]), Err(SeekError::Recipe(_))));
    }
    let range = std::ops::Range { start: 9, end: 8 };
    let turned = Paper { groups: vec![PaperGroup { range, nodes: vec![plain(&[])] }] };
    assert!(Recipe::from_bytes(&postcard::to_stdvec(&turned).unwrap()).is_err());
}

#[test]
fn a_window_that_is_a_bomb_is_no_more_than_a_window() {
    let window = zstd::bulk::compress(&vec![1; 64 << 20], 3).unwrap();
    let start = Start::Block { position: 1, bits: 0, value: 0, window, raw: 32 << 10 };
    let paper = Paper { groups: vec![PaperGroup { range: 0..9, nodes: vec![Node { start, ..plain(&[]) }] }] };
    let recipe = Recipe::from_bytes(&postcard::to_stdvec(&paper).unwrap()).unwrap();
    assert!(matches!(GroupReader::new(&recipe.groups[0]), Err(SeekError::Recipe(_))));
}

#[test]
fn an_index_knows_no_member_that_differs_in_any_number() {
    let index: Index = indexed(&SAMPLE.object, DENSITIES[1]);
    let right = &SAMPLE.wanted[0];
    assert!(index.recipe(std::slice::from_ref(right)).is_ok());
    let lies: [fn(&mut Wanted); 6] = [
        |wanted| wanted.crc32 ^= 1,
        |wanted| wanted.chain.steps[1].size += 1,
        |wanted| wanted.chain.steps[1].offset += 512,
        |wanted| wanted.chain.steps[0].offset += 512,
        |wanted| wanted.chain.steps.clear(),
        |wanted| wanted.chain.steps.truncate(1),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let mut wrong = right.clone();
        lie(&mut wrong);
        assert!(index.recipe(&[right.clone(), wrong]).is_err(), "lie {number}");
    }
}
