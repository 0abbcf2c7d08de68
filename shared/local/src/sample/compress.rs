//! gzip, and the two ways in which sample archives are damaged.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};

/// An encoder with a header that names no time, no file and no system, so that equal input gives equal
/// bytes (RFC 1952, 2.3.1).
pub(super) fn encoder<W: Write>(out: W, level: Compression) -> GzEncoder<W> {
    GzBuilder::new().mtime(0).write(out, level)
}

/// One gzip member at the default level.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    in_memory(Compression::default(), |out| out.write_all(bytes))
}

/// One gzip member that cannot be read past `place` bytes of its content, by one flipped byte.
///
/// A flipped byte inside compressed text often gives other text and is found only by the checksum at the
/// end. So the compressor is made to flush there: that writes an empty stored block, whose length is held
/// twice (RFC 1951, 3.2.4), and the flipped byte is the last one of the second copy.
pub(super) fn broken_gzip(content: &[u8], place: usize) -> Vec<u8> {
    let (before, after) = content.split_at_checked(place).unwrap_or((content, &[]));
    let mut length = 0;
    let bytes = in_memory(Compression::default(), |out| {
        out.write_all(before)?;
        out.flush()?;
        length = out.get_ref().len();
        out.write_all(after)
    });
    corrupt(bytes, length.saturating_sub(1))
}

/// What `fill` writes, as one gzip member in memory.
pub(super) fn in_memory(
    level: Compression,
    fill: impl FnOnce(&mut GzEncoder<Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut out = encoder(Vec::new(), level);
    let done = fill(&mut out).and_then(|()| out.finish());
    #[expect(
        clippy::expect_used,
        reason = "a Vec takes every write; the callers bring no other source of errors"
    )]
    done.expect("writing to memory does not fail")
}

/// The same bytes with all bits of one byte flipped. An offset behind the end changes nothing.
pub fn corrupt(mut bytes: Vec<u8>, offset: usize) -> Vec<u8> {
    if let Some(byte) = bytes.get_mut(offset) {
        *byte = !*byte;
    }
    bytes
}

/// The first `len` bytes.
pub fn truncate(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    bytes.truncate(len);
    bytes
}

/// The offset that lies `per_mille` thousandths into `bytes`.
pub(super) fn offset_at(bytes: &[u8], per_mille: u16) -> usize {
    bytes.len().saturating_mul(usize::from(per_mille)) / 1000
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    use super::{broken_gzip, corrupt, gzip, truncate};
    use crate::sample::filler;

    #[test]
    fn gzip_is_read_back_and_has_a_bare_header() {
        let packed = gzip(b"GMRE");
        assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        let mut text = String::new();
        MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "GMRE");
    }

    #[test]
    fn a_broken_member_reads_up_to_its_place_and_not_on() {
        let content = filler(100_000, 1);
        let mut read = Vec::new();
        let error = MultiGzDecoder::new(broken_gzip(&content, 60_000).as_slice()).read_to_end(&mut read);
        assert_eq!(error.unwrap_err().to_string(), "corrupt deflate stream");
        assert!((20_000..=60_000).contains(&read.len()), "{}", read.len());
        assert!(content.starts_with(&read));
    }

    #[test]
    fn damage_touches_only_what_it_names() {
        assert_eq!(corrupt(vec![0, 1, 2], 1), [0, 0xfe, 2]);
        assert_eq!(corrupt(vec![0, 1, 2], 9), [0, 1, 2]);
        assert_eq!(truncate(vec![0, 1, 2], 2), [0, 1]);
    }
}
