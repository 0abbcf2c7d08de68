//! Buckets.

use aws_sdk_s3::types::BucketVersioningStatus;

use super::Store;
use crate::endpoint_rig::code;

#[tokio::test]
async fn a_bucket_is_made_once_and_removed_when_empty() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    client.head_bucket().bucket(bucket).send().await.unwrap();
    assert_eq!(code(client.create_bucket().bucket(bucket).send().await), "BucketAlreadyOwnedByYou");
    client.put_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(code(client.delete_bucket().bucket(bucket).send().await), "BucketNotEmpty");
    client.delete_object().bucket(bucket).key("k").send().await.unwrap();
    client.create_multipart_upload().bucket(bucket).key("k").send().await.unwrap();
    client.delete_bucket().bucket(bucket).send().await.unwrap();
    assert_eq!(code(client.head_bucket().bucket(bucket).send().await), "NotFound");
    assert_eq!(code(client.list_objects_v2().bucket(bucket).send().await), "NoSuchBucket");
    assert_eq!(code(client.put_object().bucket(bucket).key("k").send().await), "NoSuchBucket");
    assert_eq!(code(client.get_object().bucket(bucket).key("k").send().await), "NoSuchBucket");
}

#[tokio::test]
async fn a_bucket_made_again_has_nothing_of_the_old_one() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    store.set_versioning(BucketVersioningStatus::Enabled).await;
    client.delete_bucket().bucket(bucket).send().await.unwrap();
    client.create_bucket().bucket(bucket).send().await.unwrap();
    assert_eq!(client.get_bucket_versioning().bucket(bucket).send().await.unwrap().status(), None);
}

#[tokio::test]
async fn buckets_are_listed_and_located() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    let listed = client.list_buckets().send().await.unwrap();
    assert!(listed.buckets().iter().any(|found| found.name() == Some(bucket)));
    client.get_bucket_location().bucket(bucket).send().await.unwrap();
}

#[tokio::test]
async fn versioning_is_shown_as_it_was_set() {
    let store = Store::fresh().await;
    for status in [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended] {
        store.set_versioning(status.clone()).await;
        let shown = store.client.get_bucket_versioning().bucket(&store.bucket).send().await.unwrap();
        assert_eq!(shown.status(), Some(&status));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_what_is_missing_is_named() {
    let rig = crate::endpoint_rig::Rig::start().await;
    let stranger = crate::endpoint_rig::client(&rig.endpoint.url(), crate::endpoint_rig::ACCESS_KEY, "wrong");
    assert_eq!(code(stranger.list_buckets().send().await), "SignatureDoesNotMatch");
    rig.client.create_bucket().bucket("some-bucket").send().await.unwrap();
    assert_eq!(code(rig.client.get_bucket_policy().bucket("some-bucket").send().await), "NotImplemented");
    let tagged = rig.client.put_object().bucket("some-bucket").key("k").tagging("a=b").send().await;
    assert_eq!(code(tagged), "NotImplemented");
}
