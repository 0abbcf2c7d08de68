//! Keys are names, never paths.

use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use super::Store;
use crate::endpoint_rig::{bytes, code};

#[tokio::test]
async fn any_text_is_a_key() {
    let store = Store::fresh().await;
    let mut keys = vec![
        "..",
        "../up",
        "a",
        "a/b",
        "a/",
        "a//b",
        "/a",
        "//",
        ".",
        "./a",
        "a/../b",
        "ä ö+ü%20",
        "日本",
        "a\tb",
        "a\nb",
        "\u{1}",
        "a\u{7f}",
        "<&>\"'",
        "\u{1F600}",
        "a b ",
        "?x=1&y",
        "#",
        "\\",
        "a%00b",
        "null",
    ];
    for key in &keys {
        store.put(key, key.as_bytes()).await;
    }
    for key in &keys {
        assert_eq!(store.read(key).await.expect(key).body, key.as_bytes(), "{key:?}");
    }
    let list = store.client.list_objects_v2().bucket(&store.bucket).encoding_type(EncodingType::Url);
    let listed = list.send().await.unwrap();
    let listed: Vec<String> = listed
        .contents()
        .iter()
        .map(|found| percent_decode_str(found.key().unwrap()).decode_utf8().unwrap().into_owned())
        .collect();
    keys.sort_unstable();
    assert_eq!(listed, keys, "in the order of their bytes");
}

#[tokio::test]
async fn a_key_has_at_most_1024_bytes() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    for key in ["k".repeat(1024), "ü".repeat(512), format!("{}/x", "d/".repeat(511))] {
        assert_eq!(key.len(), 1024);
        store.put(&key, b"x").await;
        assert!(store.read(&key).await.is_some());
    }
    let long = client.put_object().bucket(bucket).key("k".repeat(1025)).body(bytes(b"x")).send().await;
    assert_eq!(code(long), "KeyTooLongError");
}
