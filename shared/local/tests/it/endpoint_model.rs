//! Random operations do the same as in a simple model: maps in memory.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::endpoint_rig::{Rig, bytes, pattern, put, read, read_version};

#[derive(Debug, Clone)]
enum Op {
    Put(String, usize),
    PutIfAbsent(String),
    Delete(String),
    DeleteOldest(String),
    Copy(String, String),
    List { prefix: String, delimiter: Option<String>, limit: i32, after: Option<String> },
}

fn key() -> impl Strategy<Value = String> {
    "[ab/é]{1,4}"
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (key(), prop_oneof![4 => 0..50_usize, 1 => Just(70_000)]).prop_map(|(key, len)| Op::Put(key, len)),
        2 => key().prop_map(Op::PutIfAbsent),
        2 => key().prop_map(Op::Delete),
        1 => key().prop_map(Op::DeleteOldest),
        1 => (key(), key()).prop_map(|(from, to)| Op::Copy(from, to)),
        3 => (
            "[ab/é]{0,2}",
            proptest::option::of("[ab/é]{1,2}"),
            1..4_i32,
            proptest::option::of(key())
        )
            .prop_map(|(prefix, delimiter, limit, after)| Op::List { prefix, delimiter, limit, after }),
    ]
}

/// Id and content of a version; no content is a marker.
type Version = (Option<String>, Option<Vec<u8>>);

/// Versions of each key, oldest first.
#[derive(Default)]
struct Model {
    versioned: bool,
    keys: BTreeMap<String, Vec<Version>>,
}

impl Model {
    fn current(&self, key: &str) -> Option<&Vec<u8>> {
        self.keys.get(key)?.last()?.1.as_ref()
    }

    fn write(&mut self, key: &str, version: Option<String>, body: Option<Vec<u8>>) {
        let versions = self.keys.entry(key.to_owned()).or_default();
        if !self.versioned {
            versions.clear();
        }
        if self.versioned || body.is_some() {
            versions.push((version, body));
        }
    }

    fn list(&self, prefix: &str, delimiter: Option<&str>, after: Option<&str>) -> Vec<String> {
        let names: BTreeSet<&str> = self
            .keys
            .keys()
            .filter(|key| self.current(key).is_some())
            .filter_map(|key| {
                let rest = key.strip_prefix(prefix)?;
                let group = delimiter.and_then(|d| rest.find(d).map(|at| prefix.len() + at + d.len()));
                group.map_or(Some(key.as_str()), |end| key.get(..end))
            })
            .collect();
        names.into_iter().filter(|name| after.is_none_or(|after| *name > after)).map(str::to_owned).collect()
    }
}

async fn list(client: &Client, bucket: &str, op: (&str, Option<&str>, i32, Option<&str>)) -> Vec<String> {
    let (prefix, delimiter, limit, after) = op;
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let list = client.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(limit);
        let list = list.set_delimiter(delimiter.map(str::to_owned)).set_start_after(after.map(str::to_owned));
        let page = list.set_continuation_token(token).send().await.unwrap();
        let mut names: Vec<_> = page.contents().iter().map(|found| found.key().unwrap().to_owned()).collect();
        names.extend(page.common_prefixes().iter().map(|found| found.prefix().unwrap().to_owned()));
        names.sort_unstable();
        found.extend(names);
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            return found;
        }
    }
}

async fn apply(client: &Client, bucket: &str, model: &mut Model, step: usize, op: &Op) {
    match op {
        Op::Put(key, len) => {
            let body = pattern(*len, u8::try_from(step % 256).unwrap());
            let (_, version) = put(client, bucket, key, &body).await;
            model.write(key, version, Some(body));
        }
        Op::PutIfAbsent(key) => {
            let call = client.put_object().bucket(bucket).key(key).if_none_match("*").body(bytes(b"first"));
            let done = call.send().await.ok();
            assert_eq!(done.is_some(), model.current(key).is_none(), "{key}");
            if let Some(done) = done {
                model.write(key, done.version_id().map(str::to_owned), Some(b"first".to_vec()));
            }
        }
        Op::Delete(key) => {
            let done = client.delete_object().bucket(bucket).key(key).send().await.unwrap();
            assert_eq!(done.delete_marker().unwrap_or_default(), model.versioned);
            model.write(key, done.version_id().map(str::to_owned), None);
        }
        Op::DeleteOldest(key) => {
            let Some(versions) = model.keys.get_mut(key).filter(|versions| !versions.is_empty()) else {
                return;
            };
            let version = versions.remove(0).0.unwrap_or_else(|| "null".to_owned());
            client.delete_object().bucket(bucket).key(key).version_id(version).send().await.unwrap();
        }
        Op::Copy(from, to) => {
            let source = format!(
                "{bucket}/{}",
                percent_encoding::utf8_percent_encode(from, percent_encoding::NON_ALPHANUMERIC)
            );
            let done = client.copy_object().bucket(bucket).key(to).copy_source(source).send().await.ok();
            assert_eq!(done.is_some(), model.current(from).is_some() && from != to, "{from} to {to}");
            if let Some(done) = done {
                let body = model.current(from).cloned();
                model.write(to, done.version_id().map(str::to_owned), body);
            }
        }
        Op::List { prefix, delimiter, limit, after } => {
            let (delimiter, after) = (delimiter.as_deref(), after.as_deref());
            let found = list(client, bucket, (prefix, delimiter, *limit, after)).await;
            assert_eq!(found, model.list(prefix, delimiter, after));
        }
    }
}

async fn check_all(client: &Client, bucket: &str, model: &Model) {
    for (key, versions) in &model.keys {
        let seen = read(client, bucket, key).await;
        assert!(seen.map(|seen| seen.body).as_ref() == model.current(key), "{key}");
        for (version, body) in versions.iter().filter(|(version, body)| version.is_some() && body.is_some()) {
            let seen = read_version(client, bucket, key, version.as_deref()).await.unwrap();
            assert!(Some(&seen.body) == body.as_ref(), "{key} {version:?}");
        }
    }
    let listed = client.list_object_versions().bucket(bucket).send().await.unwrap();
    let count: usize = model.keys.values().map(Vec::len).sum();
    assert_eq!(listed.versions().len() + listed.delete_markers().len(), count);
}

#[test]
fn random_operations_do_the_same_as_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rig = runtime.block_on(Rig::start());
    let strategy = (any::<bool>(), proptest::collection::vec(op(), 1..60));
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&strategy, |(versioned, ops)| {
        runtime.block_on(async {
            let bucket = format!("model-{}", Uuid::new_v4().simple());
            rig.client.create_bucket().bucket(&bucket).send().await.unwrap();
            if versioned {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                rig.client
                    .put_bucket_versioning()
                    .bucket(&bucket)
                    .versioning_configuration(on)
                    .send()
                    .await
                    .unwrap();
            }
            let mut model = Model { versioned, ..Model::default() };
            for (step, op) in ops.iter().enumerate() {
                apply(&rig.client, &bucket, &mut model, step, op).await;
            }
            check_all(&rig.client, &bucket, &model).await;
        });
        Ok(())
    });
    outcome.unwrap();
}
