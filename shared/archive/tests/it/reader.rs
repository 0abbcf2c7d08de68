//! What a reader sees of a walk: members as streams, in the order of the archive (specs: dumps 9.1).

use std::fs;
use std::path::Path;

use landfall_archive::{FileHeader, Flow, Interest, Limits, Visitor, Walk, Warning};

use super::builder::{Tar, log, noise};

/// Counts what it was told so far, and keeps the bytes of the files.
#[derive(Default)]
struct Seen {
    files: Vec<(String, Vec<u8>)>,
    ended: usize,
}

impl Visitor for Seen {
    fn is_target(&self, _: &str) -> bool {
        true
    }

    fn file(&mut self, header: FileHeader<'_>) -> Interest {
        self.files.push((header.chain.joined(), Vec::new()));
        Interest::Read
    }

    fn data(&mut self, bytes: &[u8]) {
        self.files.last_mut().unwrap().1.extend_from_slice(bytes);
    }

    fn file_end(&mut self, _: u32) -> Flow {
        self.ended += 1;
        Flow::Continue
    }

    fn file_broken(&mut self) {
        panic!("the archive is whole");
    }

    fn warning(&mut self, warning: Warning) {
        panic!("{warning:?}");
    }
}

#[test]
fn test_reader_iter_streams_members_in_archive_order_as_their_bytes_come() {
    let contents = [("a", log(1, 40)), ("b", noise(2, 3_000)), ("c", Vec::new()), ("d", noise(3, 2_000))];
    let tar = contents.iter().fold(Tar::new(), |tar, (name, content)| tar.file(*name, content)).build();
    let (mut walk, mut seen) = (Walk::new(Limits::default()), Seen::default());
    // A member is handed over while it is read: of none is more known than what was pushed, and none is held back.
    for (pushed, byte) in tar.iter().enumerate() {
        walk.push(&[*byte], &mut seen).unwrap();
        let handed: usize = seen.files.iter().map(|(_, content)| content.len()).sum();
        assert!(handed <= pushed + 1);
        if let Some(started) = seen.files.len().checked_sub(1) {
            let before: usize =
                contents[..started].iter().map(|(_, c)| 512 + c.len().next_multiple_of(512)).sum();
            let due = (pushed + 1).saturating_sub(before + 512).min(contents[started].1.len());
            assert_eq!(seen.files[started].1.len(), due, "byte {pushed}");
        }
    }
    walk.finish(&mut seen).unwrap();
    assert_eq!(seen.ended, contents.len());
    for ((name, content), (read, bytes)) in contents.iter().zip(&seen.files) {
        assert_eq!((*name, content), (read.as_str(), bytes));
    }
}

/// The sources under a folder.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn test_reader_iter_streams_has_no_way_to_the_disk() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 10);
    for way in ["std::fs", "tokio::fs", "tempfile", "File::create"] {
        assert!(!found.iter().any(|source| source.contains(way)), "the crate uses {way}");
    }
}
