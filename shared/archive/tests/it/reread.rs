//! Indexes as files, and members read through them: what the tests of the index have in common.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use landfall_archive::{
    Index, IndexError, IndexOptions, Limits, Member, OuterEnd, SeekError, Walk, is_archive_name,
};

use super::record::Recorder;
use super::seek::{follow, wanted};

/// The digest in all indexes of these tests.
pub const SHA: [u8; 32] = [7; 32];

/// The bytes of an index of an object that comes in these parts, and how the walk ended.
pub fn index_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>, options: IndexOptions) -> (Vec<u8>, OuterEnd) {
    let (mut walk, mut visitor) = (Walk::with_index(Limits::default(), options), Recorder::default());
    for part in parts {
        walk.push(part, &mut visitor).unwrap();
    }
    let end = walk.finish(&mut visitor).unwrap().outer;
    let length = walk.stats().consumed;
    (walk.take_index().unwrap().finish(SHA, length).unwrap(), end)
}

/// The index of an object that comes in one piece, everything in it checked.
pub fn indexed(object: &[u8], options: IndexOptions) -> Index {
    Index::parse_whole(index_of([object], options).0).unwrap()
}

pub fn members(index: &Index) -> Vec<Member> {
    index.members().map(Result::unwrap).collect()
}

/// One member, read by itself.
pub fn read(object: &[u8], index: &Index, member: &Member) -> Result<Result<Vec<u8>, SeekError>, IndexError> {
    let recipe = index.recipe(&[wanted(member)])?;
    Ok(follow(object, &recipe, 10_000).map(|(mut kept, _)| {
        assert_eq!(kept.1, [0], "once");
        kept.0.remove(&0).unwrap()
    }))
}

/// All regular files of an archive, nested archives behind what they hold, as the `tar` crate finds them.
pub fn by_peer(bytes: &[u8], prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
    let mut tar = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => MultiGzDecoder::new(bytes).read_to_end(&mut tar).unwrap(),
        _ => bytes.take(u64::MAX).read_to_end(&mut tar).unwrap(),
    };
    for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = format!("{prefix}{}", String::from_utf8(entry.path_bytes().to_vec()).unwrap());
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        if is_archive_name(&name) && data.len() > 1 {
            by_peer(&data, &format!("{name}!/"), found);
        }
        found.push((name, data));
    }
}
