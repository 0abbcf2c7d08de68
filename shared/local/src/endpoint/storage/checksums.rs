//! Checksums a client sends along, in headers or after the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest, Md5};
use s3s::TrailingHeaders;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};

use crate::endpoint::index::Checksum;
use crate::endpoint::refusal::Refusal;

/// S3's algorithms and the header each comes in.
const ALGORITHMS: [(&str, &str); 5] = [
    ("CRC32", "x-amz-checksum-crc32"),
    ("CRC32C", "x-amz-checksum-crc32c"),
    ("CRC64NVME", "x-amz-checksum-crc64nvme"),
    ("SHA1", "x-amz-checksum-sha1"),
    ("SHA256", "x-amz-checksum-sha256"),
];

/// What a body must turn out to be.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Its length, if announced.
    pub(crate) length: Option<u64>,
    md5: Option<[u8; 16]>,
    header: Option<Checksum>,
    trailer: Option<(&'static str, &'static str)>,
    trailing: Option<TrailingHeaders>,
}

impl Expected {
    /// Reads the request's headers.
    ///
    /// # Errors
    /// [`Refusal::InvalidDigest`] for a Content-MD5 that is none.
    pub(crate) fn of(headers: &HeaderMap, trailing: Option<TrailingHeaders>) -> Result<Self, Refusal> {
        let trailer = headers.get("x-amz-trailer").and_then(|names| names.to_str().ok()).and_then(|names| {
            ALGORITHMS
                .into_iter()
                .find(|(_, header)| names.split(',').any(|name| name.trim().eq_ignore_ascii_case(header)))
        });
        Ok(Self {
            length: None,
            md5: headers.get("content-md5").map(|value| parse_md5(value.as_bytes())).transpose()?,
            header: checksum_header(headers),
            trailer,
            trailing,
        })
    }

    /// Starts hashing what must be known.
    pub(super) fn hashing(&self) -> Hashing {
        let algorithm = self.header.as_ref().map(|sum| sum.algorithm.as_str()).or(self.trailer.map(|t| t.0));
        Hashing { md5: Md5::new(), sums: algorithm.and_then(hasher), size: 0 }
    }

    /// Compares; gives MD5 and the checksum that was found right.
    pub(super) fn check(self, hashing: Hashing) -> Result<([u8; 16], Option<Checksum>), Refusal> {
        if let Some(expected) = self.length.filter(|expected| *expected != hashing.size) {
            return Err(Refusal::Incomplete { received: hashing.size, expected });
        }
        let md5: [u8; 16] = hashing.md5.finalize().into();
        if self.md5.is_some_and(|expected| expected != md5) {
            return Err(Refusal::BadDigest("Content-MD5"));
        }
        let announced = match self.trailer {
            Some((algorithm, header)) => {
                let value = self.trailing.and_then(|trailing| trailing.take()).and_then(|headers| {
                    headers.get(header).and_then(|value| value.to_str().ok()).map(str::to_owned)
                });
                let missing = Refusal::InvalidRequest("the announced trailing checksum is missing");
                Some(Checksum { algorithm: algorithm.to_owned(), value: value.ok_or(missing)? })
            }
            None => None,
        };
        // With two checksums the header's is the one that was computed; the trailer's is the same algorithm or unchecked.
        let Some(expected) = self.header.or(announced) else { return Ok((md5, None)) };
        let made = hashing.sums.and_then(|sums| value_of(&sums.finalize(), &expected.algorithm));
        if made.as_deref() == Some(expected.value.as_str()) {
            Ok((md5, Some(expected)))
        } else {
            Err(Refusal::BadDigest("the checksum"))
        }
    }
}

/// Hashes under way.
pub(super) struct Hashing {
    md5: Md5,
    sums: Option<ChecksumHasher>,
    size: u64,
}

impl Hashing {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        if let Some(sums) = &mut self.sums {
            sums.update(bytes);
        }
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

/// The checksum of the checksums of `parts` (Base64), as S3 makes it for multipart uploads; `None` for an algorithm
/// that has none.
pub(crate) fn composite_checksum(algorithm: &str, parts: &[&str]) -> Option<Checksum> {
    if algorithm == "CRC64NVME" {
        return None;
    }
    let mut sums = hasher(algorithm)?;
    for part in parts {
        sums.update(&STANDARD.decode(part).ok()?);
    }
    let value = value_of(&sums.finalize(), algorithm)?;
    Some(Checksum { algorithm: algorithm.to_owned(), value: format!("{value}-{}", parts.len()) })
}

fn hasher(algorithm: &str) -> Option<ChecksumHasher> {
    let mut sums = ChecksumHasher::default();
    match algorithm {
        "CRC32" => sums.crc32 = Some(Crc32::new()),
        "CRC32C" => sums.crc32c = Some(Crc32c::new()),
        "CRC64NVME" => sums.crc64nvme = Some(Crc64Nvme::new()),
        "SHA1" => sums.sha1 = Some(Sha1::new()),
        "SHA256" => sums.sha256 = Some(Sha256::new()),
        _ => return None,
    }
    Some(sums)
}

fn value_of(sums: &s3s::dto::Checksum, algorithm: &str) -> Option<String> {
    match algorithm {
        "CRC32" => sums.checksum_crc32.clone(),
        "CRC32C" => sums.checksum_crc32c.clone(),
        "CRC64NVME" => sums.checksum_crc64nvme.clone(),
        "SHA1" => sums.checksum_sha1.clone(),
        "SHA256" => sums.checksum_sha256.clone(),
        _ => None,
    }
}

fn checksum_header(headers: &HeaderMap) -> Option<Checksum> {
    ALGORITHMS.into_iter().find_map(|(algorithm, header)| {
        let value = headers.get(header)?.to_str().ok()?.to_owned();
        Some(Checksum { algorithm: algorithm.to_owned(), value })
    })
}

fn parse_md5(value: &[u8]) -> Result<[u8; 16], Refusal> {
    let bytes = STANDARD.decode(value).map_err(|_| Refusal::InvalidDigest("Content-MD5"))?;
    bytes.try_into().map_err(|_| Refusal::InvalidDigest("Content-MD5"))
}
