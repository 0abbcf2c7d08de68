//! Delivery is at least once and unordered; effects happen once (design: the laws, 2).

use landfall_testkit::TestPlatform;

use crate::scene;

#[tokio::test]
async fn every_message_delivered_twice_and_shuffled_changes_nothing() {
    for seed in 1..=3 {
        let platform = TestPlatform::start().await;
        platform.queue().deliver_twice_and_shuffled(seed).await;
        scene::put(&platform).await;
        platform.settle().await;
        scene::assert_undisturbed(&platform, &format!("seed {seed}")).await;
        platform.stop().await;
    }
}

#[tokio::test]
async fn every_message_of_the_past_sent_again_is_stale() {
    let platform = TestPlatform::start().await;
    scene::put(&platform).await;
    platform.settle().await;
    for seed in 1..=3 {
        let sent = platform.queue().send_all_again(seed).await;
        assert!(sent >= 10, "{sent} messages were sent again");
        platform.platform().wake();
        platform.settle().await;
        scene::assert_undisturbed(&platform, &format!("seed {seed}")).await;
    }
    platform.stop().await;
}
