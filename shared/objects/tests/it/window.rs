//! Order and bound of the parts that run ahead, seen from the server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landfall_objects::{Pin, ReadOptions};

use crate::script::{Answer, Request, Script};
use crate::store::{connect, pattern, small_parts};

const PART: usize = 1000;

fn asked(requests: &[Request]) -> usize {
    requests.iter().map(|one| one.range().1 + 1 - one.range().0).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_come_in_order_under_random_delays_and_never_leave_the_window() {
    let content = pattern(64 * PART - 300);
    let released = Arc::new(AtomicUsize::new(0));
    let ahead = Arc::new(Mutex::new((0_usize, 0_usize)));
    let script = {
        let (content, released, ahead) = (content.clone(), Arc::clone(&released), Arc::clone(&ahead));
        Script::serve(move |request| {
            let (first, last) = request.range();
            let mut ahead = ahead.lock().unwrap();
            ahead.0 += last + 1 - first;
            ahead.1 = ahead.1.max(ahead.0 - released.load(Ordering::SeqCst));
            let delay = Duration::from_micros(rand::random::<u64>() % 5000);
            Answer::range(request, &content, "e").after(delay)
        })
        .await
    };
    let objects = connect(script.url()).await;
    let mut read = objects.read("b", "k", &Pin::etag("e"), small_parts(PART as u64, 8)).await.unwrap();
    let mut all = Vec::new();
    while let Some(part) = read.next().await.unwrap() {
        all.extend_from_slice(&part);
        let length = part.len();
        drop(part);
        released.fetch_add(length, Ordering::SeqCst);
    }
    assert!(all == content);
    assert_eq!(read.requests(), 64);
    let most = ahead.lock().unwrap().1;
    assert!(most <= 8 * PART, "{most} bytes ahead");
    assert!(most > 4 * PART, "only {most} bytes ahead");
    for request in script.requests() {
        assert_eq!(request.headers["if-match"], "\"e\"", "every request is pinned");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_the_same_time_are_limited() {
    let content = pattern(40 * PART);
    let running = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let script = {
        let (content, running) = (content.clone(), Arc::clone(&running));
        Script::serve(move |request| {
            let now = running.0.fetch_add(1, Ordering::SeqCst) + 1;
            running.1.fetch_max(now, Ordering::SeqCst);
            let running = Arc::clone(&running);
            // The answer takes 10 ms; this request counts as running for the first 5 of them.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                running.0.fetch_sub(1, Ordering::SeqCst);
            });
            Answer::range(request, &content, "e").after(Duration::from_millis(10))
        })
        .await
    };
    let objects = connect(script.url()).await;
    let options = ReadOptions { parallel: 3, ..small_parts(PART as u64, 10) };
    let mut read = objects.read("b", "k", &Pin::default(), options).await.unwrap();
    while read.next().await.unwrap().is_some() {}
    let most = running.1.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most} at the same time");
}

#[tokio::test]
async fn a_caller_that_does_not_ask_holds_the_read_at_one_window() {
    let content = pattern(100 * PART);
    let served = content.clone();
    let script = Script::serve(move |request| Answer::range(request, &served, "e")).await;
    let objects = connect(script.url()).await;
    let mut read = objects.read("b", "k", &Pin::default(), small_parts(PART as u64, 5)).await.unwrap();
    script.until("one window is asked for", |requests| asked(requests) == 5 * PART).await;
    crate::script::until("the window is buffered", || read.bytes_fetched() == 5 * PART as u64).await;
    assert_eq!(asked(&script.requests()), 5 * PART);
    assert_eq!(read.next().await.unwrap().unwrap(), content[..PART]);
    assert_eq!(asked(&script.requests()), 5 * PART, "the part in hand counts");
    assert_eq!(read.next().await.unwrap().unwrap(), content[PART..2 * PART]);
    script.until("its place is used again", |requests| asked(requests) == 6 * PART).await;
}

#[tokio::test]
async fn a_dropped_read_gives_up_what_is_in_flight() {
    let content = pattern(100 * PART);
    let script = Script::serve(move |request| {
        let delay = if request.number == 0 { 0 } else { 600 };
        Answer::range(request, &content, "e").after(Duration::from_secs(delay))
    })
    .await;
    let objects = connect(script.url()).await;
    let options = ReadOptions { parallel: 3, ..small_parts(PART as u64, 8) };
    let mut read = objects.read("b", "k", &Pin::default(), options).await.unwrap();
    read.next().await.unwrap();
    script.until("three requests are in flight", |requests| requests.len() == 4).await;
    drop(read);
    crate::script::until("the connections are closed", || script.given_up() == 3).await;
    assert_eq!(script.requests().len(), 4);
}
