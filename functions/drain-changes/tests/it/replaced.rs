//! Candidates whose key gets other bytes between the listing and their turn.

use drain_changes::DrainReport;
use landfall_testkit::Standing;

use crate::scene::{Scene, incidents, key, told};

/// A drain stands in the commit of its first file; meanwhile the second is put anew. Gives its report, and the id of the
/// new object.
async fn replaced(scene: &Scene, body: String) -> (DrainReport, i64) {
    let standing = Standing::at(&scene.stage, "tickets.import_files", "true").await;
    let replacing = async {
        standing.reached(&scene.stage).await;
        let object = scene.land("08-40", body).await;
        standing.release().await;
        object
    };
    tokio::join!(scene.drain(), replacing)
}

/// Three files, of which the second is replaced.
async fn three(scene: &Scene) -> i64 {
    scene.land("08-20", incidents(1..3)).await;
    let old = scene.land("08-40", incidents(3..5)).await;
    scene.settled("09-00", incidents(7..8)).await;
    old
}

#[tokio::test]
async fn test_55_a_candidate_that_was_replaced_is_superseded_and_the_new_one_has_its_turn() {
    let scene = Scene::unversioned().await;
    let old = three(&scene).await;
    let (report, new) = replaced(&scene, incidents(4..7)).await;
    assert_eq!((told(&report), report.unsettled), (vec!["08-20 applied".to_owned()], 2));
    assert_eq!(scene.stage.state(old).await, "superseded replaced");
    assert_eq!((scene.watermark().await, scene.count().await), (key("08-20"), 2));
    assert_eq!(told(&scene.drain().await), [""; 0], "it has not settled");
    scene.stage.pass(121);
    assert_eq!(told(&scene.drain().await), ["08-40 applied", "09-00 applied"]);
    assert_eq!(scene.watermark().await, key("09-00"));
    assert_eq!(
        scene.tickets().await,
        ["1 open 08-20", "2 open 08-20", "4 open 08-40", "5 open 08-40", "6 open 08-40", "7 open 09-00"]
    );
    let states = [scene.stage.state(old).await, scene.stage.state(new).await];
    assert_eq!(states, ["superseded replaced", "done applied"]);
    assert_eq!((scene.alerts().await.len(), scene.changes().await.len()), (0, 0));
}

#[tokio::test]
async fn test_55_where_the_bucket_has_versions_the_old_one_is_not_lost_and_goes_before_the_new_one() {
    let scene = Scene::start().await;
    let old = three(&scene).await;
    let (report, new) = replaced(&scene, incidents(4..7)).await;
    assert_eq!((told(&report), report.unsettled), (vec!["08-20 applied".to_owned()], 2));
    assert_eq!(scene.watermark().await, key("08-20"));
    scene.stage.pass(121);
    assert_eq!(told(&scene.drain().await), ["08-40 applied", "08-40 applied", "09-00 applied"]);
    assert_eq!(scene.watermark().await, key("09-00"));
    let expected = [
        "1 open 08-20",
        "2 open 08-20",
        "3 open 08-40",
        "4 open 08-40",
        "5 open 08-40",
        "6 open 08-40",
        "7 open 09-00",
    ];
    assert_eq!(scene.tickets().await, expected);
    assert_eq!([scene.stage.state(old).await, scene.stage.state(new).await], ["done applied"; 2]);
    assert_eq!(
        (scene.alerts().await.len(), scene.changes().await.len(), scene.processed().await.len()),
        (0, 0, 4)
    );
}

#[tokio::test]
async fn the_same_bytes_put_again_before_their_turn_are_applied_once() {
    for scene in [Scene::start().await, Scene::unversioned().await] {
        three(&scene).await;
        let (report, new) = replaced(&scene, incidents(3..5)).await;
        assert_eq!(told(&report), ["08-20 applied", "08-40 applied", "09-00 applied"]);
        assert_eq!(scene.stage.state(new).await, "done applied");
        scene.stage.pass(121);
        scene.drain().await;
        assert_eq!(
            (scene.count().await, scene.changes().await.len(), scene.processed().await.len()),
            (5, 0, 3)
        );
        assert_eq!(scene.stage.count("select count(*) from ingest.object where state = 'waiting'").await, 0);
    }
}
