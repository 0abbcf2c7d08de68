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
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80)")).await, @"
    crq CRQ000002 1.112
    inc INC000004 2.223
    inc INC000001 11.117
    ");
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80, p_limit => 1)")).await, @"crq CRQ000002 1.112");
    insta::assert_snapshot!(scene.rows(&format!("{near}(-1.25, 36.80, p_max_km => 3, p_dataset => 'inc')")).await, @"inc INC000004 2.223");
}

#[tokio::test]
async fn of_tickets_at_one_point_the_first_ids_come() {
    let mut scene = Scene::new().await;
    for id in ["INC000003", "INC000001", "INC000002"] {
        scene.put(id, &[("latitude", "-1.25"), ("longitude", "36.80")]).await;
    }
    let two = "select ticket_id from tickets.nearest_open(-1.25, 36.81, p_limit => 2)";
    insta::assert_snapshot!(scene.rows(two).await, @"
    INC000001
    INC000002
    ");
}
