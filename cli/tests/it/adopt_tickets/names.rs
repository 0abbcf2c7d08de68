//! Sources that call things by other names.

use serde_json::json;

use super::super::command::{json as document, told};
use super::scene::{KEY, Scene};

/// The tables of another schema, with other names and columns.
const RENAMED: &str = r#"
    create schema service;
    create table service.incidents as
        select ticket_id as "Number", raw::text as payload, source_key, reopen_count as reopens, region from tickets.inc;
    create view service.marks as
        select dataset, metadata ->> 'source_max_key' as last_key, metadata ->> 'content_max_ts' as newest
        from tickets.import_meta;
"#;

const MAP: &str = r#"{
    "schema": "service",
    "tables": { "inc": "incidents", "import_meta": "service.marks", "crq": "tickets.crq" },
    "columns": {
        "inc": { "ticket_id": "number", "raw": "payload", "reopen_count": "reopens" },
        "import_meta": { "source_max_key": "last_key", "content_max_ts": "newest" }
    }
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_map_renames_schemas_tables_and_columns() {
    let scene = Scene::new().await;
    scene.old(RENAMED).await;
    std::fs::write(scene.dir.path().join("names.json"), MAP).unwrap();
    let adopted = document(&scene.adopt_database(&["--map", "names.json", "--json"]));
    assert_eq!(adopted["written"], true, "{adopted}");
    assert_eq!(adopted["watermarks"]["inc"], KEY);
    assert_eq!(
        (&adopted["tables"]["inc"]["insert"], &adopted["tables"]["crq"]["insert"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(adopted["missing"].as_array().unwrap().len(), 6, "{adopted}");
    let reopened = "select ticket_id from tickets.inc where reopen_count = 1";
    assert_eq!(scene.stage.texts(reopened).await, ["INC000000000002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_renames_files_and_their_columns() {
    let scene = Scene::new().await;
    scene.export().await;
    std::fs::rename(scene.path("geo_budget"), scene.path("requests")).unwrap();
    scene.edit("requests", "used", "Spent ");
    let map =
        r#"{ "tables": { "geo_budget": "requests" }, "columns": { "geo_budget": { "used": "spent" } } }"#;
    std::fs::write(scene.dir.path().join("names.json"), map).unwrap();
    let adopted = scene.document(&["--map", "names.json"]);
    assert_eq!((&adopted["written"], &adopted["missing"]), (&json!(true), &json!([])), "{adopted}");
    assert_eq!(adopted["tables"]["geo_budget"]["insert"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_map_names_must_be_there() {
    let scene = Scene::new().await;
    scene.export().await;
    let run = |map: &str| {
        std::fs::write(scene.dir.path().join("names.json"), map).unwrap();
        told(&scene.adopt(&["--map", "names.json"]), scene.dir.path())
    };
    insta::assert_snapshot!(run(r#"{ "tables": { "inc": "incidents" } }"#), @"
    exit 2
    ---
    error: ./inc.csv is none of the files that are taken over
    they are import_meta.csv, geo_clusters.csv, geo_locations.csv, geo_budget.csv, incidents.csv, crq.csv, closure_events.csv, inc_daily_snapshot.csv, crq_daily_snapshot.csv
    ");
    insta::assert_snapshot!(run(r#"{ "columns": { "geo_budget": { "used": "spent" } } }"#), @"
    exit 2
    ---
    error: cannot take over ./geo_budget.csv: geo_budget needs a column spent; the source has day, used
    --map says what the source calls its columns
    ");
    insta::assert_snapshot!(run(r#"{ "columns": { "geo_budget": { "spent": "used" } } }"#), @r#"
    exit 2
    ---
    error: cannot read names.json: the map names column "spent" of geo_budget; its columns are day, used
    "#);
    std::fs::write(scene.dir.path().join("names.json"), r#"{ "tables": { "inc": "incidents" } }"#).unwrap();
    let refused = told(&scene.adopt_database(&["--map", "names.json"]), scene.dir.path());
    insta::assert_snapshot!(refused, @r#"
    exit 2
    ---
    error: the map names "tickets"."incidents", which is not in the database of --from
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_read_is_refused_with_line_and_rule() {
    let scene = Scene::empty().await;
    scene.write("geo_budget", "day,used\n2026-06-24,1\n2026-06-25,\"2\n");
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 2
    ---
    error: cannot read ./geo_budget.csv: line 3: the file ends inside a quoted field of the record that begins here (open_quote)
    ");
    scene.write("geo_budget", "");
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 2
    ---
    error: ./geo_budget.csv has no header
    ");
    scene.write("geo_budget", "day,used,USED\n");
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 2
    ---
    error: cannot take over ./geo_budget.csv: geo_budget has column used twice
    --map says what the source calls its columns
    ");
}
