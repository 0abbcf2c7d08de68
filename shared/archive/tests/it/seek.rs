//! Members read by position are the members that the walk saw.

use std::collections::BTreeMap;

use landfall_archive::{
    Flow, GroupReader, Index, IndexOptions, Limits, Member, MemberKind, PickSink, Recipe, SeekError, Walk,
    Wanted,
};
use proptest::prelude::*;

use super::builder::{Tar, gz, log, noise};
use super::oracles::object;
use super::record::{Event, Recorder};

/// The densest index there is.
pub const DENSE: IndexOptions = IndexOptions { block_bytes: 0, span_bytes: 0, max_bytes: 64 << 20 };

/// An index of `object` and all files by their chain path.
pub fn indexed(object: &[u8], step: usize, options: IndexOptions) -> (Index, BTreeMap<String, Vec<u8>>) {
    let (mut walk, mut visitor) = (Walk::with_index(Limits::default(), options), Recorder::default());
    for block in object.chunks(step) {
        walk.push(block, &mut visitor).unwrap();
    }
    walk.finish(&mut visitor).unwrap();
    let files = visitor.events.into_iter().filter_map(|event| match event {
        Event::File(read) => Some((read.chain.joined(), read.data)),
        _ => None,
    });
    let file = walk.take_index().unwrap().finish([7; 32], object.len() as u64).unwrap();
    (Index::parse_whole(file).unwrap(), files.collect())
}

/// Members by their place in the list of wanted ones.
#[derive(Default)]
pub struct Kept(pub BTreeMap<usize, Vec<u8>>, pub Vec<usize>);

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

/// Follows a recipe, by way of its bytes, in blocks of `step`. Gives the members and the bytes fetched.
pub fn follow(object: &[u8], recipe: &Recipe, step: usize) -> Result<(Kept, u64), SeekError> {
    let recipe = Recipe::from_bytes(&recipe.to_bytes().unwrap())?;
    let (mut kept, mut fetched) = (Kept::default(), 0);
    for group in &recipe.groups {
        // The object may be shorter than it was when it was indexed.
        let end = object.len().min(group.range.end as usize);
        let range = object.get(group.range.start as usize..end).unwrap_or_default();
        let mut reader = GroupReader::new(group)?;
        for block in range.chunks(step) {
            fetched += block.len() as u64;
            if reader.push(block, &mut kept)? == Flow::Stop {
                break;
            }
        }
        reader.finish(&mut kept)?;
    }
    Ok((kept, fetched))
}

pub fn wanted(member: &Member) -> Wanted {
    Wanted { chain: member.chain.clone(), crc32: member.crc32 }
}

/// Reads every member alone, and all files together.
fn all_members_are_reread(object: &[u8], (step, options): (usize, IndexOptions)) {
    let (index, files) = indexed(object, step, options);
    let members: Vec<Member> = index.members().map(Result::unwrap).collect();
    let plain: Vec<&Member> = members.iter().filter(|m| m.kind == MemberKind::File).collect();
    // Random names may come twice; `files` has the last of them then.
    let is_only = |name: &str| members.iter().filter(|member| member.chain.joined() == name).count() == 1;
    for member in &members {
        let recipe = index.recipe(&[wanted(member)]).unwrap();
        assert_eq!(recipe.groups.len(), 1, "one range");
        let (kept, _) = follow(object, &recipe, step).unwrap();
        assert_eq!(crc32fast::hash(&kept.0[&0]), member.crc32, "{}", member.chain.joined());
        let name = member.chain.joined();
        if let Some(data) = files.get(&name).filter(|_| is_only(&name)) {
            assert!(*data == kept.0[&0], "{name}");
        }
    }
    let names: Vec<String> = plain.iter().map(|member| member.chain.joined()).collect();
    assert!(files.keys().all(|name| names.contains(name)), "every file is in the index");
    let together: Vec<Wanted> = plain.iter().copied().map(wanted).collect();
    let (kept, _) = follow(object, &index.recipe(&together).unwrap(), step).unwrap();
    assert_eq!(kept.1.len(), plain.len(), "each once");
    for (at, member) in plain.iter().enumerate() {
        assert_eq!(crc32fast::hash(&kept.0[&at]), member.crc32);
    }
}

/// Three levels; large enough for many blocks at each.
pub fn nested() -> Vec<u8> {
    let leaf = |seed: u32| {
        Tar::new()
            .file("cli/head.out", log(seed, 9_000))
            .file("cli/CLI_Show_NODE.out", log(seed + 1, 2_000))
            .file("bin/core", noise(seed, 300_000))
            .file("cli/empty.out", [])
            .file("x/packed.gz", gz(b"not opened"))
            .file("cli/CLI_Show_LSP.out", log(seed + 2, 4_000))
            .file("cli/tail.out", log(seed + 3, 6_000))
    };
    let node = |seed: u32| {
        let both = [leaf(seed).build(), leaf(seed + 10).build()];
        let members = both[1].chunks(70_000).flat_map(gz).collect::<Vec<u8>>();
        Tar::new()
            .file("ec/ACT.tgz", gz(&both[0]))
            .file("notes.txt", log(seed, 100))
            .file("ec/STDBY.tgz", members)
            .file("ec/plain.tar", Tar::new().file("cli/CLI_Show_ALARM.out", log(seed, 3_000)).tgz())
            .file("ec/flat.tar", Tar::new().file("cli/CLI_Show_X.out", log(seed, 3_000)).build())
    };
    Tar::new().file("NODE_1.tgz", node(100).tgz()).file("NODE_2.tgz", node(200).tgz()).tgz()
}

#[test]
fn every_member_of_a_nested_archive_is_read_by_one_range() {
    let object = nested();
    for case in [(100_000, DENSE), (997, DENSE), (1 << 20, IndexOptions::default())] {
        all_members_are_reread(&object, case);
    }
}

#[test]
fn every_member_is_read_from_a_plain_tar_too() {
    all_members_are_reread(
        &Tar::new().file("a.tgz", nested()).file("b", log(1, 50)).build(),
        (50_000, DENSE),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_archives_are_reread_however_they_were_cut(object in object(), step in 1..5_000_usize) {
        all_members_are_reread(&object, (step, DENSE));
    }
}
