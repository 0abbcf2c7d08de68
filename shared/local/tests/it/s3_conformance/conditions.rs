//! Conditional requests.

use std::sync::Arc;

use aws_sdk_s3::primitives::DateTime;
use tokio::sync::Barrier;

use super::Store;
use crate::endpoint_rig::{bytes, code, quoted};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_16_that_create_a_key_exactly_one_wins_each_of_50_rounds() {
    let store = Store::fresh().await;
    for round in 0..50 {
        let barrier = Arc::new(Barrier::new(16));
        let racers: Vec<_> = (0..16)
            .map(|racer| {
                let (client, bucket, barrier) =
                    (store.client.clone(), store.bucket.clone(), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    let body = format!("{racer}");
                    let put = client.put_object().bucket(bucket).key(format!("k{round}")).if_none_match("*");
                    let result = put.body(bytes(body.as_bytes())).send().await;
                    if result.is_ok() {
                        Some(body)
                    } else {
                        (code(result) != "PreconditionFailed").then(String::new)
                    }
                })
            })
            .collect();
        let mut won = Vec::new();
        for racer in racers {
            won.extend(racer.await.unwrap());
        }
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        assert_eq!(store.read(&format!("k{round}")).await.unwrap().body, won[0].as_bytes());
    }
}

#[tokio::test]
async fn a_put_with_if_match_replaces_only_what_it_names() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let put = |etag: &str, body: &[u8]| {
        client.put_object().bucket(bucket).key("k").if_match(quoted(etag)).body(bytes(body)).send()
    };
    assert_eq!(code(put("0", b"x").await), "NoSuchKey");
    let (first, _) = store.put("k", b"one").await;
    put(&first, b"two").await.unwrap();
    assert_eq!(code(put(&first, b"three").await), "PreconditionFailed");
    assert_eq!(store.read("k").await.unwrap().body, b"two");
    let odd = client.put_object().bucket(bucket).key("k").if_none_match(quoted(&first)).send().await;
    assert_eq!(code(odd), "NotImplemented");
}

#[tokio::test]
async fn get_and_head_judge_etags() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let (etag, _) = store.put("k", b"one").await;
    let get = || client.get_object().bucket(bucket).key("k");
    let head = || client.head_object().bucket(bucket).key("k");
    get().if_match(quoted(&etag)).send().await.unwrap();
    get().if_match("*").send().await.unwrap();
    assert_eq!(code(get().if_match("\"0\"").send().await), "PreconditionFailed");
    assert_eq!(code(head().if_match("\"0\"").send().await), "412");
    head().if_none_match("\"0\"").send().await.unwrap();
    assert_eq!(status(get().if_none_match(quoted(&etag)).send().await), 304);
    assert_eq!(status(head().if_none_match(quoted(&etag)).send().await), 304);
}

#[tokio::test]
async fn get_and_head_judge_times_and_etags_outweigh_them() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let (etag, _) = store.put("k", b"one").await;
    let get = || client.get_object().bucket(bucket).key("k");
    let head = client.head_object().bucket(bucket).key("k").send().await.unwrap();
    let at = *head.last_modified().unwrap();
    let before = DateTime::from_secs(at.secs() - 1);
    get().if_modified_since(before).send().await.unwrap();
    assert_eq!(status(get().if_modified_since(at).send().await), 304);
    get().if_unmodified_since(at).send().await.unwrap();
    assert_eq!(status(get().if_unmodified_since(before).send().await), 412);
    get().if_match(quoted(&etag)).if_unmodified_since(before).send().await.unwrap();
    get().if_none_match("\"0\"").if_modified_since(at).send().await.unwrap();
}

#[tokio::test]
async fn a_delete_with_if_match_removes_only_what_it_names() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let delete = |etag: &str| client.delete_object().bucket(bucket).key("k").if_match(etag).send();
    assert_eq!(code(delete("*").await), "NoSuchKey");
    let (etag, _) = store.put("k", b"one").await;
    assert_eq!(code(delete("\"0\"").await), "PreconditionFailed");
    assert!(store.read("k").await.is_some());
    delete(&quoted(&etag)).await.unwrap();
    assert!(store.read("k").await.is_none());
}

#[tokio::test]
async fn a_copy_judges_source_and_destination() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let (etag, _) = store.put("from", b"one").await;
    let copy = || client.copy_object().bucket(bucket).key("to").copy_source(format!("{bucket}/from"));
    assert_eq!(code(copy().copy_source_if_match("\"0\"").send().await), "PreconditionFailed");
    assert_eq!(code(copy().copy_source_if_none_match(quoted(&etag)).send().await), "PreconditionFailed");
    copy().copy_source_if_match(quoted(&etag)).if_none_match("*").send().await.unwrap();
    assert_eq!(code(copy().if_none_match("*").send().await), "PreconditionFailed");
    assert_eq!(code(copy().if_match("\"0\"").send().await), "PreconditionFailed");
    copy().if_match(quoted(&etag)).send().await.unwrap();
}

#[tokio::test]
async fn behind_a_delete_marker_a_key_is_absent_for_conditions() {
    let store = Store::versioned().await;
    let Store { client, bucket, .. } = &store;
    store.put("k", b"one").await;
    client.delete_object().bucket(bucket).key("k").send().await.unwrap();
    assert_eq!(code(client.put_object().bucket(bucket).key("k").if_match("*").send().await), "NoSuchKey");
    client.put_object().bucket(bucket).key("k").if_none_match("*").send().await.unwrap();
}

fn status<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, aws_sdk_s3::error::SdkError<E>>) -> u16 {
    let error = result.expect_err("a refusal");
    error.raw_response().expect("an answer").status().as_u16()
}
