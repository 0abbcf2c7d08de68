//! Multipart uploads.

use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use md5::{Digest, Md5};

use super::Store;
use crate::endpoint_rig::{bare, bytes, code, pattern, quoted};

const MIB: usize = 1024 * 1024;

impl Store {
    async fn begin(&self, key: &str) -> String {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(key);
        let begun = begin.content_type("text/parts").metadata("m", "1").send().await.unwrap();
        begun.upload_id().unwrap().to_owned()
    }

    async fn part(&self, key: &str, id: &str, number: i32, body: &[u8]) -> CompletedPart {
        let call = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(id).part_number(number);
        let stored = call.body(bytes(body)).send().await.unwrap();
        CompletedPart::builder().part_number(number).e_tag(stored.e_tag().unwrap()).build()
    }

    fn complete(
        &self,
        key: &str,
        id: &str,
        parts: Vec<CompletedPart>,
    ) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder
    {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(id)
            .multipart_upload(parts)
    }
}

#[tokio::test]
async fn parts_in_any_order_and_again_make_the_object_that_was_named() {
    let store = Store::fresh().await;
    let (one, two, three) = (pattern(5 * MIB, 1), pattern(5 * MIB + 1, 2), pattern(10, 3));
    let id = store.begin("k").await;
    let third = store.part("k", &id, 30, &three).await;
    let first_wrong = store.part("k", &id, 2, &three).await;
    let second = store.part("k", &id, 9, &two).await;
    let first = store.part("k", &id, 2, &one).await;
    store.part("k", &id, 77, b"never named").await;
    assert!(store.read("k").await.is_none());

    let refused = store.complete("k", &id, vec![first_wrong, second.clone()]).send().await;
    assert_eq!(code(refused), "InvalidPart");
    let refused = store.complete("k", &id, vec![second.clone(), first.clone()]).send().await;
    assert_eq!(code(refused), "InvalidPartOrder");
    let refused = store.complete(
        "k",
        &id,
        vec![first.clone(), third.clone(), { CompletedPart::builder().part_number(31).e_tag("x").build() }],
    );
    assert_eq!(code(refused.send().await), "EntityTooSmall");
    let parts = vec![first, second, third];
    let done = store.complete("k", &id, parts.clone()).send().await.unwrap();

    let mut md5s = Md5::new();
    for part in [&one, &two, &three] {
        md5s.update(Md5::digest(part));
    }
    assert_eq!(bare(done.e_tag()), format!("{}-3", hex::encode(md5s.finalize())));
    let whole = [one, two, three].concat();
    let got = store.client.get_object().bucket(&store.bucket).key("k").send().await.unwrap();
    assert_eq!((got.content_type(), got.metadata().unwrap()["m"].as_str()), (Some("text/parts"), "1"));
    assert!(got.body.collect().await.unwrap().to_vec() == whole);
    let range = format!("bytes={}-{}", 5 * MIB - 3, 10 * MIB + 4);
    let got = store.client.get_object().bucket(&store.bucket).key("k").range(range).send().await.unwrap();
    assert!(got.body.collect().await.unwrap().to_vec() == whole[5 * MIB - 3..10 * MIB + 5]);

    let again = store.complete("k", &id, parts).send().await.unwrap();
    assert_eq!(again.e_tag(), done.e_tag(), "a completion whose answer was lost is answered again");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let id = store.begin("k").await;
    let part = store.part("k", &id, 1, &pattern(100_000, 1)).await;
    client.abort_multipart_upload().bucket(bucket).key("k").upload_id(&id).send().await.unwrap();
    assert_eq!(code(store.complete("k", &id, vec![part]).send().await), "NoSuchUpload");
    let part = client.upload_part().bucket(bucket).key("k").upload_id(&id).part_number(1).body(bytes(b"x"));
    assert_eq!(code(part.send().await), "NoSuchUpload");
    assert_eq!(code(client.list_parts().bucket(bucket).key("k").upload_id(&id).send().await), "NoSuchUpload");
}

#[tokio::test]
async fn a_completion_judges_its_condition_and_can_be_tried_again() {
    let store = Store::fresh().await;
    let (etag, _) = store.put("k", b"there").await;
    let id = store.begin("k").await;
    let part = store.part("k", &id, 1, b"new").await;
    let refused = store.complete("k", &id, vec![part.clone()]).if_none_match("*").send().await;
    assert_eq!(code(refused), "PreconditionFailed");
    assert_eq!(store.read("k").await.unwrap().body, b"there");
    store.complete("k", &id, vec![part]).if_match(quoted(&etag)).send().await.unwrap();
    assert_eq!(store.read("k").await.unwrap().body, b"new");
}

#[tokio::test]
async fn a_part_is_copied_from_an_object_and_outlives_it() {
    let store = Store::fresh().await;
    let source = pattern(6 * MIB, 4);
    store.put("source", &source).await;
    let id = store.begin("k").await;
    let copy = |number, range: Option<&str>| {
        let call =
            store.client.upload_part_copy().bucket(&store.bucket).key("k").upload_id(&id).part_number(number);
        call.copy_source(format!("{}/source", store.bucket))
            .set_copy_source_range(range.map(str::to_owned))
            .send()
    };
    let mut parts = Vec::new();
    for (number, range) in [(1, None), (2, Some("bytes=10-19"))] {
        let copied = copy(number, range).await.unwrap();
        let etag = copied.copy_part_result().unwrap().e_tag().unwrap().to_owned();
        parts.push(CompletedPart::builder().part_number(number).e_tag(etag).build());
    }
    for outside in
        ["bytes=99999999-", "bytes=99999990-99999999", "bytes=0-6291456", "bytes=9-8", "bytes=-5", "0-9"]
    {
        assert_eq!(code(copy(3, Some(outside)).await), "InvalidArgument", "{outside}");
    }
    store.client.delete_object().bucket(&store.bucket).key("source").send().await.unwrap();
    store.complete("k", &id, parts).send().await.unwrap();
    assert!(store.read("k").await.unwrap().body == [&source, &source[10..20]].concat());
}

#[tokio::test]
async fn parts_and_uploads_are_listed_in_pages() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let id = store.begin("b").await;
    for number in [5, 1, 3] {
        store.part("b", &id, number, b"x").await;
    }
    let list = |after: Option<String>| {
        client
            .list_parts()
            .bucket(bucket)
            .key("b")
            .upload_id(&id)
            .max_parts(2)
            .set_part_number_marker(after)
            .send()
    };
    let first = list(None).await.unwrap();
    let second = list(first.next_part_number_marker().map(str::to_owned)).await.unwrap();
    let numbers = |page: &[aws_sdk_s3::types::Part]| {
        page.iter().filter_map(aws_sdk_s3::types::Part::part_number).collect::<Vec<_>>()
    };
    assert_eq!((numbers(first.parts()), numbers(second.parts())), (vec![1, 3], vec![5]));

    let more = [store.begin("a/1").await, store.begin("a/2").await, store.begin("b").await];
    let (mut found, mut key, mut upload) = (Vec::new(), None, None);
    loop {
        let list = client.list_multipart_uploads().bucket(bucket).max_uploads(1);
        let page = list.set_key_marker(key).set_upload_id_marker(upload).send().await.unwrap();
        found.extend(page.uploads().iter().map(|u| u.upload_id().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            break;
        }
        key = page.next_key_marker().map(str::to_owned);
        upload = page.next_upload_id_marker().map(str::to_owned);
    }
    assert_eq!(found, [&more[0], &more[1], &id, &more[2]].map(String::clone));
    let rolled = client.list_multipart_uploads().bucket(bucket).delimiter("/").send().await.unwrap();
    assert_eq!((rolled.uploads().len(), rolled.common_prefixes().len()), (2, 1));
}

#[tokio::test]
async fn the_checksum_of_the_parts_checksums_is_kept() {
    let store = Store::fresh().await;
    let Store { client, bucket, .. } = &store;
    let begin = client
        .create_multipart_upload()
        .bucket(bucket)
        .key("k")
        .checksum_algorithm(ChecksumAlgorithm::Sha256);
    let id = begin.send().await.unwrap().upload_id().unwrap().to_owned();
    let call =
        client.upload_part().bucket(bucket).key("k").upload_id(&id).part_number(1).body(bytes(b"part"));
    let part = call.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    let named = CompletedPart::builder().part_number(1).e_tag(part.e_tag().unwrap());
    let wrong = named.clone().checksum_sha256("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").build();
    assert_eq!(code(store.complete("k", &id, vec![wrong]).send().await), "InvalidPart");
    let right = named.checksum_sha256(part.checksum_sha256().unwrap()).build();
    let done = store.complete("k", &id, vec![right]).send().await.unwrap();
    assert!(done.checksum_sha256().unwrap().ends_with("-1"));
}
