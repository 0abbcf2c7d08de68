//! Damage of the object, before, in and behind a member, and indexes of objects that were damaged all along: what is
//! whole is read, and nothing wrong ever.

use landfall_archive::{Index, Member, OuterEnd, SeekError};
use proptest::prelude::*;

use super::builder::{Tar, log, noise};
use super::reread::{index_of, indexed, members, read};
use super::streams::{DENSITIES, Packing, files};

/// Archives of small siblings with much between them.
fn object() -> Vec<u8> {
    let mut tar = Tar::new();
    for seed in 0..6 {
        let inner = Tar::new().file("a", log(seed, 400)).file("CLI_Show_B", log(seed + 50, 300)).build();
        tar = tar
            .file(format!("{seed}.tgz"), Packing::Level(6).pack(&inner))
            .file(format!("{seed}.bin"), noise(seed, 60_000));
    }
    Packing::Level(6).pack(&tar.build())
}

fn all_read(object: &[u8], index: &Index) -> Vec<(Member, Result<Vec<u8>, SeekError>)> {
    members(index).into_iter().map(|member| (member.clone(), read(object, index, &member).unwrap())).collect()
}

#[test]
fn damage_of_the_object_costs_the_members_that_are_read_over_it_and_no_others() {
    let object = object();
    let index = indexed(&object, DENSITIES[0]);
    let whole = all_read(&object, &index);
    assert_eq!(whole.len(), 24);
    for at in (0..object.len()).step_by(object.len() / 60) {
        let mut damaged = object.clone();
        damaged[at] ^= 0x10;
        let mut lost = 0;
        for ((member, right), (_, now)) in whole.iter().zip(all_read(&damaged, &index)) {
            let right = right.as_ref().unwrap();
            match now {
                Ok(data) => assert!(data == *right, "flip at {at}: {}", member.chain.joined()),
                Err(SeekError::Damaged { .. } | SeekError::Crc { .. } | SeekError::Short { .. }) => {
                    lost += 1;
                    assert!(
                        at as u64 <= member.object_end,
                        "flip at {at} is behind {}",
                        member.chain.joined()
                    );
                }
                Err(error) => panic!("flip at {at}: {error}"),
            }
        }
        // A nested archive counts with its two members; damage may lie under two of the outer members.
        assert!(lost <= 8, "flip at {at} costs {lost} of 24");
    }
}

#[test]
fn of_a_cut_object_the_members_before_the_cut_are_read() {
    let object = object();
    let index = indexed(&object, DENSITIES[0]);
    let whole = all_read(&object, &index);
    for length in (0..object.len()).step_by(object.len() / 40) {
        for ((member, right), (_, now)) in whole.iter().zip(all_read(&object[..length], &index)) {
            match now {
                Ok(data) => assert!(data == *right.as_ref().unwrap(), "cut to {length}"),
                Err(error) => {
                    assert!(matches!(error, SeekError::Short { .. }), "cut to {length}: {error}");
                    assert!(member.object_end > length as u64, "cut to {length}: {}", member.chain.joined());
                }
            }
        }
    }
}

#[test]
fn of_an_object_that_broke_the_members_before_the_break_are_read() {
    let object = object();
    let whole = all_read(&object, &indexed(&object, DENSITIES[0]));
    for at in (1_000..object.len()).step_by(object.len() / 25) {
        let mut damaged = object.clone();
        damaged[at] ^= 0x10;
        for broken in [&object[..at], &damaged[..]] {
            let (file, end) = index_of(broken.chunks(30_000), DENSITIES[0]);
            assert!(matches!(end, OuterEnd::Broken { .. }), "at {at}");
            let index = Index::parse_whole(file).unwrap();
            assert_eq!(index.object_bytes(), broken.len() as u64);
            let found = all_read(broken, &index);
            // What was walked before the break is in the index; what is in it is read, right or damaged as it is.
            for (member, data) in &found {
                let data = data.as_ref().unwrap();
                assert_eq!(crc32fast::hash(data), member.crc32, "at {at}");
            }
            let before = whole.iter().take_while(|(member, _)| member.object_end <= at as u64).count();
            assert!(found.len() >= before, "at {at}: {} of {before}", found.len());
            for ((member, data), (right, bytes)) in found.iter().zip(&whole).take(before) {
                assert!(member.chain == right.chain && data == bytes, "at {at}");
            }
        }
    }
}

#[test]
fn a_nested_archive_that_broke_costs_only_its_own_rest() {
    let inner = Packing::Synced(6, 20_000).pack(&files(1).build());
    let own = members(&indexed(&inner, DENSITIES[0])).len();
    for cut in (20..inner.len()).step_by(inner.len() / 30) {
        let mut flipped = inner.clone();
        flipped[cut] ^= 0x08;
        for broken in [inner[..cut].to_vec(), flipped] {
            let object = Tar::new()
                .file("before.tgz", &inner)
                .file("in.tgz", &broken)
                .file("behind.tgz", &inner)
                .file("last", log(1, 9));
            let object = Packing::Level(1).pack(&object.build());
            let (file, end) = index_of([&object[..]], DENSITIES[1]);
            assert_eq!(end, OuterEnd::Whole);
            let index = Index::parse_whole(file).unwrap();
            let found = all_read(&object, &index);
            let of = |name: &str| found.iter().filter(|(m, _)| m.chain.joined().starts_with(name)).count();
            assert_eq!((of("before.tgz!/"), of("behind.tgz!/"), of("last")), (own, own, 1), "cut to {cut}");
            assert!(of("in.tgz!/") <= own);
            for (member, data) in &found {
                let data = data.as_ref().unwrap_or_else(|error| panic!("{cut}, {member:?}: {error}"));
                assert_eq!(crc32fast::hash(data), member.crc32);
            }
            // The broken archive itself is a member, and is read as it stands.
            let (_, itself) = found.iter().find(|(member, _)| member.chain.joined() == "in.tgz").unwrap();
            assert!(*itself.as_ref().unwrap() == broken);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_other_bytes_in_the_object_never_give_a_wrong_member(
        from: prop::sample::Index, length in 1..3_000_usize, seed in 1..99_u32
    ) {
        let object = object();
        let index = indexed(&object, DENSITIES[1]);
        let mut damaged = object.clone();
        let from = from.index(object.len());
        for (byte, other) in damaged[from..].iter_mut().zip(noise(seed, length)) {
            *byte = other;
        }
        for (member, data) in all_read(&damaged, &index) {
            if let Ok(data) = data {
                prop_assert_eq!(crc32fast::hash(&data), member.crc32);
            }
        }
    }
}
