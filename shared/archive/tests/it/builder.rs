//! Archives for tests, byte by byte the same on every run.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc, GzBuilder};
use tar::{EntryType, Header};

/// The mtime of every member.
const MTIME: u64 = 1_700_000_000;

/// A tar that is put together member by member.
#[derive(Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    pub fn new() -> Self {
        Self::default()
    }

    /// A regular file; names up to 100 bytes.
    pub fn file(self, name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        self.member(name, b'0', data)
    }

    pub fn directory(self, name: impl AsRef<[u8]>) -> Self {
        self.member(name, b'5', [])
    }

    /// A member of any kind, with its payload.
    pub fn member(self, name: impl AsRef<[u8]>, kind: u8, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        self.block(&header(name.as_ref(), kind, data.len() as u64)).payload(data)
    }

    /// PAX records for the next member.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        self.member("PaxHeaders/x", b'x', pax_records(records))
    }

    /// One header block as it is.
    pub fn block(mut self, block: &[u8; 512]) -> Self {
        self.bytes.extend_from_slice(block);
        self
    }

    /// Payload with its padding.
    pub fn payload(mut self, data: &[u8]) -> Self {
        self.bytes.extend_from_slice(data);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self
    }

    /// The tar with its two closing blocks.
    pub fn build(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&[0; 1024]);
        self.bytes
    }

    /// The tar without closing blocks.
    pub fn unfinished(self) -> Vec<u8> {
        self.bytes
    }

    /// The tar under gzip.
    pub fn tgz(self) -> Vec<u8> {
        gz(&self.build())
    }
}

/// A ustar header with the right checksum.
pub fn header(name: &[u8], kind: u8, size: u64) -> [u8; 512] {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(EntryType::new(kind));
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MTIME);
    header.set_cksum();
    *header.as_bytes()
}

/// Puts `bytes` at `at` and makes the checksum right again.
pub fn patched(mut block: [u8; 512], at: usize, bytes: &[u8]) -> [u8; 512] {
    block[at..at + bytes.len()].copy_from_slice(bytes);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// PAX records, each with its own length in front.
pub fn pax_records(records: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + length.to_string().len() {
            length = rest + length.to_string().len();
        }
        out.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
    }
    out
}

/// One gzip member, no name, no time.
pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// One gzip member with every optional header field.
pub fn gz_full_header(bytes: &[u8], extra: usize) -> Vec<u8> {
    let builder = GzBuilder::new().filename("name.tar").comment("a comment").extra(vec![7; extra]);
    let mut out = builder.write(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    let mut whole = out.finish().unwrap();
    // The library writes no header checksum: put one in.
    let end = 10 + 2 + extra + "name.tar\0a comment\0".len();
    whole[3] |= 2;
    let mut crc = Crc::new();
    crc.update(&whole[..end]);
    let sum = (crc.sum() as u16).to_le_bytes();
    whole.splice(end..end, sum);
    whole
}

/// One gzip member that is `size` bytes long in all, for as long as an extra field can make it so.
pub fn gz_of_size(bytes: &[u8], size: usize) -> Vec<u8> {
    let plain = gz(bytes).len();
    let mut out = GzBuilder::new().extra(vec![0; size - plain - 2]).write(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    let out = out.finish().unwrap();
    assert_eq!(out.len(), size);
    out
}

/// Raw deflate.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    })
    .take(length)
    .collect()
}

/// Text that compresses as logs do.
pub fn log(seed: u32, lines: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (line, byte) in noise(seed, lines).iter().enumerate() {
        writeln!(out, "{line:05} port 1-{seed}-{byte} is up since {}", line * 7).unwrap();
    }
    out
}
