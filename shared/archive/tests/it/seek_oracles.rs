//! The same bytes as another reader with an index of gzip streams gives: rapidgzip's.

use std::io::{Read, Seek, SeekFrom};
use std::num::NonZeroU64;

use proptest::prelude::*;
use rapidgzip_core::{Decoder, IndexOptions, IndexedReader};

use super::reread::{indexed, members, read};
use super::streams::{DENSITIES, Packing, files};

/// A reader of what is under gzip, through an index of rapidgzip's own with points this far apart.
fn rapidgzip(object: &[u8], spacing: u64) -> IndexedReader<Vec<u8>> {
    let decoder = Decoder::builder().decoder_threads(1).build().unwrap();
    let options =
        IndexOptions { checkpoint_spacing: NonZeroU64::new(spacing).unwrap(), ..IndexOptions::default() };
    let report = decoder.decode_with_index(object, &mut std::io::sink(), options).unwrap();
    IndexedReader::new(object.to_vec(), report.index).unwrap()
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![
        (0..=9_u32).prop_map(Packing::Level),
        (0..=9_u32, 1_000..200_000_usize).prop_map(|(level, every)| Packing::Synced(level, every)),
        (0..=9_u32, 1_000..200_000_usize).prop_map(|(level, every)| Packing::Independent(level, every)),
        (600..200_000_usize).prop_map(Packing::Members),
        Just(Packing::Bgzip),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rapidgzip_reads_the_same_at_every_member_and_at_random_places_in_them(
        seed in 0..1_000_u32, packing in packing(), spacing in 40_000..500_000_u64, density in 0..DENSITIES.len(),
        order in any::<u32>(), within: prop::sample::Index
    ) {
        let object = packing.pack(&files(seed).build());
        let index = indexed(&object, DENSITIES[density]);
        let mut peer = rapidgzip(&object, spacing);
        let mut all = members(&index);
        all.sort_by_key(|member| member.chain.steps[0].offset as u32 ^ order);
        for member in &all {
            let step = &member.chain.steps[0];
            let ours = read(&object, &index, member).unwrap().unwrap();
            let from = within.index(ours.len() + 1);
            let mut theirs = vec![0; ours.len() - from];
            peer.seek(SeekFrom::Start(step.offset + from as u64)).unwrap();
            peer.read_exact(&mut theirs).unwrap();
            prop_assert!(ours[from..] == theirs, "{} from {}", step.path, from);
        }
    }
}
