//! Rows T0 to T7 and the worked examples: new content near dumps of the same network.

use landfall_testkit::TestStage;

use super::scene::{NEW, New, OLD, own, upload, verdict};

/// The dump of the worked examples.
const AT_THREE: New = New { time: "20250118-030000", ..OLD };

#[tokio::test]
async fn test_guardrails_test_snapshot_6h_guard_and_the_worked_examples() {
    const WARNED: [&str; 2] = ["CREATE W_SAME_DAY_OTHER_ORIGIN"; 2];
    const REPLACES: [&str; 2] = ["REJECT within_6h", "OVERWRITE"];
    const OLDER: [&str; 2] = ["REJECT within_6h", "REJECT older_snapshot"];
    let table = [
        ("T1", "20250118-085959", "a", REPLACES),
        ("T1", "20250118-020000", "a", OLDER),
        ("T1", "20250118", "a", REPLACES),
        ("T2", "20250118-040000", "b", WARNED),
        ("T2", "20250118", "b", WARNED),
        ("T3", "20250118-090000", "a", ["CREATE"; 2]),
        ("T4", "20250118-230000", "b", WARNED),
        ("T5", "20250117-220000", "a", OLDER),
        ("T5", "20250117-210001", "a", OLDER),
        ("T6", "20250117-220000", "b", ["CREATE"; 2]),
        ("T7", "20250117-210000", "a", ["CREATE"; 2]),
        ("T7", "20250119", "a", ["CREATE"; 2]),
        ("T7", "20250120-030000", "b", ["CREATE"; 2]),
    ];
    let stage = TestStage::start().await;
    for (number, (row, time, origin, expected)) in table.into_iter().enumerate() {
        for (overwrite, expected) in [false, true].into_iter().zip(expected) {
            let customer = format!("c{number}-{overwrite}");
            let object = upload(&stage, &customer, own(&customer, AT_THREE)).await;
            assert_eq!(verdict(&stage, object).await, "CREATE", "T0");
            let new = New { time, origin, overwrite, ..NEW };
            let object = upload(&stage, &customer, own(&customer, new)).await;
            assert_eq!(
                verdict(&stage, object).await,
                expected,
                "{row} {time} {origin}, overwrite {overwrite}"
            );
        }
    }
}

#[tokio::test]
async fn test_snapshot_6h_guard_across_midnight_a_newer_one_replaces() {
    let stage = TestStage::start().await;
    upload(&stage, "acme", New { time: "20250117-220000", ..OLD }).await;
    let new = New { time: "20250118-010000", ..NEW };
    let object = upload(&stage, "acme", new).await;
    assert_eq!(verdict(&stage, object).await, "REJECT within_6h");
    insta::assert_snapshot!(stage.reason_text(object).await, @"dump 1 of origin a was captured at 2025-01-17 22:00:00 UTC, less than 6 h apart; overwrite=true replaces it");
    let object = upload(&stage, "acme", New { overwrite: true, ..new }).await;
    assert_eq!(verdict(&stage, object).await, "OVERWRITE");
}

#[tokio::test]
async fn test_same_day_new_snapshot_counts_the_dumps_of_the_day_over_all_origins() {
    let stage = TestStage::start().await;
    for (time, origin, content) in [
        ("20250118-030000", "a", "one"),
        ("20250118-090000", "a", "two"),
        ("20250118-040000", "b", "three"),
        ("20250119-090000", "a", "four"),
    ] {
        let object = upload(&stage, "acme", New { time, origin, content, ..NEW }).await;
        assert!(verdict(&stage, object).await.starts_with("CREATE"), "{content}");
    }
    let numbers = "select concat_ws(' ', capture_ts at time zone 'UTC', origin, snapshot_seq)
         from dump.capture_dump order by dump_id";
    insta::assert_snapshot!(stage.texts(numbers).await.join("\n"), @"
    2025-01-18 03:00:00 a 1
    2025-01-18 09:00:00 a 2
    2025-01-18 04:00:00 b 3
    2025-01-19 09:00:00 a 1
    ");
}

#[tokio::test]
async fn test_same_day_different_origin_snapshot_keeps_both_and_warns() {
    let stage = TestStage::start().await;
    for (time, origin) in
        [("20250118-030000", "origin_a"), ("20250118-040000", "origin_b"), ("20250118-230000", "origin_c")]
    {
        upload(&stage, "acme", New { time, origin, content: origin, ..NEW }).await;
    }
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 3);
    let warned = "select o.key from dump.parse_warning w join dump.load l using (load_id)
         join ingest.object o using (object_id) where w.code = 'W_SAME_DAY_OTHER_ORIGIN' order by 1";
    assert_eq!(
        stage.texts(warned).await,
        [
            "dumps/acme/north/T-1/origin_b_20250118-040000.tgz",
            "dumps/acme/north/T-1/origin_c_20250118-230000.tgz"
        ]
    );
}

#[tokio::test]
async fn test_guardrails_a_dump_of_a_health_check_is_replaced_only_under_it() {
    let stage = TestStage::start().await;
    let old = New { time: "20250118-080000", link: "T-1/HC-1", ..OLD };
    for (number, (link, expected)) in
        [("T-1", "REJECT hc_protected"), ("T-1/HC-2", "REJECT hc_protected"), ("T-1/HC-1", "OVERWRITE")]
            .into_iter()
            .enumerate()
    {
        let customer = format!("c{number}");
        upload(&stage, &customer, own(&customer, old)).await;
        let new = New { link, overwrite: true, ..NEW };
        let object = upload(&stage, &customer, own(&customer, new)).await;
        assert_eq!(verdict(&stage, object).await, expected, "{link}");
    }
}

#[tokio::test]
async fn of_two_uploads_to_one_network_at_the_same_time_one_wins() {
    let stage = TestStage::start().await;
    let planner = crate::scene::planner(&stage, crate::scene::lenient());
    let mut events = Vec::new();
    for content in ["left", "right"] {
        events.push(super::scene::landed(&stage, "acme", New { content, ..NEW }).await);
    }
    let (right, left) = (events.pop().unwrap(), events.pop().unwrap());
    let (a, b) = tokio::join!(stage.handle(&planner, left), stage.handle(&planner, right));
    assert!(a.is_empty() && b.is_empty());
    let mut ends = stage.texts("select state || ' ' || reason from ingest.object").await;
    ends.sort();
    assert_eq!(ends, ["dispatched plan-archive", "rejected within_6h"]);
    assert_eq!(stage.count("select count(*) from dump.capture_dump").await, 1);
}
