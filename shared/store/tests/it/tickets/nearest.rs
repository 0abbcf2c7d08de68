//! Dispatch: the nearest open tickets.

use super::scene::Scene;

#[tokio::test]
async fn open_tickets_come_by_their_distance_from_a_point() {
    let mut scene = Scene::new().await;
    for (id, longitude, status) in [
        ("INC000001", "36.90", "open"),
        ("CRQ000002", "36.81", "scheduled"),
        ("INC000003", "36.80", "closed"),
        ("INC000004", "36.82", "assigned"),
    ] {
        scene
            .put(id, &[("latitude", "-1.25"), ("longitude", longitude), ("normalized_status", status)])
            .await;
    }
    scene.put("INC000005", &[("normalized_status", "open")]).await;
    let near = "select dataset, ticket_id, round(distance_km::numeric, 3) from tickets.nearest_open";
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80)")).await, @"");
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80, p_limit => 1)")).await, @"");
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80, p_max_km => 3, p_dataset => 'inc')")).await, @"");
}

#[tokio::test]
async fn the_nearest_are_found_by_the_index() {
    let mut scene = Scene::new().await;
    scene.run("set local enable_seqscan = off").await;
    let lines: Vec<String> =
        sqlx::query_scalar("explain (costs off) select * from tickets.nearest_open(-1.25, 36.80)")
            .fetch_all(&mut *scene.tx)
            .await
            .unwrap();
    let plan = lines.join("\n");
    assert!(plan.contains("Index Scan using inc_geog on inc t"), "{plan}");
    assert!(plan.contains("Index Scan using crq_geog_idx on crq t"), "{plan}");
}
