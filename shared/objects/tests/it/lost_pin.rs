//! What became of pinned content that a read was refused.

use bytes::Bytes;
use landfall_objects::{ObjectError, Pin, PinState, Put, PutOptions, ReadOptions, Versioning};

use crate::script::{Answer, Script};
use crate::store::{S3, connect, endpoint, read_all};

async fn put(s3: &S3, bucket: &str, body: &'static str) -> Put {
    s3.objects.put(bucket, "k", Bytes::from_static(body.as_bytes()), PutOptions::default()).await.unwrap()
}

/// What a pinned read fails with, if it fails.
async fn refusal(s3: &S3, bucket: &str, pin: &Pin) -> Option<ObjectError> {
    read_all(&s3.objects, (bucket, "k"), pin, ReadOptions::default()).await.err()
}

#[tokio::test]
async fn an_etag_that_was_overwritten_is_replaced_and_one_that_was_removed_is_gone() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let pin = Pin::etag(put(&s3, &bucket, "first").await.etag);
    assert_eq!(s3.objects.look_again(&bucket, "k", &pin).await.unwrap(), PinState::Current);

    let etag = put(&s3, &bucket, "second").await.etag;
    assert!(refusal(&s3, &bucket, &pin).await.unwrap().may_be_lost_pin());
    assert_eq!(s3.objects.look_again(&bucket, "k", &pin).await.unwrap(), PinState::Replaced { etag });

    s3.objects.delete(&bucket, "k", None).await.unwrap();
    assert!(refusal(&s3, &bucket, &pin).await.unwrap().may_be_lost_pin());
    assert_eq!(s3.objects.look_again(&bucket, "k", &pin).await.unwrap(), PinState::Gone);
}

#[tokio::test]
async fn a_pinned_version_is_current_until_it_is_removed_itself() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Enabled).await;
    let Put { etag, version_id, .. } = put(&s3, &bucket, "first").await;
    let pin = Pin { version_id: version_id.clone(), etag: Some(etag) };
    put(&s3, &bucket, "second").await;
    s3.objects.delete(&bucket, "k", None).await.unwrap();
    assert!(refusal(&s3, &bucket, &pin).await.is_none());
    assert_eq!(s3.objects.look_again(&bucket, "k", &pin).await.unwrap(), PinState::Current);

    s3.objects.delete(&bucket, "k", version_id.as_deref()).await.unwrap();
    assert!(refusal(&s3, &bucket, &pin).await.unwrap().may_be_lost_pin());
    assert_eq!(s3.objects.look_again(&bucket, "k", &pin).await.unwrap(), PinState::Gone);
}

#[tokio::test]
async fn a_pin_without_an_etag_names_whatever_is_there() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    assert_eq!(s3.objects.look_again(&bucket, "k", &Pin::default()).await.unwrap(), PinState::Gone);
    put(&s3, &bucket, "any").await;
    assert_eq!(s3.objects.look_again(&bucket, "k", &Pin::default()).await.unwrap(), PinState::Current);
}

#[tokio::test]
async fn a_store_that_does_not_answer_decides_nothing_and_is_asked_by_head() {
    for (status, code) in [(403, "AccessDenied"), (503, "SlowDown")] {
        let script = Script::serve(move |_| Answer::error(status, code)).await;
        let error = connect(script.url()).await.look_again("b", "k", &Pin::etag("e")).await.unwrap_err();
        assert!(!error.may_be_lost_pin(), "{error:?}");
        assert!(script.requests().iter().all(|request| request.method == "HEAD"));
    }
}
