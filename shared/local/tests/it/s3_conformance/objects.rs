//! Put, get, head, copy, delete.

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};

use super::Store;
use crate::endpoint_rig::{bare, bytes, code, pattern};

#[tokio::test]
async fn an_object_comes_back_with_all_that_went_with_it() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    let expires = DateTime::from_str("Wed, 21 Oct 2026 07:28:00 GMT", DateTimeFormat::HttpDate).unwrap();
    let call = client.put_object().bucket(bucket).key("k").body(bytes(b"hello"));
    let call =
        call.content_type("text/csv").content_encoding("gzip").cache_control("no-store").expires(expires);
    let call = call.content_disposition("attachment").content_language("en");
    call.metadata("customer", "north").send().await.unwrap();
    let got = client.get_object().bucket(bucket).key("k").send().await.unwrap();
    let shown = (
        got.content_type().unwrap(),
        got.content_encoding().unwrap(),
        got.cache_control().unwrap(),
        got.content_disposition().unwrap(),
        got.content_language().unwrap(),
        got.expires_string().unwrap(),
        got.content_length().unwrap(),
        bare(got.e_tag()),
    );
    insta::assert_debug_snapshot!(shown, @r#"
    (
        "text/csv",
        "gzip",
        "no-store",
        "attachment",
        "en",
        "Wed, 21 Oct 2026 07:28:00 GMT",
        5,
        "5d41402abc4b2a76b9719d911017c592",
    )
    "#);
    assert_eq!(got.metadata().unwrap()["customer"], "north");
    assert_eq!(got.version_id(), None);
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello");
}

#[tokio::test]
async fn every_size_comes_back_byte_for_byte() {
    let store = Store::fresh().await;
    for len in [0, 1, 4096, 65_535, 65_536, 65_537, 524_288, 1_500_000, 9_000_000] {
        let body = pattern(len, 7);
        store.put("k", &body).await;
        let seen = store.read("k").await.unwrap();
        assert!(seen.body == body, "{len} bytes");
        let head = store.client.head_object().bucket(&store.bucket).key("k").send().await.unwrap();
        assert_eq!(head.content_length(), Some(i64::try_from(len).unwrap()));
        assert_eq!(bare(head.e_tag()), seen.etag);
    }
}

#[tokio::test]
async fn ranges_give_their_part_or_416() {
    for len in [10_usize, 1_200_000] {
        let Store { client, bucket, .. } = &Store::fresh().await;
        let body = pattern(len, 1);
        client.put_object().bucket(bucket).key("k").body(bytes(&body)).send().await.unwrap();
        let cases = [
            ("bytes=0-3".to_owned(), 0..4),
            ("bytes=4-4".to_owned(), 4..5),
            ("bytes=5-".to_owned(), 5..len),
            (format!("bytes=3-{}", len + 99), 3..len),
            ("bytes=-4".to_owned(), len - 4..len),
            (format!("bytes=-{}", len + 99), 0..len),
            (format!("bytes={}-{}", len / 2, len - 2), len / 2..len - 1),
        ];
        for (range, expected) in cases {
            let got = client.get_object().bucket(bucket).key("k").range(&range).send().await.unwrap();
            let shown = format!("bytes {}-{}/{len}", expected.start, expected.end - 1);
            assert_eq!(got.content_range(), Some(shown.as_str()), "{range}");
            assert!(got.body.collect().await.unwrap().to_vec() == body[expected], "{range}");
        }
        for range in [format!("bytes={len}-"), "bytes=-0".to_owned()] {
            let refused = client.get_object().bucket(bucket).key("k").range(&range).send().await;
            assert_eq!(code(refused), "InvalidRange", "{range}");
        }
    }
}

#[tokio::test]
async fn the_empty_object_has_no_satisfiable_range() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    client.put_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(
        code(client.get_object().bucket(bucket).key("k").range("bytes=0-").send().await),
        "InvalidRange"
    );
}

#[tokio::test]
async fn what_is_absent_is_named() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    assert_eq!(code(client.get_object().bucket(bucket).key("k").send().await), "NoSuchKey");
    assert_eq!(code(client.head_object().bucket(bucket).key("k").send().await), "NotFound");
    client.delete_object().bucket(bucket).key("k").send().await.unwrap();
    let copy = client.copy_object().bucket(bucket).key("to").copy_source(format!("{bucket}/k"));
    assert_eq!(code(copy.send().await), "NoSuchKey");
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_goes_with_it_and_outlives_its_source() {
    for len in [100_usize, 200_000] {
        let store = Store::fresh().await;
        let Store { client, bucket, .. } = &store;
        let body = pattern(len, 3);
        let source = client.put_object().bucket(bucket).key("from/ü +%.bin").body(bytes(&body));
        source.content_type("text/plain").metadata("a", "1").send().await.unwrap();
        let named = format!("{bucket}/from/%C3%BC%20%2B%25.bin");
        client.copy_object().bucket(bucket).key("kept").copy_source(&named).send().await.unwrap();
        let replaced = client.copy_object().bucket(bucket).key("replaced").copy_source(&named);
        let replaced = replaced.metadata_directive(MetadataDirective::Replace).metadata("b", "2");
        replaced.content_type("text/html").send().await.unwrap();
        client.delete_object().bucket(bucket).key("from/ü +%.bin").send().await.unwrap();
        store.put("kept-too", b"other").await;

        let kept = client.get_object().bucket(bucket).key("kept").send().await.unwrap();
        assert_eq!((kept.content_type(), kept.metadata().unwrap()["a"].as_str()), (Some("text/plain"), "1"));
        assert!(kept.body.collect().await.unwrap().to_vec() == body);
        let replaced = client.get_object().bucket(bucket).key("replaced").send().await.unwrap();
        assert_eq!((replaced.content_type(), replaced.metadata().unwrap().len()), (Some("text/html"), 1));
        client.delete_object().bucket(bucket).key("kept").send().await.unwrap();
        assert!(replaced.body.collect().await.unwrap().to_vec() == body);
        assert!(store.read("replaced").await.unwrap().body == body);
    }
}

#[tokio::test]
async fn a_copy_to_itself_needs_new_metadata() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let body = pattern(100_000, 3);
    store.put("k", &body).await;
    let copy = || client.copy_object().bucket(bucket).key("k").copy_source(format!("{bucket}/k"));
    assert_eq!(code(copy().send().await), "InvalidRequest");
    copy().metadata_directive(MetadataDirective::Replace).metadata("n", "1").send().await.unwrap();
    assert!(store.read("k").await.unwrap().body == body);
}

#[tokio::test]
async fn a_batch_delete_answers_for_each_key() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    for key in ["a", "b", "c"] {
        store.put(key, key.as_bytes()).await;
    }
    let one = |key: &str| ObjectIdentifier::builder().key(key);
    let batch = Delete::builder()
        .objects(one("a").build().unwrap())
        .objects(one("b").e_tag("\"0000\"").build().unwrap())
        .objects(one("absent").build().unwrap());
    let answer = client.delete_objects().bucket(bucket).delete(batch.build().unwrap()).send().await.unwrap();
    let deleted: Vec<_> = answer.deleted().iter().filter_map(|found| found.key()).collect();
    let refused: Vec<_> =
        answer.errors().iter().map(|found| (found.key().unwrap(), found.code().unwrap())).collect();
    assert_eq!((deleted, refused), (vec!["a", "absent"], vec![("b", "PreconditionFailed")]));
    let left = client.list_objects_v2().bucket(bucket).send().await.unwrap();
    assert_eq!(left.contents().iter().filter_map(|found| found.key()).collect::<Vec<_>>(), ["b", "c"]);
}

#[tokio::test]
async fn listing_head_and_get_name_the_same_time_and_etag() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    client.put_object().bucket(bucket).key("k").body(bytes(b"x")).send().await.unwrap();
    let listed = client.list_objects_v2().bucket(bucket).send().await.unwrap();
    let listed = &listed.contents()[0];
    let head = client.head_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(listed.last_modified().unwrap().secs(), head.last_modified().unwrap().secs());
    assert_eq!((listed.e_tag(), listed.size()), (head.e_tag(), Some(1)));
}

#[tokio::test]
async fn too_much_metadata_is_refused() {
    let Store { client, bucket, .. } = &Store::fresh().await;
    let put = client.put_object().bucket(bucket).key("k").metadata("big", "x".repeat(2048)).send().await;
    assert_eq!(code(put), "MetadataTooLarge");
}
