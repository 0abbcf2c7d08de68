//! Pinned copies and deletes: other content that came under the key is left where it is.

use bytes::Bytes;
use landfall_objects::{ObjectError, ObjectStore, Pin, Put, PutOptions, ReadOptions, Versioning};

use crate::store::{endpoint, read_all};

async fn put(objects: &ObjectStore, bucket: &str, key: &str, body: &'static str) -> Put {
    objects.put(bucket, key, Bytes::from_static(body.as_bytes()), PutOptions::default()).await.unwrap()
}

fn pin(put: &Put) -> Pin {
    Pin { version_id: put.version_id.clone(), etag: Some(put.etag.clone()) }
}

async fn content(objects: &ObjectStore, bucket: &str, key: &str) -> Option<Bytes> {
    match objects.head(bucket, key, None).await {
        Ok(head) => {
            Some(read_all(objects, (bucket, key), &head.pin(), ReadOptions::default()).await.unwrap())
        }
        Err(ObjectError::NotFound { .. }) => None,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_move_takes_exactly_what_was_pinned() {
    for versioning in [Versioning::Unversioned, Versioning::Enabled] {
        let s3 = endpoint().await;
        let bucket = s3.bucket(versioning).await;
        let key = "in/a b+c%41.csv";
        let first = put(&s3.objects, &bucket, key, "one").await;
        let copied = s3.objects.copy_pinned(&bucket, (key, &pin(&first)), "out/a.csv").await.unwrap();
        assert_eq!(copied.etag, first.etag);
        s3.objects.delete_pinned(&bucket, key, &pin(&first)).await.unwrap();
        assert_eq!(content(&s3.objects, &bucket, key).await, None, "{versioning:?}");
        assert_eq!(content(&s3.objects, &bucket, "out/a.csv").await.unwrap(), "one");
        s3.objects.delete_pinned(&bucket, key, &pin(&first)).await.expect("deleting again is no failure");
    }
}

#[tokio::test]
async fn content_that_replaced_the_pinned_one_is_neither_copied_nor_deleted() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let first = put(&s3.objects, &bucket, "k", "one").await;
    put(&s3.objects, &bucket, "k", "two").await;
    let copy = s3.objects.copy_pinned(&bucket, ("k", &pin(&first)), "out").await.unwrap_err();
    assert!(matches!(copy, ObjectError::PreconditionFailed { .. }), "{copy:?}");
    assert_eq!(content(&s3.objects, &bucket, "out").await, None);
    let delete = s3.objects.delete_pinned(&bucket, "k", &pin(&first)).await.unwrap_err();
    assert!(matches!(delete, ObjectError::PreconditionFailed { .. }), "{delete:?}");
    assert_eq!(content(&s3.objects, &bucket, "k").await.unwrap(), "two");
}

#[tokio::test]
async fn of_a_key_with_versions_only_the_pinned_one_is_moved() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Enabled).await;
    let first = put(&s3.objects, &bucket, "k", "one").await;
    put(&s3.objects, &bucket, "k", "two").await;
    s3.objects.copy_pinned(&bucket, ("k", &pin(&first)), "out").await.unwrap();
    s3.objects.delete_pinned(&bucket, "k", &pin(&first)).await.unwrap();
    assert_eq!(content(&s3.objects, &bucket, "out").await.unwrap(), "one");
    assert_eq!(content(&s3.objects, &bucket, "k").await.unwrap(), "two");
    let gone = s3.objects.copy_pinned(&bucket, ("k", &pin(&first)), "out").await.unwrap_err();
    assert!(matches!(gone, ObjectError::NotFound { .. }), "{gone:?}");
}
