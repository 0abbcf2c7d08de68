//! Compressions that are not opened, known by their first bytes, to be named in errors (specs: dumps 2.1).

const MAGICS: [(&[u8], &str); 13] = [
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d", "compress"),
    (b"\x1f\xa0", "compress"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"LZIP", "lzip"),
    (b"\x5d\0\0", "lzma"),
];

/// The compression that data with these first bytes is under, if it is a known one.
pub(crate) fn compression(first: &[u8]) -> Option<&'static str> {
    MAGICS.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, name)| *name)
}
