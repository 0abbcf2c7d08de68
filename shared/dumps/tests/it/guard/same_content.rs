//! The duplicate policy: rows D1 to D9.

use landfall_dumps::guard::{DumpStatus, OwnerSource, ShaOwner, Verdict};

use super::scene::{judged, owner, shown, stored, upload_as};

/// What is stored, what comes, and the verdicts without and with overwrite.
const TABLE: [(&str, &str, &str, &str); 17] = [
    ("T-1", "T-1", "D1 SKIP 7", "D1 OVERWRITE 7"),
    ("T-1/HC-1", "T-1/HC-1", "D1 SKIP 7", "D1 OVERWRITE 7"),
    ("T-9 T-1/HC-1 T-1/HC-2", "T-1/HC-2", "D1 SKIP 7", "D1 OVERWRITE 7"),
    ("T-1", "T-1/HC-1", "D2 LINK 7 T-1/none->HC-1", "D2 LINK 7 T-1/none->HC-1"),
    ("T-1 T-9/HC-9", "T-1/HC-1", "D2 LINK 7 T-1/none->HC-1", "D2 LINK 7 T-1/none->HC-1"),
    ("T-1/HC-1", "T-1", "D3 SKIP 7", "D3 SKIP 7"),
    ("T-1/HC-1", "T-1/HC-2", "D4 REJECT hc_conflict", "D4 OVERWRITE 7 T-1/HC-1->HC-2"),
    ("T-1/HC-1 T-2/HC-2", "T-1/HC-2", "D4 REJECT hc_conflict", "D4 OVERWRITE 7 T-1/HC-1->HC-2"),
    ("T-2", "T-1", "D5 LINK 7 +T-1/none", "D5 LINK 7 +T-1/none"),
    ("T-2/HC-1", "T-1", "D5 LINK 7 +T-1/none", "D5 LINK 7 +T-1/none"),
    ("T-2/HC-1", "T-1/HC-1", "D5 LINK 7 +T-1/HC-1", "D5 LINK 7 +T-1/HC-1"),
    ("T-2/HC-2 T-3/HC-1", "T-1/HC-1", "D5 LINK 7 +T-1/HC-1", "D5 LINK 7 +T-1/HC-1"),
    ("T-2", "T-1/HC-1", "D6 LINK 7 +T-1/HC-1", "D6 LINK 7 +T-1/HC-1"),
    ("T-2 T-3", "T-1/HC-1", "D6 LINK 7 +T-1/HC-1", "D6 LINK 7 +T-1/HC-1"),
    ("T-2/HC-2", "T-1/HC-1", "D7 LINK 7 +T-1/HC-1", "D7 LINK 7 +T-1/HC-1"),
    ("T-2/HC-2 T-3", "T-1/HC-1", "D7 LINK 7 +T-1/HC-1", "D7 LINK 7 +T-1/HC-1"),
    ("", "T-1/HC-1", "D6 LINK 7 +T-1/HC-1", "D6 LINK 7 +T-1/HC-1"),
];

#[test]
fn every_row_of_one_network_has_its_verdict() {
    for (stored_links, new, without, with) in TABLE {
        let owner = owner(stored(7, stored_links));
        for (overwrite, expected) in [(false, without), (true, with)] {
            let judgement = judged(&upload_as(new, overwrite), Some(&owner), &[]);
            assert_eq!(
                shown(&judgement),
                expected,
                "stored {stored_links:?}, new {new}, overwrite {overwrite}"
            );
        }
    }
}

#[test]
fn another_network_or_customer_is_refused_with_and_without_overwrite() {
    for overwrite in [false, true] {
        let mut owner = owner(stored(7, "T-1"));
        owner.dump.network = "south".parse().unwrap();
        assert_eq!(
            shown(&judged(&upload_as("T-1", overwrite), Some(&owner), &[])),
            "D8 REJECT sha_network_conflict"
        );
        owner.customer = "beta".parse().unwrap();
        assert_eq!(
            shown(&judged(&upload_as("T-1", overwrite), Some(&owner), &[])),
            "D9 REJECT sha_customer_conflict"
        );
        owner.dump.network = "north".parse().unwrap();
        owner.dump.status = DumpStatus::Failed;
        assert_eq!(
            shown(&judged(&upload_as("T-1", overwrite), Some(&owner), &[])),
            "D9 REJECT sha_customer_conflict"
        );
    }
}

#[test]
fn the_refusal_of_another_customer_s_content_tells_nothing_of_it() {
    let mut owner = owner(stored(73_519, "SECRET-TICKET/HC-4711"));
    owner.customer = "rival-telecom".parse().unwrap();
    owner.dump.network = "rival-net".parse().unwrap();
    owner.dump.origin = "rival-noc".parse().unwrap();
    let Verdict::Reject { text, .. } = judged(&upload_as("T-1", false), Some(&owner), &[]).verdict else {
        panic!("not refused");
    };
    insta::assert_snapshot!(text, @"the same content is stored already and cannot be taken for this customer");
}

#[test]
fn a_load_that_nobody_works_on_is_resumed_if_rows_are_left() {
    let verdict = |source, has_resumable_rows, overwrite| {
        let owner = ShaOwner { source, has_resumable_rows, ..owner(stored(7, "T-1")) };
        shown(&judged(&upload_as("T-1", overwrite), Some(&owner), &[]))
    };
    assert_eq!(verdict(OwnerSource::Lost, true, false), "D1 RESUME 7 Unfinished");
    assert_eq!(verdict(OwnerSource::Lost, false, false), "D1 SKIP 7");
    assert_eq!(verdict(OwnerSource::Dispatched, true, false), "D1 SKIP 7");
    assert_eq!(verdict(OwnerSource::Settled, true, false), "D1 SKIP 7");
    assert_eq!(verdict(OwnerSource::Lost, true, true), "D1 OVERWRITE 7");
}

#[test]
fn a_failed_dump_is_taken_up_again_with_the_link_its_row_asks_for() {
    let table = [
        ("T-1", "T-1", "D1 RESUME 7 All"),
        ("T-1", "T-1/HC-1", "D2 RESUME 7 All T-1/none->HC-1"),
        ("T-1/HC-1", "T-1", "D3 RESUME 7 All"),
        ("T-1/HC-1", "T-1/HC-2", "D4 RESUME 7 All T-1/HC-1->HC-2"),
        ("T-2", "T-1", "D5 RESUME 7 All +T-1/none"),
        ("T-2", "T-1/HC-1", "D6 RESUME 7 All +T-1/HC-1"),
        ("T-2/HC-2", "T-1/HC-1", "D7 RESUME 7 All +T-1/HC-1"),
    ];
    for (stored_links, new, expected) in table {
        let mut owner = owner(stored(7, stored_links));
        owner.dump.status = DumpStatus::Failed;
        for overwrite in [false, true] {
            assert_eq!(shown(&judged(&upload_as(new, overwrite), Some(&owner), &[])), expected);
        }
    }
}

#[test]
fn a_new_health_check_on_known_content_is_checked_first() {
    let mut elsewhere = stored(3, "T-5/HC-1");
    elsewhere.network = "south".parse().unwrap();
    let other_ticket = stored(4, "T-5/HC-1");
    for (links, row) in
        [("T-1", "D2"), ("T-1/HC-9", "D4"), ("T-2/HC-1", "D5"), ("T-2", "D6"), ("T-2/HC-2", "D7")]
    {
        let owner = owner(stored(7, links));
        for overwrite in [false, true] {
            let upload = upload_as("T-1/HC-1", overwrite);
            let verdict = |dumps: &[_]| shown(&judged(&upload, Some(&owner), dumps));
            assert_eq!(verdict(std::slice::from_ref(&elsewhere)), "H6 REJECT hc_network_conflict", "{row}");
            assert_eq!(verdict(std::slice::from_ref(&other_ticket)), "H3 REJECT hc_ticket_conflict", "{row}");
            assert!(
                verdict(std::slice::from_ref(&owner.dump)).starts_with(row),
                "the owner itself is left out"
            );
        }
    }
    let owner = owner(stored(7, "T-1/HC-1"));
    let verdict = shown(&judged(&upload_as("T-1/HC-1", false), Some(&owner), &[elsewhere]));
    assert_eq!(verdict, "D1 SKIP 7", "nothing new on D1");
}
