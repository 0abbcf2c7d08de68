//! Rows D1 to D9: the same content is stored already.

use landfall_testkit::TestStage;

use super::scene::{NEW, New, OLD, fail, link, links, own, upload, verdict};

/// The links of the dump, the upload, the verdicts without and with overwrite, and the links that are left.
type Cell = (&'static str, &'static str, [&'static str; 2], [&'static str; 2]);

/// The links after an OVERWRITE are those before it: they change with the flip.
const TABLE: [Cell; 13] = [
    ("T-1", "T-1", ["SKIP", "OVERWRITE"], ["T-1"; 2]),
    ("T-1/HC-1", "T-1/HC-1", ["SKIP", "OVERWRITE"], ["T-1/HC-1"; 2]),
    ("T-1", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1"; 2]),
    ("T-1/HC-1", "T-1", ["SKIP"; 2], ["T-1/HC-1"; 2]),
    ("T-1/HC-1", "T-1/HC-2", ["REJECT hc_conflict", "OVERWRITE"], ["T-1/HC-1"; 2]),
    ("T-2", "T-1", ["LINK"; 2], ["T-1 T-2"; 2]),
    ("T-2/HC-1", "T-1", ["LINK"; 2], ["T-1 T-2/HC-1"; 2]),
    ("T-2/HC-1", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1 T-2/HC-1"; 2]),
    ("T-2", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1 T-2"; 2]),
    ("T-2/HC-2", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1 T-2/HC-2"; 2]),
    ("T-9 T-1/HC-1 T-1/HC-2", "T-1/HC-2", ["SKIP", "OVERWRITE"], ["T-1/HC-1 T-1/HC-2 T-9"; 2]),
    ("T-1 T-9/HC-9", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1 T-9/HC-9"; 2]),
    ("T-2/HC-2 T-3/HC-1", "T-1/HC-1", ["LINK"; 2], ["T-1/HC-1 T-2/HC-2 T-3/HC-1"; 2]),
];

#[tokio::test]
async fn test_guardrails_test_prepare_context_duplicate_policy_matrix_of_one_network() {
    let stage = TestStage::start().await;
    for (number, (stored, new, verdicts, left)) in TABLE.into_iter().enumerate() {
        for (overwrite, (expected, left)) in [false, true].into_iter().zip(verdicts.into_iter().zip(left)) {
            let customer = format!("c{number}-{overwrite}");
            upload(&stage, &customer, own(&customer, OLD)).await;
            link(&stage, &customer, stored).await;
            let again = New { link: new, overwrite, time: "20250118-090001", ..OLD };
            let object = upload(&stage, &customer, own(&customer, again)).await;
            let what = format!("stored {stored}, new {new}, overwrite {overwrite}");
            assert_eq!(verdict(&stage, object).await, expected, "{what}");
            assert_eq!(links(&stage, &customer).await, left, "{what}");
        }
    }
}

#[tokio::test]
async fn test_prepare_context_duplicate_policy_matrix_of_other_networks_and_customers() {
    let stage = TestStage::start().await;
    upload(&stage, "acme", New { link: "SECRET-1/HC-77", network: "hidden", ..OLD }).await;
    for overwrite in [false, true] {
        let network = upload(&stage, "acme", New { overwrite, ..OLD }).await;
        assert_eq!(verdict(&stage, network).await, "REJECT sha_network_conflict", "D8");
        let customer = upload(&stage, "globex", New { overwrite, ..OLD }).await;
        assert_eq!(verdict(&stage, customer).await, "REJECT sha_customer_conflict", "D9");
        let told = stage.reason_text(customer).await.to_lowercase();
        let secrets = ["acme", "hidden", "secret-1", "hc-77"];
        assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
    }
    assert_eq!(stage.count("select count(*) from dump.load").await, 1);
    assert_eq!(stage.texts("select customer_key from dump.customer").await, ["acme"]);
}

#[tokio::test]
async fn test_prepare_context_duplicate_policy_matrix_of_a_dump_that_failed_whole() {
    let stage = TestStage::start().await;
    let table = [
        ("T-1", "T-1", "T-1"),
        ("T-1", "T-1/HC-1", "T-1/HC-1"),
        ("T-1/HC-1", "T-1", "T-1/HC-1"),
        ("T-1/HC-1", "T-1/HC-2", "T-1/HC-2"),
        ("T-2", "T-1", "T-1 T-2"),
        ("T-2", "T-1/HC-1", "T-1/HC-1 T-2"),
        ("T-2/HC-2", "T-1/HC-1", "T-1/HC-1 T-2/HC-2"),
    ];
    for (number, (stored, new, left)) in table.into_iter().enumerate() {
        for overwrite in [false, true] {
            let customer = format!("f{number}-{overwrite}");
            upload(&stage, &customer, own(&customer, OLD)).await;
            link(&stage, &customer, stored).await;
            fail(&stage, &customer).await;
            let again = New { link: new, overwrite, time: "20250118-090001", ..OLD };
            let object = upload(&stage, &customer, own(&customer, again)).await;
            assert_eq!(verdict(&stage, object).await, "RESUME", "stored {stored}, new {new}");
            assert_eq!(links(&stage, &customer).await, left, "stored {stored}, new {new}");
        }
    }
}

#[tokio::test]
async fn a_new_health_check_on_known_content_is_checked_against_the_other_dumps_first() {
    let stage = TestStage::start().await;
    let elsewhere = New { network: "south", link: "T-1/HC-6", content: "elsewhere", ..NEW };
    let other_ticket = New { link: "T-5/HC-3", content: "other", time: "20250101-090000", ..NEW };
    for holder in [OLD, elsewhere, other_ticket] {
        upload(&stage, "acme", holder).await;
    }
    let h6 = upload(&stage, "acme", New { link: "T-1/HC-6", time: "20250118-090001", ..OLD }).await;
    assert_eq!(verdict(&stage, h6).await, "REJECT hc_network_conflict");
    let h3 = upload(&stage, "acme", New { link: "T-1/HC-3", time: "20250118-090002", ..OLD }).await;
    assert_eq!(verdict(&stage, h3).await, "REJECT hc_ticket_conflict");
}
