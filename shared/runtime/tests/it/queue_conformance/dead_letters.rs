//! Messages whose receives are used up.

use std::time::Duration;

use landfall_store::dead_letter;

use super::rig::{LONG, Rig, STAGE, bodies, now};

#[tokio::test]
async fn a_message_is_received_as_often_as_the_stage_allows_and_then_put_aside() {
    let rig = Rig::fresh().await;
    let most = STAGE.settings().max_receives;
    rig.send(&["hopeless", "fine"]).await;
    for receive in 1..=most {
        let expected = if receive == 1 { 2 } else { 1 };
        for message in rig.expect(expected, LONG).await {
            if message.body == "fine" {
                rig.acknowledge(&[message]).await;
            } else if receive < most {
                assert_eq!(message.receives, receive);
                rig.queue
                    .give_back(STAGE, std::slice::from_ref(&message), (now(), Duration::ZERO))
                    .await
                    .unwrap();
            } else {
                rig.queue.bury(STAGE, &message, now()).await.unwrap();
            }
        }
    }
    let letters = dead_letter::list(rig.pool(), false, 10).await.unwrap();
    let told: Vec<_> = letters.iter().map(|l| (l.body.as_str(), l.kind.as_str(), l.code.as_str())).collect();
    assert_eq!(told, [("hopeless", "failed", "receives_used_up")]);
    assert_eq!(letters[0].attempts, i32::try_from(most).unwrap());
    rig.send(&["next"]).await;
    assert_eq!(bodies(&rig.expect(1, LONG).await), ["next"]);
    if let Some(sqs) = &rig.sqs {
        assert_eq!(sqs.dead().await, "0", "it is a letter already");
    }
}

#[tokio::test]
async fn a_message_whose_burial_is_repeated_is_one_letter() {
    let rig = Rig::fresh().await;
    rig.send(&["hopeless"]).await;
    let held = rig.expect(1, LONG).await.remove(0);
    // The answer to the first was lost.
    rig.queue.bury(STAGE, &held, now()).await.unwrap();
    rig.queue.bury(STAGE, &held, now()).await.unwrap();
    assert_eq!(dead_letter::count_open(rig.pool()).await.unwrap(), 1);
}
