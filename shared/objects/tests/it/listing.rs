//! Listings against the real store.

use std::fmt::Write as _;

use bytes::Bytes;
use landfall_objects::{ListedVersion, PutOptions, Versioning};

use crate::store::{S3, endpoint};

async fn put(s3: &S3, bucket: &str, key: &str, body: &str) {
    s3.objects
        .put(bucket, key, Bytes::copy_from_slice(body.as_bytes()), PutOptions::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    for number in 0..23 {
        put(&s3, &bucket, &format!("in/{number:02} +\u{e9}"), "x").await;
    }
    put(&s3, &bucket, "other/1", "y").await;
    let mut pages = s3.objects.list(&bucket, "in/", None).page_size(10);
    let (mut sizes, mut keys) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        sizes.push(page.len());
        keys.extend(page.into_iter().map(|one| one.key));
    }
    assert_eq!(sizes, [10, 10, 3]);
    let expected: Vec<_> = (0..23).map(|number| format!("in/{number:02} +\u{e9}")).collect();
    assert_eq!(keys, expected);

    let mut behind = s3.objects.list(&bucket, "in/", Some("in/20 +\u{e9}"));
    let page = behind.next().await.unwrap().unwrap();
    let keys: Vec<_> = page.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["in/21 +\u{e9}", "in/22 +\u{e9}"]);
    assert!(behind.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_listing_and_a_head_name_the_same_thing() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    put(&s3, &bucket, "k", "content").await;
    let listed = s3.objects.list(&bucket, "", None).next().await.unwrap().unwrap().remove(0);
    let head = s3.objects.head(&bucket, "k", None).await.unwrap();
    assert_eq!((listed.etag, listed.size), (head.etag, head.size));
    assert_eq!(listed.last_modified.timestamp(), head.last_modified.timestamp());
    assert!(s3.objects.list(&bucket, "none/", None).next().await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn versions_and_delete_markers_come_by_key_and_newest_first() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Enabled).await;
    put(&s3, &bucket, "a", "1").await;
    put(&s3, &bucket, "a", "22").await;
    s3.objects.delete(&bucket, "a", None).await.unwrap();
    put(&s3, &bucket, "b", "333").await;
    let all = s3.objects.list_versions(&bucket, "", None).next().await.unwrap().unwrap();
    let mut shown = String::new();
    for ListedVersion { key, size, is_latest, delete_marker, .. } in &all {
        writeln!(shown, "{key}: {size} bytes, latest {is_latest}, marker {delete_marker}").unwrap();
    }
    insta::assert_snapshot!(shown, @r"
    a: 0 bytes, latest true, marker true
    a: 2 bytes, latest false, marker false
    a: 1 bytes, latest false, marker false
    b: 3 bytes, latest true, marker false
    ");
    assert!(all.iter().all(|one| one.version_id.is_some() && one.etag.is_none() == one.delete_marker));

    let mut paged = Vec::new();
    let mut pages = s3.objects.list_versions(&bucket, "", None).page_size(1);
    while let Some(page) = pages.next().await.unwrap() {
        paged.extend(page);
    }
    assert_eq!(paged, all);
    let behind = s3.objects.list_versions(&bucket, "", Some("a")).next().await.unwrap().unwrap();
    assert_eq!(behind, all[3..]);
}
