//! The health-check matrix: rows H0 to H7.
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_dumps::guard::{DumpStatus, Facts, StoredDump, judge};

use super::scene::{judged, shown, stamp, stored, upload, upload_as};

/// A stored dump a day before, so that the time guard has nothing to say.
fn holder(id: i64, links: &str) -> StoredDump {
    StoredDump { capture: stamp("2025-01-10 09:00:00"), ..stored(id, links) }
}

fn later(id: i64, links: &str) -> StoredDump {
    StoredDump { capture: stamp("2025-01-25 09:00:00"), ..stored(id, links) }
}

fn elsewhere(id: i64, links: &str) -> StoredDump {
    StoredDump { network: "south".parse().unwrap(), ..holder(id, links) }
}

fn apart(id: i64, links: &str) -> StoredDump {
    StoredDump { nes: ["NE2".parse().unwrap()].into(), ..holder(id, links) }
}

fn both(new: &str, dumps: &[StoredDump]) -> [String; 2] {
    [false, true].map(|overwrite| shown(&judged(&upload_as(new, overwrite), None, dumps)))
}

#[test]
fn every_row_has_its_verdict() {
    let table: [(&str, &str, Vec<StoredDump>, [&str; 2]); 8] = [
        ("H0", "T-1", vec![holder(1, "T-1/HC-1")], ["T7 CREATE 1"; 2]),
        ("H1", "T-1/HC-1", vec![holder(1, "T-1/HC-2")], ["T7 CREATE 1"; 2]),
        ("H2", "T-1/HC-1", vec![holder(1, "T-1/HC-1")], ["H2 REJECT hc_exists", "H2 OVERWRITE 1"]),
        ("H3", "T-1/HC-1", vec![holder(1, "T-2/HC-1")], ["H3 REJECT hc_ticket_conflict"; 2]),
        ("H3", "T-1/HC-1", vec![holder(1, "T-2/HC-1 T-1")], ["H3 REJECT hc_ticket_conflict"; 2]),
        ("H4", "T-1/HC-1", vec![apart(1, "T-2/HC-1")], ["T0 CREATE 1"; 2]),
        ("H5", "T-1/HC-1", vec![later(1, "T-1/HC-1")], ["H5 REJECT hc_exists", "H5 REJECT older_snapshot"]),
        ("H6", "T-1/HC-1", vec![elsewhere(1, "T-1/HC-1")], ["H6 REJECT hc_network_conflict"; 2]),
    ];
    for (row, new, dumps, expected) in table {
        assert_eq!(both(new, &dumps), expected, "{row}");
    }
}

#[test]
fn a_health_check_at_another_customer_does_not_matter() {
    // H7: the caller reads the holders of the upload's customer only.
    let upload = upload_as("T-1/HC-1", false);
    let judgement = judge(Facts { upload: &upload, sha_owner: None, dumps: &[], hc_holders: &[] });
    assert_eq!(shown(&judgement), "T0 CREATE 1");
}

#[test]
fn with_several_holders_the_rows_go_h6_h3_h5_h2_h4() {
    let mut dumps = vec![apart(1, "T-1/HC-1")];
    let first = |dumps: &[StoredDump]| both("T-1/HC-1", dumps)[1].clone();
    assert_eq!(first(&dumps), "T0 CREATE 1");
    dumps.push(holder(2, "T-1/HC-1"));
    assert_eq!(first(&dumps), "H2 OVERWRITE 2");
    dumps.push(later(3, "T-1/HC-1"));
    assert_eq!(first(&dumps), "H5 REJECT older_snapshot");
    dumps.push(holder(4, "T-2/HC-1"));
    assert_eq!(first(&dumps), "H3 REJECT hc_ticket_conflict");
    dumps.push(elsewhere(5, "T-2/HC-1"));
    assert_eq!(first(&dumps), "H6 REJECT hc_network_conflict");
}

#[test]
fn of_several_dumps_of_the_row_the_nearest_then_the_newest_is_replaced() {
    let at = |id, time| StoredDump { capture: stamp(time), ..holder(id, "T-1/HC-1") };
    let dumps = [at(1, "2025-01-11 09:00:00"), at(5, "2025-01-12 09:00:00"), at(4, "2025-01-12 09:00:00")];
    assert_eq!(both("T-1/HC-1", &dumps)[1], "H2 OVERWRITE 5");
}

#[test]
fn a_failed_dump_holds_no_health_check() {
    for dump in [holder(1, "T-2/HC-1"), elsewhere(1, "T-2/HC-1")] {
        let failed = StoredDump { status: DumpStatus::Failed, ..dump };
        assert_eq!(both("T-1/HC-1", &[failed])[0], "T0 CREATE 1");
    }
}

#[test]
fn a_dump_without_known_elements_overlaps_with_all() {
    let nameless = StoredDump { nes: ["UNKNOWN".parse().unwrap()].into(), ..holder(1, "T-1/HC-1") };
    assert_eq!(both("T-1/HC-1", &[nameless])[1], "H2 OVERWRITE 1");
    let upload = landfall_dumps::guard::Upload {
        nes: ["UNKNOWN".parse().unwrap()].into(),
        ..upload_as("T-1/HC-1", true)
    };
    assert_eq!(shown(&judged(&upload, None, &[apart(1, "T-1/HC-1")])), "H2 OVERWRITE 1");
    let mixed = StoredDump {
        nes: ["NE2".parse().unwrap(), "UNKNOWN".parse().unwrap()].into(),
        ..holder(1, "T-1/HC-1")
    };
    assert_eq!(both("T-1/HC-1", &[mixed])[1], "T0 CREATE 1", "only a dump that has nothing else is nameless");
}

#[test]
fn a_date_alone_is_not_older_than_a_time_of_its_day() {
    let mut upload = upload();
    upload.hc_id = Some("HC-1".parse().unwrap());
    upload.overwrite = true;
    upload.capture = stamp("2025-01-10");
    assert_eq!(shown(&judged(&upload, None, &[holder(1, "T-1/HC-1")])), "H2 OVERWRITE 1");
}
