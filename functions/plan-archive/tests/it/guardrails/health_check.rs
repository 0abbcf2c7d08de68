//! Rows H0 to H7: new content under a health check that has dumps.

use landfall_testkit::TestStage;

use super::scene::{NEW, New, OLD, own, upload, verdict};

/// A day before the new one, so that the time guard has nothing to say.
const HOLDER: New = New { time: "20250110-090000", link: "T-1/HC-1", ..OLD };

#[tokio::test]
async fn test_guardrails_test_hc_id_overwrite_policy() {
    let stage = TestStage::start().await;
    let new = New { link: "T-1/HC-1", ..NEW };
    let table: [(&str, New, New, [&str; 2]); 9] = [
        ("H0", HOLDER, New { link: "T-1", ..NEW }, ["CREATE"; 2]),
        ("H1", New { link: "T-1/HC-2", ..HOLDER }, new, ["CREATE"; 2]),
        ("H2", HOLDER, new, ["REJECT hc_exists", "OVERWRITE"]),
        ("H3", New { link: "T-2/HC-1", ..HOLDER }, new, ["REJECT hc_ticket_conflict"; 2]),
        ("H4", New { ne: "NE2", ..HOLDER }, new, ["CREATE"; 2]),
        ("H4", New { ne: "NE2", link: "T-2/HC-1", ..HOLDER }, new, ["CREATE"; 2]),
        ("H5", New { time: "20250125-090000", ..HOLDER }, new, ["REJECT hc_exists", "REJECT older_snapshot"]),
        ("H6", New { network: "south", ..HOLDER }, new, ["REJECT hc_network_conflict"; 2]),
        ("H6", New { network: "south", link: "T-2/HC-1", ..HOLDER }, new, ["REJECT hc_network_conflict"; 2]),
    ];
    for (number, (row, stored, new, expected)) in table.into_iter().enumerate() {
        for (overwrite, expected) in [false, true].into_iter().zip(expected) {
            let customer = format!("c{number}-{overwrite}");
            upload(&stage, &customer, own(&customer, stored)).await;
            let object = upload(&stage, &customer, own(&customer, New { overwrite, ..new })).await;
            assert_eq!(verdict(&stage, object).await, expected, "{row}, overwrite {overwrite}");
        }
    }
}

#[tokio::test]
async fn test_hc_id_overwrite_policy_h7_a_health_check_at_another_customer_does_not_matter() {
    let stage = TestStage::start().await;
    upload(&stage, "globex", HOLDER).await;
    for (overwrite, content) in [(false, "one"), (true, "two")] {
        let new = New { link: "T-1/HC-1", overwrite, content, ne: content, ..NEW };
        let object = upload(&stage, "acme", new).await;
        assert_eq!(verdict(&stage, object).await, "CREATE");
    }
}

#[tokio::test]
async fn with_several_holders_the_rows_go_h6_h3_h5_h2_h4() {
    let stage = TestStage::start().await;
    let held = |content, time, link| New { link, time, content, ..HOLDER };
    let steps = [
        (New { ne: "NE2", ..held("h4", "20250101-000000", "T-1/HC-1") }, "OVERWRITE"),
        (held("h5", "20250125-090000", "T-1/HC-1"), "REJECT older_snapshot"),
        (held("h3", "20250105-090000", "T-2/HC-1"), "REJECT hc_ticket_conflict"),
        (New { network: "south", ..held("h6", "20250101-090000", "T-2/HC-1") }, "REJECT hc_network_conflict"),
    ];
    // Dumps of one health check and the same elements come about before it was given to them.
    for (number, (_, expected)) in steps.into_iter().enumerate() {
        let customer = format!("c{number}");
        for stored in std::iter::once(held("h2", "20250108-090000", "T-1/HC-1"))
            .chain(steps.into_iter().take(number + 1).map(|(stored, _)| stored))
        {
            give_later(&stage, &customer, own(&customer, stored)).await;
        }
        let new = New { link: "T-1/HC-1", overwrite: true, ..NEW };
        let object = upload(&stage, &customer, own(&customer, new)).await;
        assert_eq!(verdict(&stage, object).await, expected, "step {number}");
    }
}

/// Uploads without the health check, which is then entered: as it would refuse what the case needs.
async fn give_later(stage: &TestStage, customer: &str, new: New) {
    let (ticket, hc_id) = new.link.split_once('/').unwrap();
    let object = upload(stage, customer, New { link: ticket, ..new }).await;
    assert_eq!(verdict(stage, object).await, "CREATE");
    let sql = "update dump.dump_link set hc_id = $2 where dump_id = (select dump_id from dump.load where object_id = $1)";
    sqlx::query(sql).bind(object).bind(hc_id).execute(stage.pool()).await.unwrap();
}
