//! `landfall tickets adopt`: the tickets of the system before, from its database and from files (specs: tickets 12).
//!
//! The object store that the command lists runs in the test, beside the thread that waits for the command.

mod after;
mod checks;
mod meanwhile;
mod names;
mod scene;

use serde_json::json;

use super::command::{json as document, told};
use scene::{Scene, Ticket, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_and_its_export_give_equal_targets_and_the_source_is_only_read() {
    let (tables, files) = (Scene::new().await, Scene::new().await);
    files.export().await;
    let before = stored(tables.old.pool()).await;
    let output = tables.adopt_database(&["--json"]);
    let adopted = document(&output);
    assert_eq!((output.status.code(), &adopted["written"]), (Some(0), &json!(true)), "{adopted}");
    assert!(files.adopt(&[]).status.success());
    assert_eq!(tables.stored().await, before, "what the database holds is what is stored");
    assert_eq!(files.stored().await, before, "and so from files");
    assert_eq!(stored(tables.old.pool()).await, before);
    let other_days = "select count(*) from tickets.geo_budget";
    assert_eq!(files.stage.count(other_days).await, 1, "only today's requests count");
    assert_eq!(adopted["tables"]["inc"]["insert"], 3);
    assert_eq!(adopted["tables"]["inc"]["differences"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_what_it_did_by_table() {
    let scene = Scene::new().await;
    scene.export().await;
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 0
     TABLE               INSERT  SAME  CONFLICT  NOTES
     import_meta              2     0         0      0
     geo_clusters             2     0         0      0
     geo_locations            1     0         0      0
     geo_budget               1     0         0      0
     inc                      3     0         0      0
     crq                      1     0         0      0
     closure_events           2     0         0      0
     inc_daily_snapshot       2     0         0      0
     crq_daily_snapshot       1     0         0      0

    inc goes on behind automations/inc/changes/2026-06-25T08-20-00.csv
    crq goes on behind automations/crq/changes/2026-06-25T08-20-00.csv

    all is taken over; 0 tickets have another place now
    ---
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_59_a_second_run_changes_nothing() {
    let scene = Scene::new().await;
    scene.export().await;
    assert!(scene.adopt(&[]).status.success());
    let first = scene.stored().await;
    for again in [scene.document(&[]), document(&scene.adopt_database(&["--json"]))] {
        assert_eq!((&again["written"], &again["resolved"]), (&json!(true), &json!(0)), "{again}");
        for (name, table) in again["tables"].as_object().unwrap() {
            assert_eq!((&table["insert"], &table["conflict"]), (&json!(0), &json!(0)), "{name}");
        }
        assert_eq!(again["tables"]["inc"]["same"], 3);
    }
    assert_eq!(scene.stored().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn test_59_a_table_with_one_differing_row_is_refused_and_the_row_is_named() {
    let scene = Scene::new().await;
    scene.export().await;
    assert!(scene.adopt(&[]).status.success());
    // Everything but one ticket is gone from the target: that one keeps the others out.
    scene.stage.execute("delete from tickets.inc where ticket_id <> 'INC000000000003'").await;
    scene.stage.execute("delete from tickets.geo_clusters").await;
    scene.stage.execute("update tickets.inc set raw = raw || '{\"region\": \"coast\"}'").await;
    let before = scene.stored().await;
    let refused = scene.document(&[]);
    assert_eq!(refused["written"], false);
    let conflict = &refused["conflicts"][0];
    assert_eq!(refused["conflicts"].as_array().unwrap().len(), 1, "{refused}");
    assert_eq!(
        (&conflict["table"], &conflict["key"], &conflict["column"], &conflict["text"]),
        (&json!("inc"), &json!("INC000000000003"), &json!("raw"), &json!("another value is stored"))
    );
    assert_eq!(scene.adopt(&[]).status.code(), Some(3));
    assert_eq!(scene.stored().await, before, "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_only_the_target_has_refuse_it() {
    let scene = Scene::new().await;
    scene.export().await;
    scene
        .stage
        .execute("insert into tickets.geo_clusters (cluster_key, status) values ('ours', 'not_found')")
        .await;
    let refused = scene.document(&["--dry-run"]);
    let conflict = &refused["conflicts"][0];
    assert_eq!((&conflict["row"], &conflict["key"]), (&json!(null), &json!("ours")), "{refused}");
    assert_eq!(conflict["text"], "stored, and not in the source");
    std::fs::remove_file(scene.path("geo_clusters")).unwrap();
    assert_eq!(scene.document(&[])["conflicts"][0]["key"], "ours", "also where the source has no such table");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    let scene = Scene::new().await;
    scene.export().await;
    let planned = scene.document(&["--dry-run"]);
    assert_eq!(scene.stored().await, Vec::<String>::new());
    let done = scene.document(&[]);
    assert_eq!((&planned["written"], &done["written"]), (&json!(false), &json!(true)));
    for same in ["tables", "conflicts", "notes", "missing", "watermarks", "late", "resolved"] {
        assert_eq!(planned[same], done[same], "{same}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_the_source_lacks_are_named_and_left_empty() {
    let scene = Scene::new().await;
    scene.export().await;
    for table in ["geo_budget", "closure_events", "crq"] {
        std::fs::remove_file(scene.path(table)).unwrap();
    }
    let adopted = scene.document(&[]);
    assert_eq!(adopted["missing"], json!(["geo_budget", "crq", "closure_events"]));
    assert_eq!(adopted["written"], true);
    let count = "select (select count(*) from tickets.crq) + (select count(*) from tickets.closure_events)";
    assert_eq!(scene.stage.count(count).await, 0);
    scene.old("drop table tickets.geo_budget, tickets.closure_events").await;
    let other = Scene { stage: landfall_testkit::TestStage::start().await, ..scene };
    let missing = &document(&other.adopt_database(&["--json"]))["missing"];
    assert_eq!(missing, &json!(["geo_budget", "closure_events"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_many_tickets_goes_through_in_several_batches() {
    let scene = Scene::empty().await;
    scene.put(&Ticket("INC000000000000", 0, &[("bucket", &"x".repeat(500))])).await;
    scene
        .old(
            "insert into tickets.inc (ticket_id, raw, source_key)
             select id, raw || jsonb_build_object('ticket_id', id), source_key
             from (select 'INC' || lpad(n::text, 12, '0') as id from generate_series(1, 3500) as n) as ids, tickets.inc",
        )
        .await;
    scene.export().await;
    let adopted = scene.document(&[]);
    assert_eq!(adopted["tables"]["inc"]["insert"], 3501, "{adopted}");
    assert_eq!(scene.stored().await, stored(scene.old.pool()).await);
    let again = document(&scene.adopt_database(&["--json"]));
    assert_eq!(again["tables"]["inc"]["same"], 3501, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_is_none_is_a_bad_argument() {
    let scene = Scene::empty().await;
    let none = told(&scene.adopt(&[]), scene.dir.path());
    assert!(
        none.starts_with("exit 2") && none.contains(". has none of import_meta.csv, geo_clusters.csv"),
        "{none}"
    );
    scene.write("tickets", "");
    let misspelt = told(&scene.adopt(&[]), scene.dir.path());
    assert!(misspelt.contains("./tickets.csv is none of the files that are taken over"), "{misspelt}");
    let nowhere = scene.tickets(&["adopt", "--from", "postgres://u@127.0.0.1:9/d"]);
    assert_eq!(nowhere.status.code(), Some(5));
}
