//! The index file, taken apart by another reader than ours: by what docs/index-format.md says of it.

use landfall_inflate::{Inflate, Mode, Stop};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::builder::{Tar, gz, log};
use super::reread::{SHA, index_of};
use super::streams::DENSITIES;

pub const HEADER: [u8; 8] = *b"LFINDX\x01\0";
pub const TRAILER_BYTES: usize = 56;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    pub sha256: [u8; 32],
    pub object_bytes: u64,
    pub streams: Vec<Stream>,
    pub checkpoints: Vec<Checkpoint>,
    pub pages: Vec<Frame>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    pub parent: Option<u32>,
    pub offset: u64,
    pub size: u64,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    Plain,
    Gzip,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub stream: u32,
    pub position: u64,
    pub inflated: u64,
    pub origin: Origin,
    pub window: Frame,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Origin {
    Member,
    Block { bits: u8, value: u8 },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub offset: u64,
    pub length: u32,
    pub raw: u32,
    pub crc32: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    Archive { stream: u32, name: String },
    Member(Member),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub stream: u32,
    pub name: String,
    pub offset: u64,
    pub size: u64,
    pub crc32: u32,
    pub object_end: u64,
    pub opened: Option<u32>,
}

/// Everything before the directory, and the directory.
pub fn taken_apart(file: &[u8]) -> (Vec<u8>, Directory) {
    let (body, trailer) = file.split_at(file.len() - TRAILER_BYTES);
    let number = |at: usize, bytes: usize| {
        trailer[at..at + bytes].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (offset, length, raw) = (number(0, 8) as usize, number(8, 4) as usize, number(12, 4) as usize);
    assert!(file.starts_with(&HEADER) && trailer.ends_with(&HEADER), "the file and its trailer are marked");
    assert_eq!(offset + length, body.len(), "the directory is the last part");
    assert_eq!(Sha256::digest(&body[offset..])[..], trailer[16..48], "its digest is in the trailer");
    let directory = zstd::bulk::decompress(&body[offset..], raw).unwrap();
    assert_eq!(directory.len(), raw);
    (body[..offset].to_vec(), postcard::from_bytes(&directory).unwrap())
}

/// The reverse of [`taken_apart`], for any bytes as directory.
pub fn put_together(mut body: Vec<u8>, directory: &[u8]) -> Vec<u8> {
    let packed = zstd::bulk::compress(directory, 3).unwrap();
    let offset = body.len() as u64;
    body.extend_from_slice(&packed);
    body.extend_from_slice(&offset.to_le_bytes());
    body.extend_from_slice(&(packed.len() as u32).to_le_bytes());
    body.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    body.extend_from_slice(&Sha256::digest(&packed));
    body.extend_from_slice(&HEADER);
    body
}

/// Adds a part to the body.
pub fn add_frame(body: &mut Vec<u8>, raw: &[u8]) -> Frame {
    let packed = zstd::bulk::compress(raw, 3).unwrap();
    let offset = body.len() as u64;
    body.extend_from_slice(&packed);
    let crc32 = crc32fast::hash(&packed);
    Frame { offset, length: packed.len() as u32, raw: raw.len() as u32, crc32 }
}

pub fn part(body: &[u8], frame: Frame) -> Vec<u8> {
    if frame == Frame::default() {
        return Vec::new();
    }
    let bytes = &body[frame.offset as usize..][..frame.length as usize];
    assert_eq!(crc32fast::hash(bytes), frame.crc32);
    let raw = zstd::bulk::decompress(bytes, frame.raw as usize).unwrap();
    assert_eq!(raw.len(), frame.raw as usize);
    raw
}

/// The catalogue, page after page.
pub fn catalogue(body: &[u8], directory: &Directory) -> Vec<Entry> {
    let mut entries = Vec::new();
    for page in &directory.pages {
        let page = part(body, *page);
        let mut rest = &page[..];
        while !rest.is_empty() {
            let (entry, behind) = postcard::take_from_bytes(rest).unwrap();
            entries.push(entry);
            rest = behind;
        }
    }
    entries
}

/// Bytes of a stream from a checkpoint on.
pub fn inflated_from(stream: &[u8], checkpoint: &Checkpoint, window: &[u8], length: usize) -> Vec<u8> {
    let Origin::Block { bits, value } = checkpoint.origin else { panic!("the start of a member") };
    let (mut inflate, mut out) = (Inflate::new(), Vec::new());
    inflate.prime(bits, value).unwrap();
    inflate.set_window(window).unwrap();
    let mut rest = &stream[checkpoint.position as usize..];
    loop {
        let run = inflate.run(rest, length - out.len(), Mode::Greedy);
        rest = &rest[run.read..];
        out.extend_from_slice(inflate.output());
        if run.stop != Stop::More || run.written == 0 {
            return out;
        }
    }
}

#[test]
fn a_small_index_is_what_its_description_says() {
    let inner = Tar::new().file("in.out", "inner").build();
    let object = Tar::new().file("a.tgz", gz(&inner)).file("b.tar", &inner).file("c.zip", "c").build();
    let (file, _) = index_of([&object[..]], DENSITIES[2]);
    let (body, directory) = taken_apart(&file);
    assert_eq!((directory.sha256, directory.object_bytes), (SHA, object.len() as u64));
    assert!(
        file == put_together(body.clone(), &postcard::to_stdvec(&directory).unwrap()),
        "nothing else is in it"
    );
    let lines: Vec<String> = directory.streams.iter().map(|stream| format!("{stream:?}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Stream { parent: None, offset: 0, size: 5632, kind: Plain }
    Stream { parent: Some(0), offset: 512, size: 95, kind: Gzip }
    Stream { parent: Some(0), offset: 1536, size: 2048, kind: Plain }
    ");
    let lines: Vec<String> = catalogue(&body, &directory).iter().map(|entry| format!("{entry:?}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Archive { stream: 1, name: "a.tgz" }
    Member(Member { stream: 1, name: "in.out", offset: 512, size: 5, crc32: 1831930825, object_end: 1024, opened: None })
    Member(Member { stream: 0, name: "a.tgz", offset: 512, size: 95, crc32: 62586568, object_end: 1024, opened: Some(1) })
    Archive { stream: 2, name: "b.tar" }
    Member(Member { stream: 2, name: "in.out", offset: 512, size: 5, crc32: 1831930825, object_end: 2560, opened: None })
    Member(Member { stream: 0, name: "b.tar", offset: 1536, size: 2048, crc32: 1236894584, object_end: 3584, opened: Some(2) })
    Member(Member { stream: 0, name: "c.zip", offset: 4096, size: 1, crc32: 112844655, object_end: 4608, opened: None })
    "#);
    assert_eq!(directory.pages[0].offset, 8, "parts follow the header without a gap");
    assert!(directory.checkpoints.is_empty());
}

#[test]
fn a_checkpoint_is_where_its_description_says() {
    let tar = Tar::new().file("a.out", log(1, 9_000)).file("b.out", log(2, 9_000)).build();
    let object = gz(&tar);
    let (body, directory) = taken_apart(&index_of([&object[..]], DENSITIES[0]).0);
    assert!(directory.checkpoints.len() > 3, "{}", directory.checkpoints.len());
    for checkpoint in &directory.checkpoints {
        let window = part(&body, checkpoint.window);
        let expected = &tar[checkpoint.inflated as usize..];
        assert!(inflated_from(&object, checkpoint, &window, tar.len()) == expected, "{checkpoint:?}");
    }
}
