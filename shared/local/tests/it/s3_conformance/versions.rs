//! Versioned, unversioned and suspended buckets.

use aws_sdk_s3::types::BucketVersioningStatus::{Enabled, Suspended};

use super::Store;
use crate::endpoint_rig::{bytes, code, quoted, read_version};

/// Versions and markers of a bucket in listing order, by pages of `limit`: key, version id, latest, marker.
async fn listed(store: &Store, limit: i32) -> Vec<(String, String, bool, bool)> {
    let (mut found, mut key, mut version) = (Vec::new(), None, None);
    loop {
        let list = store.client.list_object_versions().bucket(&store.bucket).max_keys(limit);
        let page = list.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
        let text = |value: Option<&str>| value.unwrap().to_owned();
        let mut rows: Vec<_> = page
            .versions()
            .iter()
            .map(|v| (text(v.key()), text(v.version_id()), v.is_latest().unwrap(), false))
            .chain(
                page.delete_markers()
                    .iter()
                    .map(|m| (text(m.key()), text(m.version_id()), m.is_latest().unwrap(), true)),
            )
            .collect();
        assert!(rows.len() <= usize::try_from(limit).unwrap());
        // Newest first; ids grow with time, and these tests have no `null` among others of a key on one page.
        rows.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        found.extend(rows);
        if page.is_truncated() != Some(true) {
            return in_comparable_order(store, found);
        }
        key = page.next_key_marker().map(str::to_owned);
        version = page.next_version_id_marker().map(str::to_owned);
    }
}

/// The embedded endpoint's ids grow, so that the order of what was listed can be told from them. Those of other stores
/// need not: then only what was listed is compared.
fn in_comparable_order<T: Ord>(store: &Store, mut rows: Vec<T>) -> Vec<T> {
    if store.rig.is_none() {
        rows.sort();
    }
    rows
}

#[tokio::test]
async fn every_write_to_a_versioned_bucket_adds_a_version_that_stays() {
    let store = Store::versioned().await;
    let Store { client, bucket, .. } = &store;
    let first = store.put("k", b"one").await.1.unwrap();
    let second = store.put("k", b"two").await.1.unwrap();
    assert!(first < second || store.rig.is_none(), "ids grow");
    let marker = client.delete_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(marker.delete_marker(), Some(true));
    let marker = marker.version_id().unwrap().to_owned();

    assert_eq!(code(client.get_object().bucket(bucket).key("k").send().await), "NoSuchKey");
    assert_eq!(read_version(client, bucket, "k", Some(&first)).await.unwrap().body, b"one");
    assert_eq!(read_version(client, bucket, "k", Some(&second)).await.unwrap().body, b"two");
    let of_marker = client.get_object().bucket(bucket).key("k").version_id(&marker).send().await;
    assert_eq!(code(of_marker), "MethodNotAllowed");
    assert!(client.list_objects_v2().bucket(bucket).send().await.unwrap().contents().is_empty());

    let expected = vec![
        ("k".to_owned(), marker.clone(), true, true),
        ("k".to_owned(), second.clone(), false, false),
        ("k".to_owned(), first.clone(), false, false),
    ];
    let expected = in_comparable_order(&store, expected);
    for limit in [1, 2, 3, 1000] {
        assert_eq!(listed(&store, limit).await, expected, "pages of {limit}");
    }
    let removed = client.delete_object().bucket(bucket).key("k").version_id(&marker).send().await.unwrap();
    assert_eq!((removed.delete_marker(), removed.version_id()), (Some(true), Some(marker.as_str())));
    assert_eq!(store.read("k").await.unwrap().version, Some(second.clone()));
    client.delete_object().bucket(bucket).key("k").version_id(&second).send().await.unwrap();
    assert_eq!(store.read("k").await.unwrap().body, b"one");
    assert!(read_version(client, bucket, "k", Some(&second)).await.is_none());
}

#[tokio::test]
async fn a_deleted_key_that_never_was_gets_a_marker() {
    let store = Store::versioned().await;
    store.client.delete_object().bucket(&store.bucket).key("k").send().await.unwrap();
    assert_eq!(listed(&store, 1000).await.len(), 1);
}

#[tokio::test]
async fn a_suspended_bucket_replaces_only_the_version_without_an_id() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    assert_eq!(store.put("k", b"before").await.1, None);
    store.set_versioning(Enabled).await;
    let id = store.put("k", b"versioned").await.1.unwrap();
    assert_eq!(read_version(client, bucket, "k", Some("null")).await.unwrap().body, b"before");
    store.set_versioning(Suspended).await;
    assert_eq!(store.put("k", b"suspended").await.1.as_deref(), Some("null"));
    assert_eq!(store.read("k").await.unwrap().body, b"suspended");
    assert_eq!(read_version(client, bucket, "k", Some("null")).await.unwrap().body, b"suspended");
    assert_eq!(read_version(client, bucket, "k", Some(&id)).await.unwrap().body, b"versioned");
    let marker = client.delete_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!((marker.delete_marker(), marker.version_id()), (Some(true), Some("null")));
    assert!(store.read("k").await.is_none());
    client.delete_object().bucket(bucket).key("k").version_id("null").send().await.unwrap();
    assert_eq!(store.read("k").await.unwrap().version, Some(id));
}

#[tokio::test]
async fn a_copy_takes_the_version_it_names() {
    let store = Store::versioned().await;
    let Store { client, bucket, .. } = &store;
    let first = store.put("k", b"one").await.1.unwrap();
    store.put("k", b"two").await;
    let from = format!("{bucket}/k?versionId={first}");
    let copied = client.copy_object().bucket(bucket).key("k").copy_source(from).send().await.unwrap();
    assert_eq!(copied.copy_source_version_id(), Some(first.as_str()));
    assert_eq!(store.read("k").await.unwrap().body, b"one");
    assert_eq!(listed(&store, 2).await.len(), 3);
}

#[tokio::test]
async fn versions_are_listed_with_delimiter_and_prefix() {
    let store = Store::versioned().await;
    for key in ["a/1", "a/1", "a/2", "b", "b", "c/1"] {
        store.put(key, b"x").await;
    }
    let page = store.client.list_object_versions().bucket(&store.bucket).delimiter("/").send().await.unwrap();
    assert_eq!(page.versions().len(), 2);
    assert_eq!(page.common_prefixes().iter().filter_map(|p| p.prefix()).collect::<Vec<_>>(), ["a/", "c/"]);
    let page = store.client.list_object_versions().bucket(&store.bucket).prefix("a/").send().await.unwrap();
    assert_eq!(page.versions().len(), 3);
}

#[tokio::test]
async fn conditions_on_a_versioned_bucket_look_at_the_newest_version() {
    let store = Store::versioned().await;
    let Store { client, bucket, .. } = &store;
    let (old, id) = store.put("k", b"one").await;
    let (new, _) = store.put("k", b"two").await;
    let delete = |etag: &str| client.delete_object().bucket(bucket).key("k").if_match(quoted(etag)).send();
    assert_eq!(code(delete(&old).await), "PreconditionFailed");
    delete(&new).await.unwrap();
    let pinned = client.get_object().bucket(bucket).key("k").version_id(id.unwrap()).if_match(quoted(&old));
    pinned.send().await.unwrap();
    client.put_object().bucket(bucket).key("k").if_none_match("*").body(bytes(b"3")).send().await.unwrap();
}

#[tokio::test]
async fn an_unknown_version_is_absent_and_its_deletion_is_nothing() {
    let store = Store::versioned().await;
    let Store { client, bucket, .. } = &store;
    store.put("k", b"one").await;
    let unknown = "0000000000ffffff0000000000000000";
    assert!(read_version(client, bucket, "k", Some(unknown)).await.is_none());
    client.delete_object().bucket(bucket).key("k").version_id(unknown).send().await.unwrap();
    assert_eq!(listed(&store, 1000).await.len(), 1);
}
