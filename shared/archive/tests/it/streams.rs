//! Gzip streams as other programs cut them: flushed in the middle, by members, by blocks of bgzip, in every type of block.

use std::io::Write;

use flate2::{Compress, Compression, Crc, FlushCompress, GzBuilder, Status};
use landfall_archive::IndexOptions;

use super::builder::{Tar, gz, log, noise};

/// Bytes of data in a block of bgzip.
const BGZIP_BYTES: usize = 0xff00;

/// How a gzip stream is made.
#[derive(Debug, Clone, Copy)]
pub enum Packing {
    /// Not at all: the bytes as they are.
    Plain,
    /// One member at a level, 0 to 9; 0 stores.
    Level(u32),
    /// One member at a level, byte-aligned after so many bytes each; what follows refers back.
    Synced(u32, usize),
    /// Likewise, but nothing refers back over such a place, as `pigz -i` does.
    Independent(u32, usize),
    /// Members of so many bytes.
    Members(usize),
    /// Members of 64 KiB with their length in an extra field, and an empty one at the end.
    Bgzip,
}

impl Packing {
    pub fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Level(level) => flushed(bytes, level, (usize::MAX, FlushCompress::None)),
            Self::Synced(level, every) => flushed(bytes, level, (every, FlushCompress::Sync)),
            Self::Independent(level, every) => flushed(bytes, level, (every, FlushCompress::Full)),
            Self::Members(length) => bytes.chunks(length).flat_map(gz).collect(),
            Self::Bgzip => bytes.chunks(BGZIP_BYTES).chain([&[][..]]).flat_map(bgzip_block).collect(),
        }
    }
}

/// One gzip member with a flush after every so many bytes.
pub fn flushed(bytes: &[u8], level: u32, (every, flush): (usize, FlushCompress)) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::new(level), false);
    let mut out = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    let pieces = bytes.chunks(every).map(|piece| (piece, flush)).chain([(&[][..], FlushCompress::Finish)]);
    for (mut piece, flush) in pieces {
        loop {
            out.reserve(1 << 16);
            let before = deflate.total_in();
            let status = deflate.compress_vec(piece, &mut out, flush).unwrap();
            piece = &piece[(deflate.total_in() - before) as usize..];
            if status == Status::StreamEnd
                || (piece.is_empty() && out.len() < out.capacity() && flush != FlushCompress::Finish)
            {
                break;
            }
        }
    }
    gz_trailer(out, bytes)
}

/// Puts CRC and length of `bytes` behind a member.
pub fn gz_trailer(mut member: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(bytes);
    member.extend_from_slice(&crc.sum().to_le_bytes());
    member.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    member
}

fn bgzip_block(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzBuilder::new().extra(b"BC\x02\0\0\0".to_vec()).write(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    let mut block = out.finish().unwrap();
    let size = (block.len() as u16 - 1).to_le_bytes();
    block[16..18].copy_from_slice(&size);
    block
}

/// A tar of logs and noise that is about as large as two windows.
fn half(seed: u32) -> Tar {
    Tar::new()
        .file("CLI_Show_A.out", log(seed, 1_200))
        .file("core", noise(seed, 20_000))
        .file("empty.out", [])
        .file("CLI_Show_B.out", log(seed + 1, 900))
}

/// A tar of logs, noise, zeros and empty files; some hundred KiB, so that every stream has many blocks.
pub fn files(seed: u32) -> Tar {
    Tar::new()
        .file("cli/head.out", log(seed, 4_000))
        .file("cli/CLI_Show_NODE.out", log(seed + 1, 900))
        .file("bin/core", noise(seed, 150_000))
        .file("empty.out", [])
        .file("cli/CLI_Show_ZEROS.out", vec![0; 90_000])
        .file("x/packed.gz", gz(b"not opened"))
        .pax(&[("path", &format!("pax/{}/CLI_Show_LSP.out", "p".repeat(120)))])
        .file("short", log(seed + 2, 2_500))
        .member("././@LongLink", b'L', format!("gnu/{}/x.out\0", "g".repeat(150)))
        .file("short", log(seed + 3, 40))
        .directory("d/")
        .file("cli/tail.out", log(seed + 4, 3_000))
}

/// An archive for each way of packing, with its name.
pub fn forms() -> Vec<(&'static str, Vec<u8>)> {
    let tar = files(1).build();
    let of = |packing: Packing| packing.pack(&tar);
    vec![
        ("plain", of(Packing::Plain)),
        ("stored", of(Packing::Level(0))),
        ("fast", of(Packing::Level(1))),
        ("default", of(Packing::Level(6))),
        ("best", of(Packing::Level(9))),
        ("synced", of(Packing::Synced(6, 50_000))),
        ("independent", of(Packing::Independent(6, 128 << 10))),
        ("members", of(Packing::Members(70_001))),
        ("members of a block", of(Packing::Members(512))),
        ("bgzip", of(Packing::Bgzip)),
        ("nested", deep()),
    ]
}

/// Archives in archives, each packed in another way.
fn deep() -> Vec<u8> {
    let packings = [
        Packing::Plain,
        Packing::Level(0),
        Packing::Level(9),
        Packing::Synced(6, 33_000),
        Packing::Independent(1, 40_000),
        Packing::Members(65_536),
        Packing::Bgzip,
    ];
    let mut tar = Tar::new().file("first.out", log(9, 30));
    for (seed, inner) in (10..).step_by(10).zip(packings) {
        let middle = Tar::new()
            .file("a.out", log(seed, 700))
            .file("leaf.tgz", inner.pack(&half(seed).build()))
            .file("b.out", log(seed + 1, 700));
        tar =
            tar.file(format!("{seed}.tar.gz"), packings[(seed / 10 + 2) as usize % 7].pack(&middle.build()));
    }
    Packing::Level(6).pack(&tar.file("last.out", log(8, 30)).build())
}

/// From the densest index there is to one that has nothing but the starts of streams.
pub const DENSITIES: [IndexOptions; 4] = [
    IndexOptions { block_bytes: 0, span_bytes: 0, max_bytes: 64 << 20 },
    IndexOptions { block_bytes: 40_000, span_bytes: 100_000, max_bytes: 64 << 20 },
    IndexOptions { block_bytes: 256 << 10, span_bytes: 4 << 20, max_bytes: 32 << 20 },
    IndexOptions { block_bytes: u64::MAX, span_bytes: u64::MAX, max_bytes: 1 << 20 },
];
