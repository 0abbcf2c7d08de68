//! Any nesting, packing, density and cut: what is wanted is read, each once, from ranges in rising order.

use std::collections::BTreeMap;

use landfall_archive::{Index, IndexOptions, Member, Wanted};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Choice;

use super::builder::{Tar, log, noise};
use super::reread::{by_peer, index_of, indexed, members};
use super::seek::{follow, wanted};
use super::streams::{DENSITIES, Packing};

/// A tree of archives to be packed, with data enough for many blocks.
#[derive(Debug, Clone)]
enum Node {
    Empty,
    Log(u32, usize),
    Noise(u32, usize),
    Zeros(usize),
    Archive(Packing, Vec<Node>),
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![
        1 => Just(Packing::Plain),
        3 => (0..=9_u32).prop_map(Packing::Level),
        2 => (1..=9_u32, 5_000..90_000_usize).prop_map(|(level, every)| Packing::Synced(level, every)),
        1 => (1..=9_u32, 5_000..90_000_usize).prop_map(|(level, every)| Packing::Independent(level, every)),
        1 => prop_oneof![Just(512_usize), 600..90_000_usize].prop_map(Packing::Members),
        1 => Just(Packing::Bgzip),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        1 => Just(Node::Empty),
        4 => (0_u32..99, 1..3_000_usize).prop_map(|(seed, lines)| Node::Log(seed, lines)),
        1 => (0_u32..99, 1..60_000_usize).prop_map(|(seed, length)| Node::Noise(seed, length)),
        1 => (1..80_000_usize).prop_map(Node::Zeros),
    ];
    leaf.prop_recursive(3, 24, 6, |node| {
        (packing(), vec(node, 0..6)).prop_map(|(packing, nodes)| Node::Archive(packing, nodes))
    })
}

fn archive() -> impl Strategy<Value = (Packing, Vec<Node>)> {
    (packing(), vec(node(), 1..6))
}

fn pack(packing: Packing, nodes: &[Node]) -> Vec<u8> {
    let mut tar = Tar::new();
    for (number, node) in nodes.iter().enumerate() {
        // Some are what the walk looks for, so that there are places right before them.
        let name = if number % 3 == 1 { format!("CLI_Show_{number}") } else { format!("{number}") };
        tar = match node {
            Node::Empty => tar.file(name, []),
            Node::Log(seed, lines) => tar.file(name, log(*seed, *lines)),
            Node::Noise(seed, length) => tar.file(name, noise(*seed, *length)),
            Node::Zeros(length) => tar.file(name, vec![0; *length]),
            Node::Archive(packing, nodes) => tar.file(name + ".tgz", pack(*packing, nodes)),
        };
    }
    packing.pack(&tar.build())
}

fn options() -> impl Strategy<Value = IndexOptions> {
    let bytes = || prop_oneof![Just(0), 0..300_000_u64, Just(u64::MAX)];
    (bytes(), bytes()).prop_map(|(block_bytes, span_bytes)| IndexOptions {
        block_bytes,
        span_bytes,
        max_bytes: 64 << 20,
    })
}

/// Every member with its bytes as another reader finds them.
fn with_bytes(object: &[u8], index: &Index) -> Vec<(Member, Vec<u8>)> {
    let mut peer = Vec::new();
    by_peer(object, "", &mut peer);
    let all = members(index);
    assert_eq!(all.len(), peer.len());
    for (member, (name, data)) in all.iter().zip(&peer) {
        assert_eq!((member.chain.joined(), member.crc32), (name.clone(), crc32fast::hash(data)));
    }
    all.into_iter().zip(peer).map(|(member, (_, data))| (member, data)).collect()
}

fn are_read(object: &[u8], index: &Index, asked: &[&(Member, Vec<u8>)], step: usize) {
    let wanted: Vec<Wanted> = asked.iter().map(|(member, _)| wanted(member)).collect();
    let recipe = index.recipe(&wanted).unwrap();
    let ranges: Vec<_> = recipe.groups.iter().map(|group| group.range.clone()).collect();
    assert!(ranges.is_sorted_by_key(|range| range.start), "{ranges:?}");
    assert!(ranges.iter().all(|range| range.start <= range.end && range.end <= object.len() as u64));
    let mut brought: Vec<usize> = recipe.groups.iter().flat_map(landfall_archive::Group::members).collect();
    brought.sort_unstable();
    assert_eq!(brought, (0..asked.len()).collect::<Vec<_>>(), "each in one range");
    let (kept, fetched) = follow(object, &recipe, step).unwrap();
    assert!(fetched <= recipe.object_bytes());
    let mut once = kept.1.clone();
    once.sort_unstable();
    assert_eq!(once, brought, "each once");
    for (number, (member, data)) in asked.iter().enumerate() {
        assert!(kept.0[&number] == *data, "{}", member.chain.joined());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_member_is_read_by_itself(
        object in archive(), options in options(), step in 1..200_000_usize, cut in 1..200_000_usize
    ) {
        let object = pack(object.0, &object.1);
        let index = Index::parse_whole(index_of(object.chunks(cut), options).0).unwrap();
        for one in with_bytes(&object, &index) {
            are_read(&object, &index, &[&one], step);
        }
    }

    /// Members in any order, some twice, nested archives beside their own members.
    #[test]
    fn any_members_are_read_together(
        object in archive(), options in options(), step in 1..200_000_usize, choice in vec(any::<Choice>(), 0..12)
    ) {
        let object = pack(object.0, &object.1);
        let index = indexed(&object, options);
        let all = with_bytes(&object, &index);
        let asked: Vec<_> = choice.iter().map(|choice| choice.get(&all)).collect();
        are_read(&object, &index, &asked, step);
        are_read(&object, &index, &all.iter().collect::<Vec<_>>(), step);
    }

    #[test]
    fn the_same_index_is_written_however_the_object_is_cut(
        object in archive(), options in options(), cuts in vec(1..100_000_usize, 1..40)
    ) {
        let object = pack(object.0, &object.1);
        let whole = index_of([&object[..]], options).0;
        let (mut parts, mut rest, mut cuts) = (Vec::new(), &object[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            parts.push(part);
            rest = behind;
        }
        prop_assert!(whole == index_of(parts, options).0);
    }
}

/// A plain tar with filler between some small members.
fn spread(gaps: &[usize]) -> Vec<u8> {
    let mut tar = Tar::new();
    for (number, gap) in gaps.iter().enumerate() {
        tar =
            tar.file(format!("CLI_Show_{number}"), log(1, 3)).file(format!("filler{number}"), noise(1, *gap));
    }
    tar.build()
}

#[test]
fn neighbours_share_a_range_and_members_far_from_each_other_do_not() {
    let object = spread(&[100_000, 1 << 20, 0, 200_000, 300_000, 10]);
    let index = indexed(&object, DENSITIES[2]);
    let targets: BTreeMap<String, Wanted> =
        members(&index).iter().map(|member| (member.chain.joined(), wanted(member))).collect();
    let asked: Vec<Wanted> = (0..6).map(|number| targets[&format!("CLI_Show_{number}")].clone()).collect();
    let recipe = index.recipe(&asked).unwrap();
    let groups: Vec<Vec<usize>> = recipe.groups.iter().map(|group| group.members().collect()).collect();
    assert_eq!(groups, [vec![0, 1], vec![2, 3, 4], vec![5]]);
    let (kept, fetched) = follow(&object, &recipe, 1_000).unwrap();
    assert_eq!(kept.1, [0, 1, 2, 3, 4, 5]);
    assert!(fetched <= recipe.object_bytes() && fetched < 310_000, "{fetched}");
}

#[test]
fn members_are_neighbours_up_to_a_quarter_of_a_mebibyte_between_them() {
    let limit = 256 << 10;
    for (filler, ranges) in [(limit - 1024, 1), (limit - 512, 2)] {
        let object = spread(&[filler, 0]);
        let index = indexed(&object, DENSITIES[2]);
        let asked: Vec<Wanted> =
            members(&index).iter().filter(|m| m.chain.joined().starts_with("CLI")).map(wanted).collect();
        let recipe = index.recipe(&asked).unwrap();
        let between: Vec<_> = recipe.groups.iter().map(|group| group.range.clone()).collect();
        assert_eq!(between.len(), ranges, "{between:?}");
    }
}
