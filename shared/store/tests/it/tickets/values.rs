//! How text becomes the value of a typed column: never an error, and the same under any setting of the session.

use super::scene::Scene;

/// A text, and the time it is in UTC; `-` for none.
const TIMES: [(&str, &str); 54] = [
    // No zone: East Africa Time.
    ("2026-06-20 05:30:00", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20T05:30:00", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20 05:30", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20T05:30", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20 05:30:00.5", "2026-06-20T02:30:00.5+00:00"),
    ("2026-06-20 05:30:00.123456", "2026-06-20T02:30:00.123456+00:00"),
    ("2026-06-20 05:30:59.999999", "2026-06-20T02:30:59.999999+00:00"),
    ("2026-06-20", "2026-06-19T21:00:00+00:00"),
    ("2026-01-01 00:00:00", "2025-12-31T21:00:00+00:00"),
    ("2026-12-31 23:59:59", "2026-12-31T20:59:59+00:00"),
    // A zone.
    ("2026-06-20T05:30:00Z", "2026-06-20T05:30:00+00:00"),
    ("2026-06-20T05:30Z", "2026-06-20T05:30:00+00:00"),
    ("2026-06-20 05:30:00 z", "2026-06-20T05:30:00+00:00"),
    ("2026-06-20T05:30:00+03", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20T05:30:00+0300", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20T05:30:00+03:00", "2026-06-20T02:30:00+00:00"),
    ("2026-06-20T05:30:00.25-07:30", "2026-06-20T13:00:00.25+00:00"),
    ("2026-06-20T05:30:00-15:59", "2026-06-20T21:29:00+00:00"),
    ("2026-06-20T05:30:00+15:59", "2026-06-19T13:31:00+00:00"),
    ("2026-06-20T05:30:00+16:00", "-"),
    ("2026-06-20T05:30:00+03:60", "-"),
    ("2026-06-20T05:30:00+3", "-"),
    ("2026-06-20T05:30:00 EAT", "-"),
    ("2026-06-20Z", "-"),
    // Day first.
    ("21/06/2026 14:05", "2026-06-21T11:05:00+00:00"),
    ("21/06/2026 14:05:09", "2026-06-21T11:05:09+00:00"),
    ("21/06/2026", "2026-06-20T21:00:00+00:00"),
    ("06/07/2026", "2026-07-05T21:00:00+00:00"),
    ("06/21/2026", "-"),
    ("21/06/2026T14:05", "-"),
    ("21/06/26", "-"),
    // The calendar.
    ("2024-02-29 10:00:00", "2024-02-29T07:00:00+00:00"),
    ("2000-02-29", "2000-02-28T21:00:00+00:00"),
    ("2026-02-29 10:00:00", "-"),
    ("1900-02-29", "-"),
    ("2026-02-30 10:00:00", "-"),
    ("2026-04-31 10:00:00", "-"),
    ("2026-13-01 10:00:00", "-"),
    ("2026-00-10 10:00:00", "-"),
    ("2026-10-00", "-"),
    ("2026-06-20 24:00:00", "-"),
    ("2026-06-20 10:60:00", "-"),
    ("2026-06-20 10:00:60", "-"),
    ("0000-01-01", "-"),
    ("1989-12-31 23:00:00", "1989-12-31T20:00:00+00:00"),
    ("2090-01-01 00:00:00", "2089-12-31T21:00:00+00:00"),
    ("9999-12-31 23:59:59", "9999-12-31T20:59:59+00:00"),
    // Neither.
    ("", "-"),
    ("n/a", "-"),
    ("now", "-"),
    ("infinity", "-"),
    ("2026-06-20 05:3a:00", "-"),
    ("2026-06-20  5:30:00", "-"),
    ("2026-6-20 05:30:00", "-"),
];

/// The session's settings that could change how times read.
const SETTINGS: [&str; 3] = [
    "select 1",
    "set local timezone = 'America/St_Johns'; set local datestyle = 'SQL, MDY'; set local intervalstyle = 'sql_standard'",
    "set local timezone = 'Asia/Kathmandu'; set local datestyle = 'German, DMY'; set local lc_time = 'C'",
];

#[tokio::test]
async fn test_25_test_27_times_read_the_same_under_any_setting() {
    let mut scene = Scene::new().await;
    for setting in SETTINGS {
        scene.run(setting).await;
        for (text, time) in TIMES {
            let read = sqlx::query_scalar::<_, Option<String>>(
                "select rtrim(rtrim(to_char(tickets.eat_ts($1) at time zone interval '0',
                     'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.') || '+00:00'",
            );
            let read = read.bind(text).fetch_one(&mut *scene.tx).await.unwrap();
            let read = read.unwrap_or_else(|| "-".to_owned());
            assert_eq!(read, time, "{text:?} under {setting}");
        }
    }
}

#[tokio::test]
async fn test_27_stored_values_do_not_change_with_the_session() {
    let mut scene = Scene::new().await;
    let values = [
        ("created_at_service", "03/04/2026 05:06"),
        ("closed_at", "2026-04-05 06:07:08"),
        ("normalized_status", "closed"),
    ];
    for (nth, setting) in SETTINGS.into_iter().enumerate() {
        scene.run(setting).await;
        scene.put(&format!("INC00000{nth}"), &values).await;
    }
    let different = "(select count(distinct (created_at_service, closed_at, is_open)) from tickets.inc)";
    assert_eq!(scene.json(different).await, 1);
}

#[tokio::test]
async fn both_ways_to_read_a_time_agree() {
    let mut scene = Scene::new().await;
    let differing = "(
        select count(*)
        from generate_series(1985, 2095, 5) as year, generate_series(0, 13) as month, generate_series(0, 32, 2) as day,
            unnest(array['00:00:00', '23:59:59', '24:00:00', '12:60:00', '12:00:60', '1 :00:00', '12:0+:00']) as time,
            format('%s-%s-%s %s', year, lpad(month::text, 2, '0'), lpad(day::text, 2, '0'), time) as text
        where tickets.eat_ts(text) is distinct from tickets.eat_ts_any(text))";
    assert_eq!(scene.json(differing).await, 0);
}

#[tokio::test]
async fn test_24_a_day_that_is_none_is_null_and_stays_in_raw() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("created_at_service", "2026-02-30 10:00:00")]).await;
    insta::assert_snapshot!(
        scene.rows("select created_at_service, raw ->> 'created_at_service' from tickets.inc").await,
        @"- 2026-02-30 10:00:00"
    );
}

#[tokio::test]
async fn test_23_a_region_is_lower_case_with_single_blanks() {
    let mut scene = Scene::new().await;
    scene.put("INC000001", &[("region", "NAIROBI  EAST")]).await;
    scene.put("INC000002", &[("region", "Rift\tValley")]).await;
    scene.put("INC000003", &[("region", "coast")]).await;
    scene.put("INC000004", &[]).await;
    insta::assert_snapshot!(
        scene.rows("select region, raw ->> 'region' from tickets.inc order by ticket_id").await,
        @"
    nairobi east NAIROBI  EAST
    rift valley Rift	Valley
    coast coast
    - -
    "
    );
}

#[tokio::test]
async fn test_26_minutes_are_rounded_half_away_from_zero() {
    let mut scene = Scene::new().await;
    let minutes = "select string_agg(coalesce(tickets.mttr_min(t)::text, '-'), ' ' order by n)
        from unnest(array['93.5', '93.49', '94.5', '0', '0.5', '.5', '7.', '+3', '-15', '-0.4', 'n/a', '', '1e3',
            '2147483646', '2147483647', '99999999999999999999', repeat('9', 200000)]) with ordinality as v(t, n)";
    insta::assert_snapshot!(scene.rows(minutes).await, @"94 93 95 0 1 1 7 3 - - - - - 2147483646 2147483647 - -");
}

#[tokio::test]
async fn words_for_yes_and_no_are_read_in_any_case() {
    let mut scene = Scene::new().await;
    let read = "select string_agg(t || '=' || coalesce(tickets.to_bool(t)::text, '-'), ' ' order by n)
        from unnest(array['true', 'T', '1', 'Yes', 'y', 'FALSE', 'f', '0', 'no', 'N', '2', 'on', '']) with ordinality
            as v(t, n)";
    insta::assert_snapshot!(
        scene.rows(read).await,
        @"true=true T=true 1=true Yes=true y=true FALSE=false f=false 0=false no=false N=false 2=- on=- =-"
    );
}

#[tokio::test]
async fn a_coordinate_of_the_feed_is_inside_the_box_or_none() {
    let mut scene = Scene::new().await;
    let read = "select string_agg(coalesce(tickets.feed_coord(jsonb_build_object('latitude', a, 'longitude', b))::text,
            '-'), ' ' order by n)
        from unnest(array['-1.25', '0', '36.8', '-5.0', '5.5', '5.51', '-1.25', 'x', null, '0.' || repeat('0', 400) || '1'],
            array['36.8', '0', '-1.25', '33.5', '42.0', '40', '42.01', '36.8', '36.8', '36.8']) with ordinality
            as v(a, b, n)";
    insta::assert_snapshot!(scene.rows(read).await, @"{-1.25,36.8} - - {-5,33.5} {5.5,42} - - - - {0,36.8}");
}

#[tokio::test]
async fn the_distance_of_two_points_is_in_kilometres() {
    let mut scene = Scene::new().await;
    let km = scene
        .rows("select round(tickets.haversine_km(-1.2864, 36.8172, -4.0435, 39.6682)::numeric, 3)")
        .await;
    assert_eq!(km, "440.740");
}
