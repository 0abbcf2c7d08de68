//! What a platform does once it has taken over.

use landfall_tickets::COLUMNS;
use serde_json::json;

use super::super::command::json as document;
use super::scene::{KEY, Scene, Ticket, stored};

/// A change file that closes a ticket.
pub fn change(id: &str) -> String {
    let value = |column: &&str| match *column {
        "ticket_id" => id.to_owned(),
        "normalized_status" => "closed".to_owned(),
        "closed_at" => "2026-06-25 08:30:00".to_owned(),
        _ => String::new(),
    };
    format!("{}\n{}\n", COLUMNS.join(","), COLUMNS.iter().map(value).collect::<Vec<_>>().join(","))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_takes_only_keys_above_the_watermark_and_reports_the_lower_as_late() {
    let scene = Scene::new().await;
    assert!(scene.adopt_database(&[]).status.success());
    let key = |time: &str| format!("automations/inc/changes/2026-06-25T{time}-00.csv");
    for time in ["08-00", "08-40"] {
        scene.stage.put(&key(time), &[], change("INC000000000001")).await;
    }
    for apply in [&["drain", "inc", "--json"][..], &["drain", "inc", "--apply", "--json"]] {
        let report = document(&scene.tickets(apply));
        let files = report["files"].as_array().unwrap();
        let told: Vec<_> = files.iter().map(|file| (file["key"].clone(), file["status"].clone())).collect();
        assert_eq!(
            told,
            [(json!(key("08-00")), json!("late")), (json!(key("08-40")), json!("applied"))],
            "{report}"
        );
    }
    let mark = "select metadata ->> 'source_max_key' from tickets.import_meta where dataset = 'inc'";
    assert_eq!(scene.stage.texts(mark).await, [key("08-40")]);
    let tickets = "select ticket_id || ' ' || reopen_count || ' ' || source_key from tickets.inc where not is_open order by 1";
    assert_eq!(
        scene.stage.texts(tickets).await,
        [format!("INC000000000001 0 {}", key("08-40")), format!("INC000000000002 1 {KEY}")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_adds_only_what_the_source_had_not_seen() {
    let scene = Scene::new().await;
    // Closed after the last capture of the system before.
    let closed = [("normalized_status", "closed"), ("closed_at", "2026-06-24 10:00:00")];
    scene.put(&Ticket("INC000000000009", 0, &closed)).await;
    assert!(scene.adopt_database(&[]).status.success());
    let before = scene.stored().await;
    let captured = document(&scene.tickets(&["capture-history", "inc", "--json"]));
    assert_eq!(captured["new_closures"], 1, "{captured}");
    let after = scene.stored().await;
    let added: Vec<&String> = after.iter().filter(|row| !before.contains(row)).collect();
    assert_eq!(added.len(), 2, "one closure and today's row: {added:?}");
    assert!(before.iter().all(|row| after.contains(row)), "nothing of before is changed");
    let event = "select concat_ws(' ', ticket_id, reopen_count, backfill) from tickets.closure_events
        order by id desc limit 1";
    assert_eq!(scene.stage.texts(event).await, ["INC000000000009 0 f"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_snapshot_may_differ_from_the_source_and_stays() {
    let scene = Scene::new().await;
    scene
        .old(
            "insert into tickets.crq_daily_snapshot select (now() at time zone interval '03:00')::date, 1, 0, 0, 0, 1, 0, 1, 0,
                 '[]', now()",
        )
        .await;
    assert!(scene.adopt_database(&[]).status.success());
    assert_eq!(scene.stored().await, stored(scene.old.pool()).await);
    assert!(scene.tickets(&["capture-history", "crq"]).status.success());
    let captured = scene.stored().await;
    let again = document(&scene.adopt_database(&["--json"]));
    assert_eq!(again["written"], true, "{again}");
    assert_eq!(scene.stored().await, captured);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_have_the_places_of_the_cache_that_came_with_them() {
    let scene = Scene::new().await;
    // The system before had not brought its tickets to them.
    scene.old("update tickets.inc set geo_lat = null, geo_lng = null, geo_source = null").await;
    let adopted = document(&scene.adopt_database(&["--json"]));
    let differing = &adopted["tables"]["inc"]["differences"];
    assert_eq!(differing["latitude"], json!({ "tickets": 1, "example": "INC000000000001" }), "{adopted}");
    let places =
        "select concat_ws(' ', ticket_id, geo_source, latitude, longitude) from tickets.inc order by 1";
    assert_eq!(
        scene.stage.texts(places).await,
        ["INC000000000001 location -1.3 36.9", "INC000000000002", "INC000000000003 feed -1.25 36.75"]
    );
}
