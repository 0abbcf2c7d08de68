//! Listings of objects.

use aws_sdk_s3::Client;

use super::Store;
use crate::endpoint_rig::code;

/// All pages of a listing: keys, then common prefixes, as they came.
async fn all(
    client: &Client,
    bucket: &str,
    prefix: &str,
    delimiter: Option<&str>,
    limit: i32,
) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let list = client.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(limit);
        let page =
            list.set_delimiter(delimiter.map(str::to_owned)).set_continuation_token(token).send().await;
        let page = page.unwrap();
        let mut names: Vec<String> =
            page.contents().iter().filter_map(|found| found.key()).map(str::to_owned).collect();
        names.extend(page.common_prefixes().iter().filter_map(|found| found.prefix()).map(str::to_owned));
        assert_eq!(page.key_count(), i32::try_from(names.len()).ok());
        assert!(names.len() <= usize::try_from(limit).unwrap());
        names.sort_unstable();
        found.extend(names);
        token = page.next_continuation_token().map(str::to_owned);
        assert_eq!(page.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            return found;
        }
    }
}

async fn filled() -> Store {
    let store = Store::fresh().await;
    for key in ["a", "a/1", "a/2", "a/b/1", "a/b/2", "a0", "b/", "b/x", "c//x", "c/y", "ä/1", "ä/2", "z"] {
        store.put(key, b"x").await;
    }
    store
}

#[tokio::test]
async fn pages_of_any_size_give_each_name_once_and_in_order() {
    let Store { client, bucket, .. } = &filled().await;
    for limit in [1, 2, 3, 1000] {
        let list = async |prefix, delimiter| all(client, bucket, prefix, delimiter, limit).await;
        assert_eq!(
            list("", None).await,
            ["a", "a/1", "a/2", "a/b/1", "a/b/2", "a0", "b/", "b/x", "c//x", "c/y", "z", "ä/1", "ä/2"]
        );
        assert_eq!(list("", Some("/")).await, ["a", "a/", "a0", "b/", "c/", "z", "ä/"]);
        assert_eq!(list("a", Some("/")).await, ["a", "a/", "a0"]);
        assert_eq!(list("a/", Some("/")).await, ["a/1", "a/2", "a/b/"]);
        assert_eq!(list("b/", Some("/")).await, ["b/", "b/x"]);
        assert_eq!(list("c/", Some("/")).await, ["c//", "c/y"]);
        assert_eq!(list("ä", Some("/")).await, ["ä/"]);
        assert_eq!(list("a/", Some("b/")).await, ["a/1", "a/2", "a/b/"]);
        assert_eq!(list("nothing", Some("/")).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_first_listing_pages_by_marker() {
    let Store { client, bucket, .. } = &filled().await;
    for limit in [1, 2, 3, 1000] {
        let (mut names, mut marker) = (Vec::new(), None);
        loop {
            let list = client.list_objects().bucket(bucket).delimiter("/").max_keys(limit);
            let page = list.set_marker(marker).send().await.unwrap();
            names.extend(page.contents().iter().filter_map(|found| found.key()).map(str::to_owned));
            names.extend(page.common_prefixes().iter().filter_map(|found| found.prefix()).map(str::to_owned));
            marker = page.next_marker().map(str::to_owned);
            if page.is_truncated() != Some(true) {
                break;
            }
        }
        names.sort_unstable();
        assert_eq!(names, ["a", "a/", "a0", "b/", "c/", "z", "ä/"]);
    }
}

#[tokio::test]
async fn a_listing_starts_after_a_key_that_need_not_exist() {
    let Store { client, bucket, .. } = &filled().await;
    let after = async |key: &str| {
        let page = client.list_objects_v2().bucket(bucket).start_after(key).send().await.unwrap();
        page.contents()[0].key().unwrap().to_owned()
    };
    assert_eq!(after("a/1").await, "a/2");
    assert_eq!(after("a/11").await, "a/2");
    assert_eq!(after("c").await, "c//x");
}

#[tokio::test]
async fn page_limits_are_kept_and_foreign_tokens_refused() {
    let Store { client, bucket, .. } = &filled().await;
    let none = client.list_objects_v2().bucket(bucket).max_keys(0).send().await.unwrap();
    assert_eq!((none.contents().len(), none.is_truncated()), (0, Some(false)));
    let foreign = client.list_objects_v2().bucket(bucket).continuation_token("?").send().await;
    assert_eq!(code(foreign), "InvalidArgument");
    assert_eq!(code(client.list_objects_v2().bucket(bucket).max_keys(-1).send().await), "InvalidArgument");
}

#[tokio::test]
async fn a_page_holds_at_most_1000_names() {
    let store = Store::fresh().await;
    let puts = (0..1010).map(|n| store.put_numbered(n));
    futures::future::join_all(puts).await;
    let page = store.client.list_objects_v2().bucket(&store.bucket).max_keys(5000).send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated()), (1000, Some(true)));
    assert_eq!(all(&store.client, &store.bucket, "", None, 1000).await.len(), 1010);
    assert_eq!(all(&store.client, &store.bucket, "", Some("/"), 1000).await, ["many/"]);
}

impl Store {
    async fn put_numbered(&self, n: u32) {
        self.put(&format!("many/{n:05}"), b"x").await;
    }
}
