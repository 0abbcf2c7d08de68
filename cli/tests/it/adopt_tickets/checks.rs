//! What is checked of each table.

use serde_json::{Value, json};

use super::scene::{KEY, Scene, Ticket, raw};

/// Table, row, column and rule of each conflict.
fn conflicts(document: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = |c: &Value| [&c["table"], &c["row"], &c["column"], &c["text"]].map(text).join(" | ");
    document["conflicts"].as_array().unwrap().iter().map(shown).collect()
}

/// Table, row, key and text of each note.
fn notes(document: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = |n: &Value| [&n["table"], &n["row"], &n["key"], &n["text"]].map(text).join(" | ");
    document["notes"].as_array().unwrap().iter().map(shown).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_has_the_shape_of_a_key_of_its_dataset() {
    let scene = Scene::empty().await;
    let crq = KEY.replace("inc", "crq");
    scene.write("import_meta", &format!("dataset,source_max_key\ninc,{crq}\ncrq,\n"));
    insta::assert_debug_snapshot!(conflicts(&scene.document(&[])), @r#"
    [
        "import_meta | 2 | source_max_key | no key of a change file, as automations/inc/changes/2026-06-25T08-20-00.csv",
    ]
    "#);
    scene.write("import_meta", "dataset,metadata\ninc,\"{\"\"source_max_key\"\": \"\"automations/inc/changes/2026-02-30T08-20-00.csv\"\"}\"\n");
    insta::assert_debug_snapshot!(conflicts(&scene.document(&[])), @r#"
    [
        "import_meta | 2 | source_max_key | no key of a change file, as automations/inc/changes/2026-06-25T08-20-00.csv",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_at_or_below_the_watermark_are_listed() {
    let scene = Scene::new().await;
    let key = |time: &str| format!("automations/inc/changes/2026-06-25T{time}.csv");
    for time in ["08-00-00", "08-20-00", "08-40-00"] {
        scene.stage.put(&key(time), &[], "").await;
    }
    scene.stage.put("automations/inc/changes/0-notes.txt", &[], "").await;
    let adopted = super::document(&scene.adopt_database(&["--json", "--dry-run"]));
    assert_eq!(adopted["late"], json!({ "count": 2, "keys": [key("08-00-00"), key("08-20-00")] }));
    assert_eq!(adopted["watermarks"]["inc"], KEY);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_have_an_id_of_their_dataset_and_32_names_in_raw() {
    let scene = Scene::empty().await;
    let mut short = raw("INC000000000002", &[]);
    short.as_object_mut().unwrap().remove("mttr");
    let mut number = raw("INC000000000004", &[]);
    number["latitude"] = json!(-1.25);
    scene.write_tickets(
        "inc",
        &[
            ("inc000000000001", raw(" inc000000000001", &[])),
            ("INC000000000002", short),
            ("CRQ000000000003", raw("CRQ000000000003", &[])),
            ("INC000000000004", number),
            ("INC5", raw("INC5", &[])),
            ("INC000000000006", raw("INC000000000007", &[])),
            ("INC000000000008", json!([])),
            ("INC000000000009", raw("INC000000000009", &[("owner", "a\0b")])),
            ("INC000000000001", raw("INC000000000001", &[])),
        ],
    );
    let refused = scene.document(&[]);
    insta::assert_debug_snapshot!(conflicts(&refused), @r#"
    [
        "inc | 3 | raw | lacks mttr",
        "inc | 4 | ticket_id | no id of inc: INC and 6 to 15 digits (wrong_dataset)",
        "inc | 5 | raw | latitude is neither a string nor null",
        "inc | 6 | ticket_id | no id of inc: INC and 6 to 15 digits (bad_ticket_id)",
        "inc | 7 | raw | is of another ticket",
        "inc | 8 | raw | no JSON object",
        "inc | 9 | raw | holds a NUL character",
        "inc | 10 |  | row 2 has the same key",
    ]
    "#);
    assert_eq!(refused["tables"]["inc"]["conflict"], 8);
    assert_eq!(scene.stored().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_columns_are_made_again_and_their_differences_are_counted() {
    let scene = Scene::new().await;
    scene.export().await;
    scene.edit("inc", ",nairobi east,", ",NAIROBI EAST,");
    scene.edit("inc", ",36.75,0101", ",36.7500001,0101");
    scene.edit("crq", ",94,", ",about 94,");
    scene.edit("crq", ",2026-06-19 05:00:00+00,", ",2026-06-19 05:00:00,");
    let adopted = scene.document(&[]);
    let difference = |example: &str| json!({ "tickets": 1, "example": example });
    assert_eq!(
        adopted["tables"]["inc"]["differences"],
        json!({ "region": difference("INC000000000003"), "longitude": difference("INC000000000003") })
    );
    assert_eq!(
        adopted["tables"]["crq"]["differences"],
        json!({ "mttr": difference("CRQ000000000001"), "created_at_service": difference("CRQ000000000001") })
    );
    assert_eq!(
        adopted["tables"]["inc"]["ignored_columns"],
        json!([
            "cluster_key",
            "location_key",
            "geo_lat",
            "geo_lng",
            "geo_source",
            "ingested_at",
            "geom",
            "geog"
        ])
    );
    assert_eq!(adopted["written"], true, "a difference is no conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn closures_without_a_number_are_numbered_by_time_and_tickets_follow() {
    let scene = Scene::empty().await;
    let closed = [("normalized_status", "closed"), ("closed_at", "2026-06-20 10:00:00")];
    scene.put(&Ticket("INC000000000001", 7, &closed)).await;
    scene.put(&Ticket("INC000000000002", 7, &[])).await;
    scene.put(&Ticket("INC000000000003", 7, &closed)).await;
    scene.export().await;
    scene.write(
        "closure_events",
        "dataset,ticket_id,closed_at,observed_at,backfill\n\
         inc,INC000000000001,2026-06-20T07:00:00Z,2026-06-21T07:00:00Z,f\n\
         inc,INC000000000001,2026-06-18T07:00:00Z,2026-06-19T07:00:00Z,t\n\
         inc,INC000000000002,2026-06-18T07:00:00Z,2026-06-19T07:00:00Z,t\n",
    );
    assert_eq!(scene.document(&[])["written"], true);
    let counts = "select ticket_id || ' ' || reopen_count from tickets.inc order by 1";
    assert_eq!(
        scene.stage.texts(counts).await,
        ["INC000000000001 1", "INC000000000002 1", "INC000000000003 7"]
    );
    let events = "select concat_ws(' ', ticket_id, reopen_count, closed_at::date, backfill) from tickets.closure_events
        order by ticket_id, reopen_count";
    assert_eq!(
        scene.stage.texts(events).await,
        [
            "INC000000000001 0 2026-06-18 t",
            "INC000000000001 1 2026-06-20 f",
            "INC000000000002 0 2026-06-18 t"
        ]
    );
    assert_eq!(scene.document(&[])["tables"]["closure_events"]["same"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn closures_and_days_stand_once_and_hold_what_they_must() {
    let scene = Scene::empty().await;
    scene.write(
        "closure_events",
        "dataset,ticket_id,reopen_count,closed_at,observed_at,backfill\n\
         inc,INC000000000001,0,2026-06-20T07:00:00Z,2026-06-21T07:00:00Z,f\n\
         inc,INC000000000001,0,2026-06-21T07:00:00Z,2026-06-21T07:00:00Z,f\n\
         inc,INC000000000001,,2026-06-21T07:00:00Z,2026-06-21T07:00:00Z,f\n\
         crq,INC000000000001,1,2026-06-21 07:00:00,2026-06-21T07:00:00Z,f\n",
    );
    scene.write(
        "inc_daily_snapshot",
        "snapshot_date,open_total,open_actionable,breached,at_risk,within,unknown,by_cluster,captured_at\n\
         2026-06-24,1,1,1,0,0,0,{},2026-06-24T17:40:00Z\n\
         2026-06-23,1,1,-1,0,0,0,,2026-06-23T17:40:00Z\n\
         2026-06-22,1\n",
    );
    insta::assert_debug_snapshot!(conflicts(&scene.document(&[])), @r#"
    [
        "closure_events | 4 | reopen_count | empty",
        "closure_events | 5 | closed_at | no time with its offset, as 2026-06-25T05:20:00Z or 2026-06-25 08:20:00+03",
        "inc_daily_snapshot | 2 | by_cluster | no JSON array",
        "inc_daily_snapshot | 3 | breached | no whole number from 0 to 2147483647",
        "inc_daily_snapshot | 4 |  | the row has 2 fields, the header 9",
        "closure_events | 3 |  | row 2 has the same key",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_places_are_computed_again_and_rows_that_become_one_are_merged() {
    let scene = Scene::empty().await;
    scene.write(
        "geo_clusters",
        "cluster_key,status,lat,lng,last_attempt_at\n\
         Pipeline,ok,-1.3,36.9,2026-06-01T00:00:00Z\n\
         pipeline,ok,-1.3,36.9,2026-06-02T00:00:00Z\n\
         Umoja ,ok,-1.28,36.9,2026-06-01T00:00:00Z\n\
         umoja,not_found,,,2026-06-02T00:00:00Z\n\
         KAYOLE,manual,-1.27,36.91,\n\
         kayole,ok,-1.2,36.8,2026-06-02T00:00:00Z\n\
         London,ok,51.5,-0.1,2026-06-02T00:00:00Z\n",
    );
    scene.write(
        "geo_locations",
        "cluster_key,location_key,status,lat,lng\n\
         Pipeline,Kwetu Homes FDT02/P10,ok,-1.3,36.9\npipeline,OLT07,ok,-1.3,36.9\n",
    );
    let adopted = scene.document(&[]);
    insta::assert_debug_snapshot!(notes(&adopted), @r#"
    [
        "geo_clusters | 8 | London | the point 51.5, -0.1 is outside Kenya's box",
        "geo_locations | 3 | pipeline OLT07 | left out: no ticket has this place, since nothing is left of it without network codes",
        "geo_clusters | 4 | Umoja  | has one key with row 5 (umoja), which stays: they do not agree",
        "geo_clusters | 7 | kayole | has one key with row 6 (KAYOLE), which stays: they do not agree",
    ]
    "#);
    let clusters =
        "select concat_ws(' ', cluster_key, status, lat, lng) from tickets.geo_clusters order by 1";
    assert_eq!(
        scene.stage.texts(clusters).await,
        ["kayole manual -1.27 36.91", "london ok 51.5 -0.1", "pipeline ok -1.3 36.9", "umoja not_found"]
    );
    let locations = "select cluster_key || ' / ' || location_key from tickets.geo_locations";
    assert_eq!(scene.stage.texts(locations).await, ["pipeline / kwetu homes"]);
    let again = scene.document(&[]);
    assert_eq!((&again["written"], &again["tables"]["geo_clusters"]["same"]), (&json!(true), &json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_known_has_a_point() {
    let scene = Scene::empty().await;
    scene.write(
        "geo_clusters",
        "cluster_key,status,lat,lng\npipeline,ok,-1.3,\numoja,fine,-1.3,36.9\nkayole,error,-100,NaN\n -,manual,1,\n",
    );
    insta::assert_debug_snapshot!(conflicts(&scene.document(&[])), @r#"
    [
        "geo_clusters | 2 | status | ok and manual need lat and lng",
        "geo_clusters | 3 | status | none of ok, not_found, rejected_far, error, manual",
        "geo_clusters | 4 | lng | no number",
        "geo_clusters | 5 | status | ok and manual need lat and lng",
    ]
    "#);
}
