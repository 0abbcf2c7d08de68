//! Conditional writes, odd keys, buckets.

use bytes::Bytes;
use futures::future::join_all;
use landfall_objects::{Condition, ObjectError, Pin, PutOptions, ReadOptions, Versioning};

use crate::store::{endpoint, read_all};

fn only(condition: Condition) -> PutOptions {
    PutOptions { condition, ..PutOptions::default() }
}

#[tokio::test]
async fn one_of_many_concurrent_first_writers_wins() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let racers = (0..8).map(|racer| {
        let (objects, bucket) = (s3.objects.clone(), bucket.clone());
        async move {
            let body = Bytes::from(format!("racer {racer}"));
            objects.put(&bucket, "race", body, only(Condition::IfAbsent)).await
        }
    });
    let results = join_all(racers).await;
    let winners: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    for loser in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(
            matches!(loser, ObjectError::PreconditionFailed { .. } | ObjectError::Conflict { .. }),
            "{loser:?}"
        );
    }
    assert_eq!(s3.objects.head(&bucket, "race", None).await.unwrap().etag, winners[0].etag);
}

#[tokio::test]
async fn a_write_over_a_named_content_needs_that_content() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let put = |body: &'static str, condition| {
        s3.objects.put(&bucket, "k", Bytes::from_static(body.as_bytes()), only(condition))
    };
    let first = put("one", Condition::Always).await.unwrap();
    let second = put("two", Condition::IfMatch(first.etag.clone())).await.unwrap();
    let late = put("three", Condition::IfMatch(first.etag)).await.unwrap_err();
    assert!(matches!(late, ObjectError::PreconditionFailed { .. }), "{late:?}");
    assert_eq!(s3.objects.head(&bucket, "k", None).await.unwrap().etag, second.etag);
    s3.objects.delete(&bucket, "k", None).await.unwrap();
    let absent = put("four", Condition::IfMatch(second.etag)).await.unwrap_err();
    assert!(matches!(absent, ObjectError::PreconditionFailed { .. }), "{absent:?}");
}

#[tokio::test]
async fn odd_keys_name_the_same_object_everywhere() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let mut keys = [
        "with blank/and+plus",
        "percent%41%2F",
        "\u{fc}n\u{ef}/\u{4e16}\u{754c} \u{1f680}",
        "dots/../up",
        "a//b/./c",
        "control\u{1}\nline",
        "quote'\"<&>;=?#[]@!$,()*~",
    ];
    keys.sort_unstable();
    for key in keys {
        let body = Bytes::from(format!("content of {key}"));
        let put = s3.objects.put(&bucket, key, body.clone(), only(Condition::IfAbsent)).await.unwrap();
        let head = s3.objects.head(&bucket, key, None).await.unwrap();
        assert_eq!(head.etag, put.etag, "{key}");
        let read = read_all(&s3.objects, (&bucket, key), &Pin::etag(put.etag), ReadOptions::default()).await;
        assert_eq!(read.unwrap(), body, "{key}");
    }
    let listed = s3.objects.list(&bucket, "", None).next().await.unwrap().unwrap();
    let listed: Vec<_> = listed.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(listed, keys);
    for key in keys {
        s3.objects.delete(&bucket, key, None).await.unwrap();
        assert!(s3.objects.head(&bucket, key, None).await.is_err(), "{key}");
    }
}

#[tokio::test]
async fn a_bucket_is_made_once_and_keeps_its_versions() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    assert_eq!(s3.objects.versioning(&bucket).await.unwrap(), Versioning::Unversioned);
    let all = join_all((0..4).map(|_| s3.objects.ensure_bucket(&bucket, Versioning::Enabled))).await;
    assert!(all.iter().all(|one| matches!(one, Ok(Versioning::Enabled))), "{all:?}");
    assert_eq!(
        s3.objects.ensure_bucket(&bucket, Versioning::Unversioned).await.unwrap(),
        Versioning::Enabled
    );
}
