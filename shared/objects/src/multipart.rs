//! Upload of a local file, in parts where it is large.

use std::fs::Metadata;
use std::io::{self, SeekFrom};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::classify::from_sdk;
use crate::connect::upload_timeouts;
use crate::head::{real_version, required_etag};
use crate::put::{Condition, FileUpload, Put};
use crate::{ObjectAt, ObjectError, ObjectStore};

const MIB: u64 = 1024 * 1024;
/// Up to here one request does.
const SINGLE: u64 = 16 * MIB;
const PART: u64 = 8 * MIB;
/// S3 takes no more parts.
const MAX_PARTS: u64 = 10_000;
/// Bytes of parts in memory, as long as the file's size allows parts this small.
const MEMORY: u64 = 24 * MIB;

pub(crate) async fn put_file(
    store: &ObjectStore,
    at: ObjectAt,
    upload: FileUpload<'_>,
) -> Result<Put, ObjectError> {
    let before = stat(&at, &upload).await?;
    if before.len() <= SINGLE {
        let body = read_part(&at, &upload, (0, before.len())).await?;
        unchanged(&at, &upload, &before).await?;
        let put = store.put(at.bucket(), at.key(), body, upload.options.clone()).await?;
        upload.report(before.len());
        return Ok(put);
    }
    let multipart = Multipart::begin(store.client(), at, &upload).await?;
    let result = multipart.fill(&upload, &before).await;
    multipart.end(&upload.options.condition, result).await
}

/// Offsets and lengths of the parts of a file.
fn cut(size: u64) -> (u64, Vec<(u64, u64)>) {
    let part = size.div_ceil(MAX_PARTS).next_multiple_of(MIB).max(PART);
    let mut parts = Vec::new();
    let mut offset = 0;
    while offset < size {
        let length = part.min(size.saturating_sub(offset));
        parts.push((offset, length));
        offset = offset.saturating_add(length);
    }
    (part, parts)
}

/// An upload that has begun. Dropped before its end it is aborted, so that no paid parts stay.
struct Multipart {
    client: Client,
    at: ObjectAt,
    upload_id: String,
    ended: bool,
}

impl Multipart {
    async fn begin(client: &Client, at: ObjectAt, upload: &FileUpload<'_>) -> Result<Self, ObjectError> {
        let options = &upload.options;
        let answer = client
            .create_multipart_upload()
            .bucket(at.bucket())
            .key(at.key())
            .set_metadata(Some(options.metadata.clone().into_iter().collect()))
            .set_content_type(options.content_type.clone())
            .send()
            .await
            .map_err(|error| from_sdk(&at, error))?;
        let upload_id = answer
            .upload_id
            .ok_or_else(|| ObjectError::nonsense(&at, "the answer names no multipart upload"))?;
        Ok(Self { client: client.clone(), at, upload_id, ended: false })
    }

    /// Sends all parts and checks that the file is still the one that was begun.
    async fn fill(
        &self,
        upload: &FileUpload<'_>,
        before: &Metadata,
    ) -> Result<Vec<CompletedPart>, ObjectError> {
        let (part, cuts) = cut(before.len());
        let parallel = usize::try_from(MEMORY.checked_div(part).unwrap_or(1)).unwrap_or(1).max(1);
        let mut sent = stream::iter((1_i32..).zip(cuts))
            .map(|(number, cut)| async move {
                let body = read_part(&self.at, upload, cut).await?;
                Ok::<_, ObjectError>((self.send(number, body).await?, cut.1))
            })
            .buffered(parallel);
        let (mut parts, mut confirmed) = (Vec::new(), 0_u64);
        while let Some((part, length)) = sent.try_next().await? {
            parts.push(part);
            confirmed = confirmed.saturating_add(length);
            upload.report(confirmed);
        }
        unchanged(&self.at, upload, before).await?;
        Ok(parts)
    }

    async fn send(&self, number: i32, body: Bytes) -> Result<CompletedPart, ObjectError> {
        let answer = self
            .client
            .upload_part()
            .bucket(self.at.bucket())
            .key(self.at.key())
            .upload_id(&self.upload_id)
            .part_number(number)
            .body(ByteStream::from(body))
            .customize()
            .config_override(Builder::new().timeout_config(upload_timeouts()))
            .send()
            .await
            .map_err(|error| from_sdk(&self.at, error))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(answer.e_tag)
            .set_checksum_crc32(answer.checksum_crc32)
            .set_checksum_crc32_c(answer.checksum_crc32_c)
            .set_checksum_crc64_nvme(answer.checksum_crc64_nvme)
            .build())
    }

    /// Makes the object appear, or takes the parts back.
    async fn end(
        mut self,
        condition: &Condition,
        parts: Result<Vec<CompletedPart>, ObjectError>,
    ) -> Result<Put, ObjectError> {
        let result = match parts {
            Ok(parts) => self.complete(condition, parts).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            abort(self.client.clone(), self.at.clone(), self.upload_id.clone()).await;
        }
        self.ended = true;
        result
    }

    async fn complete(&self, condition: &Condition, parts: Vec<CompletedPart>) -> Result<Put, ObjectError> {
        let (if_none_match, if_match) = condition.headers();
        let answer = self
            .client
            .complete_multipart_upload()
            .bucket(self.at.bucket())
            .key(self.at.key())
            .upload_id(&self.upload_id)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .customize()
            .config_override(Builder::new().timeout_config(upload_timeouts()))
            .send()
            .await
            .map_err(|error| condition.judge(from_sdk(&self.at, error)))?;
        let etag = required_etag(&self.at, answer.e_tag())?;
        Ok(Put { etag, version_id: real_version(answer.version_id) })
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if !self.ended
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(abort(self.client.clone(), self.at.clone(), self.upload_id.clone()));
        }
    }
}

/// Takes the parts back. A failure is only told: the first error matters more, and the bucket's
/// lifecycle rule removes what stays.
async fn abort(client: Client, at: ObjectAt, upload_id: String) {
    let request = client.abort_multipart_upload().bucket(at.bucket()).key(at.key()).upload_id(upload_id);
    if let Err(error) = request.send().await.map_err(|error| from_sdk(&at, error)) {
        tracing::warn!(
            object.bucket = at.bucket(),
            object.key = at.key(),
            error = &error as &dyn std::error::Error,
            "a multipart upload stays unfinished"
        );
    }
}

async fn stat(at: &ObjectAt, upload: &FileUpload<'_>) -> Result<Metadata, ObjectError> {
    tokio::fs::metadata(upload.path).await.map_err(|source| local(at, upload, source))
}

/// A file that is still written to must not land half.
async fn unchanged(at: &ObjectAt, upload: &FileUpload<'_>, before: &Metadata) -> Result<(), ObjectError> {
    let after = stat(at, upload).await?;
    if after.len() == before.len() && after.modified().ok() == before.modified().ok() {
        return Ok(());
    }
    Err(local(at, upload, io::Error::other("the file changed while it was uploaded")))
}

async fn read_part(
    at: &ObjectAt,
    upload: &FileUpload<'_>,
    (offset, length): (u64, u64),
) -> Result<Bytes, ObjectError> {
    let read = async {
        let mut file = File::open(upload.path).await?;
        file.seek(SeekFrom::Start(offset)).await?;
        let capacity = usize::try_from(length).map_err(io::Error::other)?;
        let mut part = BytesMut::with_capacity(capacity);
        let mut rest = file.take(length);
        while rest.read_buf(&mut part).await? > 0 {}
        if part.len() == capacity { Ok(part.freeze()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    };
    read.await.map_err(|source| local(at, upload, source))
}

fn local(at: &ObjectAt, upload: &FileUpload<'_>, source: io::Error) -> ObjectError {
    ObjectError::LocalFile { at: Box::new(at.clone()), path: upload.path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_cover_the_file_without_gaps_and_are_never_too_many() {
        for size in
            [SINGLE + 1, 3 * PART, 3 * PART + 1, 80_000 * MIB, 80_000 * MIB + 1, 5 * 1024 * 1024 * MIB]
        {
            let (part, parts) = cut(size);
            assert!(part >= PART && parts.len() as u64 <= MAX_PARTS, "{size}");
            let mut next = 0;
            for (offset, length) in parts {
                assert_eq!(offset, next);
                assert!(length > 0 && length <= part);
                next += length;
            }
            assert_eq!(next, size);
        }
    }
}
