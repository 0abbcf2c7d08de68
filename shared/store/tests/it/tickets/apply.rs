//! From the stage to the tables: the same as an upsert of row by row.

use landfall_store::tickets::{self, Applied};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::scene::Scene;

/// Everything a ticket holds but when it was written.
const TABLE: &str = "select to_jsonb(t) - 'ingested_at' as row from tickets.inc as t order by ticket_id";

/// Three files: (line, ticket, values). Ticket 1 is closed and opened again, 2 comes twice in a file.
const FILES: [&[(i64, &str, &str)]; 3] = [
    &[
        (
            2,
            "INC000001",
            r#"{"normalized_status": "open", "cluster": "karen", "created_at_service": "2026-06-20"}"#,
        ),
        (
            3,
            "INC000002",
            r#"{"normalized_status": "open", "latitude": "-1.3", "longitude": "36.8", "mttr": "4.5"}"#,
        ),
        (4, "INC000003", r#"{"normalized_status": "closed", "closed_at": "2026-06-21 10:00:00"}"#),
    ],
    &[
        (2, "INC000001", r#"{"normalized_status": "closed", "cluster": "karen", "region": "A  b"}"#),
        (3, "INC000002", r#"{"normalized_status": "assigned"}"#),
        (4, "INC000004", r#"{"normalized_status": "new", "cluster": "far"}"#),
        (
            5,
            "INC000002",
            r#"{"normalized_status": "resolved", "cluster": "karen", "location_name": "baraka"}"#,
        ),
    ],
    &[
        (2, "INC000001", r#"{"normalized_status": "in_progress", "cluster": "karen"}"#),
        (3, "INC000002", r#"{"normalized_status": "open", "location_name": "baraka"}"#),
        (4, "INC000003", r#"{"normalized_status": "resolved", "latitude": "-1.3", "longitude": "36.8"}"#),
        (9, "INC000003", r#"{"normalized_status": "pending", "latitude": "0", "longitude": "0"}"#),
    ],
];

async fn scene() -> Scene {
    let mut scene = Scene::new().await;
    scene
        .run(
            "insert into tickets.geo_clusters (cluster_key, status, lat, lng) values ('karen', 'ok', -1.32, 36.7);
             insert into tickets.geo_locations (cluster_key, location_key, status, lat, lng)
             values ('karen', 'baraka', 'ok', -1.33, 36.71)",
        )
        .await;
    scene
}

/// Stages the rows of a file for a run.
async fn stage(scene: &mut Scene, run: Uuid, rows: &[(i64, &str, &str)]) {
    for (line, ticket, raw) in rows {
        let insert = sqlx::query(
            "insert into tickets.stage values ($1, $2, $3, $4::jsonb, $4::jsonb ->> 'cluster', $4::jsonb ->> 'location_name')",
        );
        let insert = insert.bind(run).bind(line).bind(ticket).bind(raw);
        insert.execute(&mut *scene.tx).await.unwrap();
    }
}

fn key(nth: usize) -> String {
    format!("automations/inc/changes/2026-06-25T08-{nth}0-00.csv")
}

/// One upsert per row, in the order of the lines: (rows that were not a ticket's last, new ones, known ones).
async fn upsert(scene: &mut Scene, run: Uuid, source_key: &str) -> Applied {
    let known = "(select count(*) from tickets.inc)";
    let before = scene.json(known).await.as_u64().unwrap();
    let sql = format!(
        "insert into tickets.inc (ticket_id, raw, source_key, cluster_key, location_key)
         select distinct on (ticket_id) ticket_id, raw, '{source_key}', cluster_key, location_key from tickets.stage
         where run = '{run}' order by ticket_id, line_no desc
         on conflict (ticket_id) do update set raw = excluded.raw, source_key = excluded.source_key,
             cluster_key = excluded.cluster_key, location_key = excluded.location_key, ingested_at = now()"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut *scene.tx).await.unwrap().rows_affected();
    let inserted = scene.json(known).await.as_u64().unwrap() - before;
    let staged = scene.json(&format!("(select count(*) from tickets.stage where run = '{run}')")).await;
    Applied { deduped: staged.as_u64().unwrap() - done, inserted, updated: done - inserted, outdated: 0 }
}

#[tokio::test]
async fn test_60_update_and_insert_apart_give_what_an_upsert_gives() {
    let (mut apart, mut upserts) = (scene().await, scene().await);
    let mut counts = Vec::new();
    for (nth, rows) in FILES.into_iter().enumerate() {
        let run = Uuid::from_u128(nth as u128);
        stage(&mut apart, run, rows).await;
        stage(&mut upserts, run, rows).await;
        let applied = tickets::apply(&mut apart.tx, "inc", run, &key(nth), false).await.unwrap();
        assert_eq!(applied, upsert(&mut upserts, run, &key(nth)).await);
        counts.push(format!("{} {} {}", applied.deduped, applied.inserted, applied.updated));
    }
    insta::assert_snapshot!(counts.join(", "), @"0 3 0, 1 1 2, 1 0 3");
    assert_eq!(apart.rows(TABLE).await, upserts.rows(TABLE).await);
    insta::assert_snapshot!(
        apart.rows("select ticket_id, is_open, reopen_count, geo_source from tickets.inc order by ticket_id").await,
        @"
    INC000001 true 1 cluster
    INC000002 true 1 -
    INC000003 true 1 -
    INC000004 true 0 -
    "
    );
}

#[tokio::test]
async fn a_file_applied_twice_changes_nothing() {
    let mut scene = scene().await;
    let run = Uuid::from_u128(7);
    stage(&mut scene, run, FILES[1]).await;
    tickets::apply(&mut scene.tx, "tickets.inc", run, "k", false).await.unwrap();
    let once = scene.rows(TABLE).await;
    let again = tickets::apply(&mut scene.tx, "tickets.inc", run, "k", false).await.unwrap();
    assert_eq!(again, Applied { updated: 3, ..Applied::default() });
    assert_eq!(scene.rows(TABLE).await, once);
}

#[tokio::test]
async fn test_48_a_late_file_leaves_newer_rows_alone_and_brings_what_only_it_has() {
    let mut scene = scene().await;
    let (newer, late) = (Uuid::from_u128(1), Uuid::from_u128(2));
    stage(&mut scene, newer, FILES[2]).await;
    tickets::apply(&mut scene.tx, "inc", newer, &key(2), false).await.unwrap();
    let before = scene.rows(TABLE).await;
    stage(&mut scene, late, FILES[1]).await;
    let applied = tickets::apply(&mut scene.tx, "inc", late, &key(1), true).await.unwrap();
    assert_eq!(applied, Applied { deduped: 1, inserted: 1, updated: 0, outdated: 2 });
    let after = scene.rows(TABLE).await;
    assert_eq!(after.lines().take(3).collect::<Vec<_>>(), before.lines().collect::<Vec<_>>());
    assert_eq!(scene.json("(select max(ticket_id) from tickets.inc)").await, "INC000004");
    // The guard takes the same key again.
    let again = tickets::apply(&mut scene.tx, "inc", newer, &key(2), true).await.unwrap();
    assert_eq!((again.updated, again.outdated), (3, 0));
}

#[tokio::test]
async fn runs_do_not_see_each_others_rows() {
    let mut scene = scene().await;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    stage(&mut scene, one, FILES[0]).await;
    stage(&mut scene, other, FILES[1]).await;
    let applied = tickets::apply(&mut scene.tx, "inc", one, "k", false).await.unwrap();
    assert_eq!(applied, Applied { inserted: 3, ..Applied::default() });
    assert_eq!(tickets::clear_stage(&mut scene.tx, one).await.unwrap(), 3);
    assert_eq!(scene.json("(select count(*) from tickets.stage)").await, 4);
}

#[tokio::test]
async fn the_trigger_finds_places_again_after_an_apply() {
    let mut scene = scene().await;
    let run = Uuid::from_u128(1);
    stage(&mut scene, run, &FILES[0][..1]).await;
    tickets::apply(&mut scene.tx, "inc", run, "k", false).await.unwrap();
    scene.put("INC000009", &[("cluster", "karen")]).await;
    assert_eq!(scene.json("(select count(*) from tickets.inc where geo_source = 'cluster')").await, 2);
}

#[tokio::test]
async fn no_table_but_those_of_tickets_is_written_to() {
    let mut scene = scene().await;
    let refused = tickets::apply(&mut scene.tx, "stage; drop table x", Uuid::nil(), "k", false).await;
    assert!(refused.unwrap_err().to_string().contains("is none of tickets"));
}
