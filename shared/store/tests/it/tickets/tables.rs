//! The tables of tickets: what is open, what was opened again.

use super::scene::Scene;

const STATE: &str = "select ticket_id, is_open, reopen_count from tickets.inc order by ticket_id";

#[tokio::test]
async fn test_28_closed_without_a_time_is_closed_but_in_no_window_and_no_event() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("normalized_status", "closed")]).await;
    insta::assert_snapshot!(scene.rows(STATE).await, @"INC000001 false 0");
    let captured = scene.json("tickets.capture_history() ->> 'new_closures'").await;
    assert_eq!(captured, "0");
    let closed = "reporting.fn_inc_dashboard(p_window => '30d') #> '{metrics,closed_total}'";
    assert_eq!(scene.json(closed).await, 0);
}

#[tokio::test]
async fn the_status_wins_over_the_time_of_closing() {
    let mut scene = Scene::new().await;
    let closed = ("closed_at", "2026-06-20 10:00:00");
    for (nth, status) in ["open", "Pending", "resolved", "CANCELED", "odd", ""].into_iter().enumerate() {
        scene.put(&format!("INC10000{nth}"), &[("normalized_status", status), closed]).await;
        scene.put(&format!("INC20000{nth}"), &[("normalized_status", status)]).await;
    }
    scene.put("INC300000", &[("normalized_status", "odd"), ("closed_at", "no time")]).await;
    let open = "select string_agg(is_open::text, ' ' order by ticket_id) from tickets.inc group by left(ticket_id, 4)
        order by left(ticket_id, 4)";
    insta::assert_snapshot!(scene.rows(open).await, @"
    true true false false false false
    true true false false true true
    true
    ");
}

#[tokio::test]
async fn test_29_a_reopened_ticket_is_counted_and_can_close_again() {
    let mut scene = Scene::new().await;
    let closed = [("normalized_status", "closed"), ("closed_at", "2026-06-20 10:00:00")];
    scene.put("INC000001", &closed).await;
    scene.run("select tickets.capture_history()").await;
    scene
        .put("INC000001", &[("normalized_status", "in_progress"), ("closed_at", "2026-06-20 10:00:00")])
        .await;
    insta::assert_snapshot!(scene.rows(STATE).await, @"INC000001 true 1");
    scene.put("INC000001", &[("normalized_status", "closed"), ("closed_at", "2026-06-24 10:00:00")]).await;
    scene.run("select tickets.capture_history()").await;
    insta::assert_snapshot!(
        scene.rows("select reopen_count, closed_at, outcome, backfill from tickets.closure_events order by 1").await,
        @"
    0 2026-06-20T10:00:00+03:00 closed true
    1 2026-06-24T10:00:00+03:00 closed false
    "
    );
}

#[tokio::test]
async fn a_ticket_that_stays_open_or_closed_is_not_reopened() {
    let mut scene = Scene::new().await;
    for status in ["open", "assigned", "closed", "resolved"] {
        scene.put("INC000001", &[("normalized_status", status), ("closed_at", "2026-06-20 10:00:00")]).await;
    }
    scene.run("update tickets.inc set cluster_key = 'other'").await;
    insta::assert_snapshot!(scene.rows(STATE).await, @"INC000001 false 0");
}

#[tokio::test]
async fn test_42_without_cluster_and_location_a_ticket_is_stored_unmapped() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("normalized_status", "open")]).await;
    insta::assert_snapshot!(
        scene.rows("select ticket_id, region, latitude, geo_source, geom, geog from tickets.inc").await,
        @"INC000001 - - - - -"
    );
}

#[tokio::test]
async fn both_tables_have_the_same_columns_indexes_and_triggers() {
    let mut scene = Scene::new().await;
    let shape = |table: &str| {
        format!(
            "(select array_agg(line order by line) from (
                select format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull,
                    pg_get_expr(adbin, adrelid)) as line
                from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where attrelid = 'tickets.{table}'::regclass and attnum > 0
                union all
                select regexp_replace(pg_get_indexdef(indexrelid), '^.* USING', '') from pg_index
                where indrelid = 'tickets.{table}'::regclass
                union all
                select replace(pg_get_triggerdef(oid), ' ON tickets.{table} ', ' ') from pg_trigger
                where tgrelid = 'tickets.{table}'::regclass) as lines)"
        )
    };
    let inc = scene.json(&shape("inc")).await;
    assert_eq!(inc.as_array().unwrap().len(), 33 + 9 + 2, "{inc:#}");
    assert_eq!(inc, scene.json(&shape("crq")).await);
}
