//! What a file holds, as it stands in the table after a drain.

use crate::scene::{Row, Scene, csv, incidents};

const TICKETS: &str =
    "select (to_jsonb(t) - array['ingested_at', 'source_key'])::text from tickets.inc t order by 1";

/// A file of incidents, drained.
async fn drained(body: impl Into<String>) -> Scene {
    let scene = Scene::start().await;
    scene.settled("08-20", body).await;
    scene.drain().await;
    scene
}

/// Incidents 1, 2 .. with one column set.
fn with(column: &'static str, values: &[&str]) -> String {
    let rows = (1..).zip(values).map(|(number, value)| Row::inc(number).with(column, value));
    csv(&rows.collect::<Vec<_>>())
}

#[tokio::test]
async fn test_14_columns_in_another_order_a_byte_order_mark_and_crlf_give_the_same_rows() {
    let plain = with("owner", &["A. Wanjiru", "", "B. Otieno"]);
    let turned = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",") + "\r\n";
    let other = format!("\u{feff}{}", plain.lines().map(turned).collect::<String>());
    let (plain, other) = (drained(plain).await, drained(other).await);
    assert_eq!(plain.count().await, 3);
    assert_eq!(plain.stage.texts(TICKETS).await, other.stage.texts(TICKETS).await);
}

#[tokio::test]
async fn test_15_a_quoted_value_is_one_value_of_one_row() {
    let scene = drained(with("location_name", &["\"Kwetu, \"\"Block A\"\"\nHomes\""])).await;
    let raw = "select raw ->> 'location_name' from tickets.inc";
    assert_eq!(scene.stage.texts(raw).await, ["Kwetu, \"Block A\"\nHomes"]);
}

#[tokio::test]
async fn test_22_ids_are_refused_put_in_upper_case_or_of_the_other_dataset() {
    let ids = [" ", "inc000000000002", "CRQ000000000003", "INC12"];
    let scene = drained(with("ticket_id", &ids)).await;
    assert_eq!(scene.stage.texts("select ticket_id from tickets.inc").await, ["INC000000000002"]);
    let rejects = "select line_no || ' ' || reason from tickets.row_rejects order by line_no";
    let expected = ["2 missing_ticket_id", "4 wrong_dataset", "5 bad_ticket_id"];
    assert_eq!(scene.stage.texts(rejects).await, expected);
}

#[tokio::test]
async fn test_23_a_region_is_in_lower_case_and_trimmed_in_raw() {
    let scene = drained(with("region", &[" NAIROBI  EAST "])).await;
    let both = "select region || '|' || (raw ->> 'region') from tickets.inc";
    assert_eq!(scene.stage.texts(both).await, ["nairobi east|NAIROBI  EAST"]);
}

#[tokio::test]
async fn test_24_25_times_are_read_in_east_africa_and_days_that_are_none_are_kept_in_raw_alone() {
    let values = ["2026-02-30 10:00:00", "2026-06-20T05:30:00Z", "21/06/2026 14:05"];
    let scene = drained(with("created_at_service", &values)).await;
    let both = "select coalesce(to_char(created_at_service at time zone 'UTC' + interval '3 h', 'DD Mon HH24:MI'), '-')
        || ' | ' || (raw ->> 'created_at_service') from tickets.inc order by ticket_id";
    let expected =
        ["- | 2026-02-30 10:00:00", "20 Jun 08:30 | 2026-06-20T05:30:00Z", "21 Jun 14:05 | 21/06/2026 14:05"];
    assert_eq!(scene.stage.texts(both).await, expected);
    assert_eq!(scene.stage.count("select count(*) from tickets.row_rejects").await, 0);
}

#[tokio::test]
async fn test_26_minutes_are_rounded_and_what_is_no_number_of_minutes_is_null() {
    let scene = drained(with("mttr", &["93.5", "-15", "n/a"])).await;
    let minutes = "select coalesce(mttr::text, '-') from tickets.inc order by ticket_id";
    assert_eq!(scene.stage.texts(minutes).await, ["94", "-", "-"]);
}

#[tokio::test]
async fn test_27_what_is_stored_does_not_depend_on_the_settings_of_the_session() {
    let times = ["03/04/2026 05:06", "2026-04-05 06:07:08", "2026-04-05", "2026-04-05T06:07:08+0530"];
    let rows = (1..).zip(times).map(|(number, time)| {
        Row::inc(number).with("created_at_service", time).with("closed_at", time).with("mttr", "93.5")
    });
    let file = csv(&rows.collect::<Vec<_>>());
    let expected = drained(file.clone()).await.stage.texts(TICKETS).await;
    assert_eq!(expected.len(), 4);
    let scene = Scene::start().await;
    // In the transaction itself, just before each statement that writes tickets.
    scene
        .stage
        .execute(
            "create function tickets.odd() returns trigger language plpgsql as $$ begin
                perform set_config('timezone', 'America/St_Johns', true), set_config('datestyle', 'SQL, MDY', true),
                    set_config('intervalstyle', 'sql_standard', true);
                return null; end $$",
        )
        .await;
    let odd = "create trigger odd before insert or update on tickets.inc execute function tickets.odd()";
    scene.stage.execute(odd).await;
    // Inserted, then updated.
    for time in ["08-20", "08-40"] {
        scene.settled(time, file.clone()).await;
        scene.drain().await;
        assert_eq!(scene.stage.texts(TICKETS).await, expected, "{time}");
    }
}

#[tokio::test]
async fn test_42_a_ticket_without_area_and_place_is_stored_and_counted_as_unmapped() {
    let scene = drained(incidents(1..2)).await;
    let keys =
        "select concat_ws('|', cluster_key is null, location_key is null, region is null) from tickets.inc";
    assert_eq!(scene.stage.texts(keys).await, ["t|t|t"]);
    let map = "select concat_ws(' ', summary ->> 'total', summary ->> 'mapped', summary ->> 'unmapped')
        from (select reporting.fn_tickets_for_map() -> 'summary' as summary) as map";
    assert_eq!(scene.stage.texts(map).await, ["1 0 1"]);
}
