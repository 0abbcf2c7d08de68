//! The S3 endpoint of the tests, and reads of it.

use std::sync::Arc;

use bytes::Bytes;
use landfall_domain::SystemClock;
use landfall_local::endpoint::{Endpoint, EndpointConfig, NoEvents};
use landfall_objects::{
    Condition, ObjectError, ObjectStore, Pin, PutOptions, ReadOptions, Settings, StaticCredentials,
    Versioning,
};
use tempfile::TempDir;

/// A real S3 endpoint: the embedded one, of this test alone, unless another is named.
pub struct S3 {
    pub objects: ObjectStore,
    _embedded: Option<(Endpoint, TempDir)>,
}

impl S3 {
    /// A new bucket of this test.
    pub async fn bucket(&self, versioning: Versioning) -> String {
        let bucket = format!("t{:016x}", rand::random::<u64>());
        assert_eq!(self.objects.ensure_bucket(&bucket, versioning).await.unwrap(), versioning);
        bucket
    }
}

/// The endpoint of a test. `LANDFALL_TEST_S3_ENDPOINT` names another one, with the key pair `test`, `test`.
pub async fn endpoint() -> S3 {
    if let Ok(url) = std::env::var("LANDFALL_TEST_S3_ENDPOINT") {
        return S3 { objects: connect(url).await, _embedded: None };
    }
    let folder = tempfile::tempdir().unwrap();
    let config = EndpointConfig::new(folder.path(), "test", "test");
    let endpoint = Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await.unwrap();
    S3 { objects: connect(endpoint.url()).await, _embedded: Some((endpoint, folder)) }
}

/// Connects as the product does.
pub async fn connect(url: String) -> ObjectStore {
    let settings = Settings {
        endpoint: Some(url),
        region: Some("us-east-1".to_owned()),
        credentials: Some(StaticCredentials::new("test", "test")),
        force_path_style: true,
    };
    ObjectStore::connect(&settings).await
}

/// Bytes that differ everywhere, so that a part in a wrong place shows.
pub fn pattern(size: usize) -> Bytes {
    (0..size as u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

/// Small parts, so that small objects have many.
pub fn small_parts(part_bytes: u64, parts: u64) -> ReadOptions {
    ReadOptions { part_bytes, window_bytes: part_bytes * parts, ..ReadOptions::default() }
}

/// Reads all, or to the first error.
pub async fn read_all(
    objects: &ObjectStore,
    (bucket, key): (&str, &str),
    pin: &Pin,
    options: ReadOptions,
) -> Result<Bytes, ObjectError> {
    let mut read = objects.read(bucket, key, pin, options).await?;
    let mut all = Vec::new();
    while let Some(part) = read.next().await? {
        all.extend_from_slice(&part);
    }
    assert_eq!(read.delivered(), all.len() as u64);
    Ok(all.into())
}

#[tokio::test]
async fn objects_of_all_sizes_around_a_part_boundary_are_read_whole() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    for size in [0, 1, 99, 100, 101, 199, 200, 201, 300, 1000, 1001] {
        let content = pattern(size);
        let put = s3.objects.put(&bucket, "sized", content.clone(), PutOptions::default()).await.unwrap();
        let pin = Pin::etag(put.etag);
        let read = read_all(&s3.objects, (&bucket, "sized"), &pin, small_parts(100, 3)).await.unwrap();
        assert_eq!(read, content, "{size}");
    }
}

#[tokio::test]
async fn the_first_request_of_a_read_brings_head_and_metadata() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let options = PutOptions {
        metadata: [("Customer".to_owned(), "c-17".to_owned()), ("source-host".to_owned(), "a b".to_owned())]
            .into(),
        content_type: Some("application/gzip".to_owned()),
        condition: Condition::Always,
    };
    let put = s3.objects.put(&bucket, "k", pattern(250), options).await.unwrap();
    let head = s3.objects.head(&bucket, "k", None).await.unwrap();
    assert_eq!((head.size, &head.etag, &head.version_id), (250, &put.etag, &None));
    assert_eq!(head.content_type.as_deref(), Some("application/gzip"));
    insta::assert_debug_snapshot!(head.metadata, @r#"
    {
        "customer": "c-17",
        "source-host": "a b",
    }
    "#);
    let mut read = s3.objects.read(&bucket, "k", &head.pin(), small_parts(100, 1)).await.unwrap();
    assert_eq!(read.head(), &head);
    assert_eq!(read.requests(), 1);
    while read.next().await.unwrap().is_some() {}
    assert_eq!((read.requests(), read.bytes_fetched()), (3, 250));
}

#[tokio::test]
async fn an_empty_object_is_read_and_still_pinned() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let put = s3.objects.put(&bucket, "empty", Bytes::new(), PutOptions::default()).await.unwrap();
    let mut read =
        s3.objects.read(&bucket, "empty", &Pin::etag(put.etag), ReadOptions::default()).await.unwrap();
    assert_eq!(read.head().size, 0);
    assert_eq!(read.next().await.unwrap(), None);
    let error =
        s3.objects.read(&bucket, "empty", &Pin::etag("other"), ReadOptions::default()).await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
}

#[tokio::test]
async fn an_object_replaced_in_the_middle_of_a_read_fails_the_pin() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    s3.objects.put(&bucket, "k", pattern(1000), PutOptions::default()).await.unwrap();
    let mut read = s3.objects.read(&bucket, "k", &Pin::default(), small_parts(100, 1)).await.unwrap();
    assert_eq!(read.next().await.unwrap().unwrap(), pattern(1000)[..100]);
    s3.objects.put(&bucket, "k", pattern(999), PutOptions::default()).await.unwrap();
    let error = read.next().await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
    assert!(read.next().await.is_err(), "an error is never followed by an end");
}

#[tokio::test]
async fn a_pinned_version_is_read_on_after_a_newer_one_took_over() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Enabled).await;
    let first = s3.objects.put(&bucket, "k", pattern(1000), PutOptions::default()).await.unwrap();
    let version = first.version_id.unwrap();
    s3.objects.put(&bucket, "k", pattern(5), PutOptions::default()).await.unwrap();
    s3.objects.delete(&bucket, "k", None).await.unwrap();
    let pin = Pin::version(&version);
    let read = read_all(&s3.objects, (&bucket, "k"), &pin, ReadOptions::default()).await.unwrap();
    assert_eq!(read, pattern(1000));
    assert_eq!(s3.objects.head(&bucket, "k", Some(&version)).await.unwrap().version_id, Some(version));
    let error = s3.objects.head(&bucket, "k", None).await.unwrap_err();
    assert!(matches!(error, ObjectError::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn a_range_is_read_exactly_or_not_at_all() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let put = s3.objects.put(&bucket, "k", pattern(1000), PutOptions::default()).await.unwrap();
    let pin = Pin::etag(put.etag);
    let range = |range| s3.objects.read_range(&bucket, "k", &pin, range);
    assert_eq!(range(250..777).await.unwrap(), pattern(1000)[250..777]);
    assert_eq!(range(0..1000).await.unwrap(), pattern(1000));
    assert_eq!(range(999..1000).await.unwrap(), pattern(1000)[999..]);
    assert_eq!(range(500..500).await.unwrap(), Bytes::new());
    for beyond in [900..1001, 1000..1001, 2000..3000] {
        let error = range(beyond).await.unwrap_err();
        assert!(matches!(error, ObjectError::OutOfRange { size: 1000, .. }), "{error:?}");
        assert!(!error.is_retryable());
    }
    let options = ReadOptions { range: Some(130..870), ..small_parts(100, 3) };
    assert_eq!(read_all(&s3.objects, (&bucket, "k"), &pin, options).await.unwrap(), pattern(1000)[130..870]);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let read = |bucket: &str| {
        let (objects, bucket) = (s3.objects.clone(), bucket.to_owned());
        async move { read_all(&objects, (&bucket, "none"), &Pin::default(), ReadOptions::default()).await }
    };
    let absent = read(&bucket).await.unwrap_err();
    assert!(matches!(absent, ObjectError::NotFound { .. }), "{absent:?}");
    assert_eq!(absent.to_string(), format!("get s3://{bucket}/none: no such object or version"));
    let no_bucket = read("no-such-bucket-here").await.unwrap_err();
    assert!(matches!(no_bucket, ObjectError::NoSuchBucket { .. }), "{no_bucket:?}");
    s3.objects.delete(&bucket, "none", None).await.unwrap();
}
