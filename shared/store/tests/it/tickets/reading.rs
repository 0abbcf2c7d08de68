//! What maps and dashboards read.

use super::scene::Scene;

/// Three open tickets, of which two have a place, and three closed ones.
async fn scene() -> Scene {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    let (karen, team) = (("cluster", "Karen"), ("assigned_team", "Field Team A"));
    let place = [("latitude", "-1.32"), ("longitude", "36.7")];
    let opened = ("created_at_service", "2026-06-25 08:40:00");
    scene.put("INC000001", &[karen, team, place[0], place[1], opened, ("is_actionable", "yes")]).await;
    scene.put("INC000002", &[("owner", "A. Person"), ("normalized_status", "pending"), place[0]]).await;
    scene.put("CRQ000003", &[karen, place[0], place[1], ("scheduled_at", "2026-06-26 10:00:00")]).await;
    let closed = ("normalized_status", "closed");
    let at = |time: &'static str| ("closed_at", time);
    scene
        .put(
            "INC000004",
            &[karen, team, closed, at("2026-06-24 10:00:00"), ("sla_status", "Met"), ("mttr", "100")],
        )
        .await;
    scene
        .put(
            "INC000005",
            &[karen, closed, at("2026-06-18 09:40:01"), ("sla_status", "missed"), ("mttr", "33")],
        )
        .await;
    scene.put("INC000006", &[closed, at("2026-06-18 09:40:00"), ("mttr", "1")]).await;
    scene
        .put("INC000007", &[("normalized_status", "cancelled"), at("2026-06-24 10:00:00"), ("mttr", "9")])
        .await;
    scene
        .run(
            r#"update tickets.import_meta set last_success_at = '2026-06-25T06:20:05Z',
                metadata = '{"source_max_key": "k9", "content_max_ts": "2026-06-23T09:40:00+03:00"}'
            where dataset = 'inc'"#,
        )
        .await;
    scene
}

#[tokio::test]
async fn test_43_the_map_has_a_feature_of_each_ticket_with_a_place() {
    let mut scene = scene().await;
    let features = scene.json("reporting.fn_tickets_for_map() -> 'features'").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&features).unwrap(), @r#"
    [
      {
        "geometry": {
          "coordinates": [
            36.7,
            -1.32
          ],
          "type": "Point"
        },
        "id": "CRQ000003",
        "properties": {
          "age_minutes": null,
          "cluster": "Karen",
          "dataset": "crq",
          "geo_source": "feed",
          "is_actionable": null,
          "location_name": null,
          "owner": null,
          "raw_status": null,
          "region": null,
          "sla_state": "unknown",
          "status": null,
          "team": null,
          "ticket_id": "CRQ000003"
        },
        "type": "Feature"
      },
      {
        "geometry": {
          "coordinates": [
            36.7,
            -1.32
          ],
          "type": "Point"
        },
        "id": "INC000001",
        "properties": {
          "age_minutes": 60,
          "cluster": "Karen",
          "dataset": "inc",
          "geo_source": "feed",
          "is_actionable": true,
          "location_name": null,
          "owner": null,
          "raw_status": null,
          "region": null,
          "sla_state": "within",
          "status": null,
          "team": "Field Team A",
          "ticket_id": "INC000001"
        },
        "type": "Feature"
      }
    ]
    "#);
}

#[tokio::test]
async fn test_43_the_map_counts_tickets_without_a_place() {
    let mut scene = scene().await;
    let summary = scene.json("reporting.fn_tickets_for_map() -> 'summary'").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&summary).unwrap(), @r#"
    {
      "by_dataset": {
        "crq": 1,
        "inc": 2
      },
      "by_geo_source": {
        "cluster": 0,
        "feed": 2,
        "location": 0
      },
      "freshness": {
        "crq": {
          "content_max_ts": null,
          "lag_minutes": null,
          "last_success_at": null,
          "source_max_key": null
        },
        "inc": {
          "content_max_ts": "2026-06-23T09:40:00+03:00",
          "lag_minutes": 2880,
          "last_success_at": "2026-06-25T09:20:05+03:00",
          "source_max_key": "k9"
        }
      },
      "mapped": 2,
      "total": 3,
      "truncated": false,
      "unmapped": 1
    }
    "#);
}

#[tokio::test]
async fn the_map_takes_a_dataset_a_status_a_cluster_and_a_limit() {
    let mut scene = scene().await;
    let counts =
        "select m -> 'summary' -> 'total', m -> 'summary' -> 'mapped', m -> 'summary' -> 'truncated',
        jsonb_path_query_array(m, '$.features[*].id')";
    for (arguments, seen) in [
        ("'inc'", "2 1 false [\"INC000001\"]"),
        ("'crq', 'all'", "1 1 false [\"CRQ000003\"]"),
        ("null, 'closed'", "4 0 false []"),
        ("null, 'all'", "7 2 false [\"CRQ000003\", \"INC000001\"]"),
        ("null, 'open', ' KAREN'", "2 2 false [\"CRQ000003\", \"INC000001\"]"),
        ("null, 'open', 'nowhere'", "0 0 false []"),
        ("null, 'open', null, 1", "3 2 true [\"CRQ000003\"]"),
        ("p_limit => 0", "3 2 true []"),
    ] {
        let rows =
            scene.rows(&format!("{counts} from reporting.fn_tickets_for_map({arguments}) as of(m)")).await;
        assert_eq!(rows, seen, "{arguments}");
    }
}

#[tokio::test]
async fn test_44_arguments_that_mean_nothing_are_refused() {
    let mut scene = Scene::new().await;
    for call in [
        "reporting.fn_inc_dashboard(p_window => 'custom', p_from => '2026-06-01')",
        "reporting.fn_inc_dashboard(p_window => 'custom', p_to => '2026-06-01')",
        "reporting.fn_crq_dashboard(p_window => 'custom', p_from => '2026-06-02', p_to => '2026-06-01')",
        "reporting.fn_crq_dashboard(p_window => '8d')",
        "reporting.fn_tickets_for_map('dump')",
        "reporting.fn_tickets_for_map(p_status => 'broken')",
        "reporting.fn_tickets_for_map(p_limit => -1)",
    ] {
        assert_eq!(scene.refused(&format!("select {call}")).await, "22023", "{call}");
    }
}

#[tokio::test]
async fn test_45_the_dashboard_of_an_empty_table_has_all_keys() {
    let mut scene = Scene::at("2026-06-25T09:40:00+03:00").await;
    let empty = scene.json("reporting.fn_crq_dashboard()").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&empty).unwrap(), @r#"
    {
      "closed": {
        "features": [],
        "type": "FeatureCollection"
      },
      "freshness": {
        "content_max_ts": null,
        "lag_minutes": null,
        "last_success_at": null,
        "source_max_key": null
      },
      "meta": {
        "cluster": null,
        "dataset": "crq",
        "from": "2026-06-18T09:40:00+03:00",
        "generated_at": "2026-06-25T09:40:00+03:00",
        "status": null,
        "to": "2026-06-25T09:40:00+03:00",
        "window": "7d"
      },
      "metrics": {
        "by_cluster": [],
        "by_owner": [],
        "by_team": [],
        "cancelled_total": 0,
        "closed_met": 0,
        "closed_missed": 0,
        "closed_total": 0,
        "mttr_avg_minutes": null,
        "mttr_median_minutes": null,
        "oldest_open_minutes": null,
        "open_actionable": 0,
        "open_mapped": 0,
        "open_total": 0,
        "sla": {
          "at_risk": 0,
          "breached": 0,
          "unknown": 0,
          "within": 0
        },
        "stage": {
          "overdue": 0,
          "scheduled": 0,
          "unscheduled": 0
        }
      },
      "open": {
        "features": [],
        "type": "FeatureCollection"
      }
    }
    "#);
    let keys = "(select array_agg(key order by key) from jsonb_object_keys(
        reporting.fn_inc_dashboard() -> 'metrics') as key)";
    insta::assert_snapshot!(scene.json(keys).await, @r#"["by_cluster","by_owner","by_team","cancelled_total","closed_met","closed_missed","closed_total","mttr_avg_minutes","mttr_median_minutes","oldest_open_minutes","open_actionable","open_mapped","open_total","sla"]"#);
}

#[tokio::test]
async fn the_dashboard_counts_open_tickets_and_those_closed_in_the_window() {
    let mut scene = scene().await;
    let metrics = scene.json("reporting.fn_inc_dashboard() -> 'metrics'").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&metrics).unwrap(), @r#"
    {
      "by_cluster": [
        {
          "closed": 2,
          "cluster": "Karen",
          "open": 1
        },
        {
          "closed": 0,
          "cluster": "Unknown",
          "open": 1
        }
      ],
      "by_owner": [
        {
          "closed": 0,
          "open": 1,
          "owner": "A. Person"
        },
        {
          "closed": 2,
          "open": 1,
          "owner": "Unassigned"
        }
      ],
      "by_team": [
        {
          "closed": 1,
          "open": 1,
          "team": "Field Team A"
        },
        {
          "closed": 1,
          "open": 1,
          "team": "Unassigned"
        }
      ],
      "cancelled_total": 1,
      "closed_met": 1,
      "closed_missed": 1,
      "closed_total": 2,
      "mttr_avg_minutes": 66.5,
      "mttr_median_minutes": 66.5,
      "oldest_open_minutes": 60,
      "open_actionable": 1,
      "open_mapped": 1,
      "open_total": 2,
      "sla": {
        "at_risk": 0,
        "breached": 0,
        "unknown": 1,
        "within": 1
      }
    }
    "#);
}

#[tokio::test]
async fn a_dashboard_takes_a_window_a_cluster_and_a_status() {
    let mut scene = scene().await;
    let some =
        "select m -> 'open_total', m -> 'closed_total', m -> 'cancelled_total', m -> 'mttr_median_minutes'";
    for (arguments, seen) in [
        ("p_window => '24h'", "2 1 1 100"),
        ("p_window => '30d'", "2 3 1 33"),
        ("p_window => 'today'", "2 0 0 -"),
        ("p_window => 'custom', p_from => '2026-06-18', p_to => '2026-06-18'", "2 2 0 17"),
        ("p_window => 'custom', p_from => '2026-06-19', p_to => '2026-06-23'", "2 0 0 -"),
        ("p_cluster => 'karen'", "1 2 0 66.5"),
        ("p_status => 'pending'", "1 2 1 66.5"),
    ] {
        let rows = scene
            .rows(&format!(
                "{some} from (select reporting.fn_inc_dashboard({arguments}) -> 'metrics')
            as of(m)"
            ))
            .await;
        assert_eq!(rows, seen, "{arguments}");
    }
}

#[tokio::test]
async fn a_window_of_days_begins_and_ends_at_midnight_in_nairobi() {
    let mut scene = Scene::new().await;
    for (id, time) in [
        ("INC000001", "2026-06-17 23:59:59.999999"),
        ("INC000002", "2026-06-18 00:00:00"),
        ("INC000003", "2026-06-19 23:59:59.999999"),
        ("INC000004", "2026-06-20 00:00:00"),
    ] {
        scene
            .put(
                id,
                &[
                    ("normalized_status", "closed"),
                    ("closed_at", time),
                    ("latitude", "-1"),
                    ("longitude", "36"),
                ],
            )
            .await;
    }
    let window = "select d #>> '{meta,from}', d #>> '{meta,to}', jsonb_path_query_array(d, '$.closed.features[*].id')
        from reporting.fn_inc_dashboard(p_window => 'custom', p_from => '2026-06-18', p_to => '2026-06-19') as of(d)";
    insta::assert_snapshot!(scene.rows(window).await, @r#"2026-06-18T00:00:00+03:00 2026-06-20T00:00:00+03:00 ["INC000002", "INC000003"]"#);
}
