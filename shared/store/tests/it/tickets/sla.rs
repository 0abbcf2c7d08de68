//! Open tickets against their target.

use super::scene::Scene;

const SLA: &str = "select ticket_id, opened_at_source, age_minutes, remaining_minutes, sla_state, clock_skew
    from tickets.inc_open_sla order by ticket_id";

#[tokio::test]
async fn test_31_without_created_at_service_first_seen_at_counts() {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    scene.put("INC000001", &[("first_seen_at", "2026-06-25 08:39:30")]).await;
    scene
        .put(
            "INC000002",
            &[("first_seen_at", "2026-06-25 08:00:00"), ("created_at_service", "2026-06-25 09:00:00")],
        )
        .await;
    insta::assert_snapshot!(scene.rows(SLA).await, @"
    INC000001 first_seen 60 2820 within false
    INC000002 service 40 2840 within false
    ");
}

#[tokio::test]
async fn test_32_without_either_the_state_is_not_known() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("source_created_at", "2026-06-25 08:00:00"), ("sla_status", "met")]).await;
    insta::assert_snapshot!(scene.rows(SLA).await, @"INC000001 none - - unknown false");
}

#[tokio::test]
async fn test_33_a_ticket_of_the_future_has_age_nought() {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    scene.put("INC000001", &[("created_at_service", "2026-06-25 11:00:00")]).await;
    insta::assert_snapshot!(scene.rows(SLA).await, @"INC000001 service 0 2880 within true");
}

#[tokio::test]
async fn test_34_the_last_minute_of_the_target_is_at_risk_and_the_next_breached() {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    for (id, opened) in [
        ("INC000001", "2026-06-23 09:39:00"),
        ("INC000002", "2026-06-23 09:39:01"),
        ("INC000003", "2026-06-23 09:40:00"),
        ("INC000004", "2026-06-23 21:40:00"),
        ("INC000005", "2026-06-23 21:40:01"),
    ] {
        scene.put(id, &[("created_at_service", opened)]).await;
    }
    insta::assert_snapshot!(scene.rows(SLA).await, @"
    INC000001 service 2881 -1 breached false
    INC000002 service 2880 0 at_risk false
    INC000003 service 2880 0 at_risk false
    INC000004 service 2160 720 at_risk false
    INC000005 service 2159 721 within false
    ");
}

#[tokio::test]
async fn change_requests_have_their_own_target_and_an_appointment() {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    let opened = ("created_at_service", "2026-06-18 09:40:00");
    scene.put("CRQ000001", &[opened]).await;
    scene.put("CRQ000002", &[opened, ("scheduled_at", "2026-06-25 09:39:00")]).await;
    scene.put("CRQ000003", &[opened, ("scheduled_at", "2026-06-25 09:40:00")]).await;
    let of_crq = "select ticket_id, age_minutes, target_minutes, sla_state, stage, overdue_minutes
        from tickets.crq_open_sla order by ticket_id";
    insta::assert_snapshot!(scene.rows(of_crq).await, @"
    CRQ000001 10080 10080 at_risk unscheduled -
    CRQ000002 10080 10080 at_risk overdue 1
    CRQ000003 10080 10080 at_risk scheduled -
    ");
    scene.run("update tickets.sla_policy set target_minutes = 60 where dataset = 'crq'").await;
    assert_eq!(
        scene.json("(select count(*) from tickets.crq_open_sla where sla_state = 'breached')").await,
        3
    );
}

#[tokio::test]
async fn closed_tickets_are_in_no_list_of_open_ones() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("normalized_status", "closed")]).await;
    scene.put("CRQ000001", &[("normalized_status", "cancelled")]).await;
    assert_eq!(scene.json("(select count(*) from tickets.open_sla)").await, 0);
}
