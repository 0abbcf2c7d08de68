//! The values of the index and their encoding.

use super::codec::{Damaged, Decoder, Encoder};
use super::tables::BlobId;

/// Versioning of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versioning {
    /// Never switched on: one version a key, without an id.
    Never,
    /// Every write adds a version.
    Enabled,
    /// Writes replace the version without an id; older versions stay.
    Suspended,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketRow {
    /// Its number, never used again for another bucket.
    pub(crate) id: u64,
    /// When it was made, milliseconds since 1970.
    pub(crate) created_ms: i64,
    /// How it keeps versions.
    pub(crate) versioning: Versioning,
}

/// Where a blob's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the index itself.
    Index,
    /// In a file of its own.
    File,
}

/// A run of bytes of one blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The blob.
    pub(crate) blob: BlobId,
    /// Where it lies.
    pub(crate) place: Place,
    /// First byte.
    pub(crate) offset: u64,
    /// Number of bytes, at least 1.
    pub(crate) len: u64,
}

/// The sum of the segments' lengths.
pub(crate) fn total_len(segments: &[Segment]) -> u64 {
    segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.len))
}

/// What the client says about an object and gets back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    /// `Content-Type`.
    pub(crate) content_type: Option<String>,
    /// `Content-Encoding` without `aws-chunked`.
    pub(crate) content_encoding: Option<String>,
    /// `Cache-Control`.
    pub(crate) cache_control: Option<String>,
    /// `Content-Disposition`.
    pub(crate) content_disposition: Option<String>,
    /// `Content-Language`.
    pub(crate) content_language: Option<String>,
    /// `Expires`, as an HTTP date.
    pub(crate) expires: Option<String>,
    /// User metadata: names in lower case without `x-amz-meta-`, sorted.
    pub(crate) metadata: Vec<(String, String)>,
}

/// A checksum the client sent and that was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    /// S3's name of the algorithm, like `CRC32`.
    pub(crate) algorithm: String,
    /// Base64; with `-n` appended if made from the checksums of n parts.
    pub(crate) value: String,
}

/// One version of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionRow {
    /// It has no id (`null`).
    pub(crate) null: bool,
    /// It is a delete marker; then the rest is empty.
    pub(crate) marker: bool,
    /// When it was written, milliseconds since 1970.
    pub(crate) modified_ms: i64,
    /// ETag without quotes.
    pub(crate) etag: String,
    /// The content, in order.
    pub(crate) segments: Vec<Segment>,
    /// What goes with it.
    pub(crate) headers: Headers,
    /// Its checksum, if one is known.
    pub(crate) checksum: Option<Checksum>,
}

impl VersionRow {
    /// Size of the content in bytes.
    pub(crate) fn size(&self) -> u64 {
        total_len(&self.segments)
    }
}

/// A multipart upload that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadRow {
    /// When it began, milliseconds since 1970.
    pub(crate) initiated_ms: i64,
    /// What the object will carry.
    pub(crate) headers: Headers,
    /// The checksum algorithm the client announced.
    pub(crate) algorithm: Option<String>,
}

/// A part of such an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartRow {
    /// MD5 of the part.
    pub(crate) md5: [u8; 16],
    /// When it was uploaded, milliseconds since 1970.
    pub(crate) modified_ms: i64,
    /// Its content.
    pub(crate) segments: Vec<Segment>,
    /// Its checksum, if the client sent one.
    pub(crate) checksum: Option<Checksum>,
}

/// The leading byte of every value: the layout it was written with.
const LAYOUT: u64 = 1;

fn open<'a>(kind: &'static str, bytes: &'a [u8]) -> Result<Decoder<'a>, Damaged> {
    let mut decoder = Decoder::new(kind, bytes);
    if decoder.u64()? == LAYOUT { Ok(decoder) } else { Err(decoder.damaged()) }
}

fn start() -> Encoder {
    let mut encoder = Encoder::default();
    encoder.u64(LAYOUT);
    encoder
}

impl BucketRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let versioning = match self.versioning {
            Versioning::Never => 0,
            Versioning::Enabled => 1,
            Versioning::Suspended => 2,
        };
        let mut encoder = start();
        encoder.u64(self.id).i64(self.created_ms).u64(versioning);
        encoder.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut decoder = open("bucket", bytes)?;
        let (id, created_ms) = (decoder.u64()?, decoder.i64()?);
        let versioning = match decoder.u64()? {
            0 => Versioning::Never,
            1 => Versioning::Enabled,
            2 => Versioning::Suspended,
            _ => return Err(decoder.damaged()),
        };
        Ok(Self { id, created_ms, versioning })
    }
}

impl VersionRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoder = start();
        encoder.u64(u64::from(self.null) | u64::from(self.marker) << 1);
        encoder.i64(self.modified_ms).text(&self.etag);
        put_segments(&mut encoder, &self.segments);
        put_headers(&mut encoder, &self.headers);
        put_checksum(&mut encoder, self.checksum.as_ref());
        encoder.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut decoder = open("version", bytes)?;
        let flags = decoder.u64()?;
        Ok(Self {
            null: flags & 1 != 0,
            marker: flags & 2 != 0,
            modified_ms: decoder.i64()?,
            etag: decoder.text()?,
            segments: take_segments(&mut decoder)?,
            headers: take_headers(&mut decoder)?,
            checksum: take_checksum(&mut decoder)?,
        })
    }
}

impl UploadRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoder = start();
        encoder.i64(self.initiated_ms).optional_text(self.algorithm.as_deref());
        put_headers(&mut encoder, &self.headers);
        encoder.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut decoder = open("upload", bytes)?;
        Ok(Self {
            initiated_ms: decoder.i64()?,
            algorithm: decoder.optional_text()?,
            headers: take_headers(&mut decoder)?,
        })
    }
}

impl PartRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoder = start();
        encoder.bytes(&self.md5).i64(self.modified_ms);
        put_segments(&mut encoder, &self.segments);
        put_checksum(&mut encoder, self.checksum.as_ref());
        encoder.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut decoder = open("part", bytes)?;
        let md5 = decoder.bytes()?.try_into().map_err(|_| decoder.damaged())?;
        Ok(Self {
            md5,
            modified_ms: decoder.i64()?,
            segments: take_segments(&mut decoder)?,
            checksum: take_checksum(&mut decoder)?,
        })
    }
}

fn put_segments(encoder: &mut Encoder, segments: &[Segment]) {
    encoder.count(segments.len());
    for segment in segments {
        let place = match segment.place {
            Place::Index => 0,
            Place::File => 1,
        };
        encoder.u64(place).u64(segment.blob.0).u64(segment.offset).u64(segment.len);
    }
}

fn take_segments(decoder: &mut Decoder<'_>) -> Result<Vec<Segment>, Damaged> {
    (0..decoder.count()?)
        .map(|_| {
            let place = match decoder.u64()? {
                0 => Place::Index,
                1 => Place::File,
                _ => return Err(decoder.damaged()),
            };
            Ok(Segment { place, blob: BlobId(decoder.u64()?), offset: decoder.u64()?, len: decoder.u64()? })
        })
        .collect()
}

fn put_headers(encoder: &mut Encoder, headers: &Headers) {
    encoder
        .optional_text(headers.content_type.as_deref())
        .optional_text(headers.content_encoding.as_deref())
        .optional_text(headers.cache_control.as_deref())
        .optional_text(headers.content_disposition.as_deref())
        .optional_text(headers.content_language.as_deref())
        .optional_text(headers.expires.as_deref())
        .count(headers.metadata.len());
    for (name, value) in &headers.metadata {
        encoder.text(name).text(value);
    }
}

fn take_headers(decoder: &mut Decoder<'_>) -> Result<Headers, Damaged> {
    Ok(Headers {
        content_type: decoder.optional_text()?,
        content_encoding: decoder.optional_text()?,
        cache_control: decoder.optional_text()?,
        content_disposition: decoder.optional_text()?,
        content_language: decoder.optional_text()?,
        expires: decoder.optional_text()?,
        metadata: (0..decoder.count()?)
            .map(|_| Ok((decoder.text()?, decoder.text()?)))
            .collect::<Result<_, Damaged>>()?,
    })
}

fn put_checksum(encoder: &mut Encoder, checksum: Option<&Checksum>) {
    encoder.optional_text(checksum.map(|sum| sum.algorithm.as_str()));
    encoder.optional_text(checksum.map(|sum| sum.value.as_str()));
}

fn take_checksum(decoder: &mut Decoder<'_>) -> Result<Option<Checksum>, Damaged> {
    let (algorithm, value) = (decoder.optional_text()?, decoder.optional_text()?);
    Ok(algorithm.zip(value).map(|(algorithm, value)| Checksum { algorithm, value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_row_is_read_back() {
        let row = VersionRow {
            null: true,
            marker: false,
            modified_ms: -5,
            etag: "abc-2".to_owned(),
            segments: vec![
                Segment { blob: BlobId(7), place: Place::File, offset: 3, len: u64::MAX },
                Segment { blob: BlobId(8), place: Place::Index, offset: 0, len: 1 },
            ],
            headers: Headers {
                content_type: Some("text/plain".to_owned()),
                metadata: vec![("a".to_owned(), "ü".to_owned())],
                ..Headers::default()
            },
            checksum: Some(Checksum { algorithm: "CRC32".to_owned(), value: "AAAA".to_owned() }),
        };
        assert_eq!(VersionRow::decode(&row.encode()).unwrap(), row);
    }

    #[test]
    fn another_layout_is_refused() {
        let error = BucketRow::decode(&[9, 1, 1, 1]).unwrap_err();
        insta::assert_snapshot!(error, @"index value of kind bucket is damaged at byte 1");
    }
}
