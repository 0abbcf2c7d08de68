//! Many workers on one queue.

use std::collections::BTreeMap;
use std::time::Duration;

use landfall_domain::Stage;
use landfall_runtime::StageQueue;
use landfall_store::outbox;
use landfall_testkit::database::TestDatabase;

use crate::queue::{send, worker};
use crate::scripted::now;

const MESSAGES: usize = 500;
const WORKERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_get_each_of_five_hundred_messages_exactly_once() {
    let database = TestDatabase::create().await;
    let bodies: Vec<String> = (0..MESSAGES).map(|n| n.to_string()).collect();
    let messages: Vec<_> = bodies.iter().map(|body| (body.as_str(), now())).collect();
    send(&database, &messages).await;
    let workers: Vec<_> = (0..WORKERS)
        .map(|n| {
            let queue = worker(&database, &n.to_string());
            tokio::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    let lease = Duration::from_mins(1);
                    let held = queue.receive(Stage::PlanArchive, (now(), lease), 7).await.unwrap();
                    if held.is_empty() {
                        return taken;
                    }
                    queue.acknowledge(Stage::PlanArchive, &held).await.unwrap();
                    taken.extend(held.into_iter().map(|m| m.body));
                }
            })
        })
        .collect();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for worker in workers {
        for body in worker.await.unwrap() {
            *times.entry(body).or_default() += 1;
        }
    }
    assert_eq!(times.len(), MESSAGES);
    assert!(times.values().all(|n| *n == 1), "{times:?}");
    assert!(outbox::is_empty(database.pool()).await.unwrap());
}
