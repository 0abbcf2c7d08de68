//! Scripts of faults: what reads, what does not, and which moment is struck.

use landfall_domain::{Classify, Disposition, Stage};
use landfall_runtime::{Faults, Moment, Point};

#[test]
fn every_stage_point_moment_and_action_reads() {
    let mut entries = Vec::new();
    for stage in Stage::ALL {
        for point in ["read", "effect", "commit", "send", "ack"] {
            for moment in ["before", "after"] {
                for action in ["fail", "panic", "kill"] {
                    entries.push(format!("{stage}:{point}:{moment}:{action}:3"));
                }
            }
        }
    }
    assert!(entries.join(", ").parse::<Faults>().is_ok());
}

#[test]
fn an_empty_script_strikes_nobody() {
    let faults: Faults = " , ".parse().unwrap();
    assert!(faults.pass(Stage::PlanArchive, Point::Read, Moment::Before).is_ok());
}

#[test]
fn one_bad_entry_refuses_the_script_and_is_named() {
    let bad = [
        "plan-archive",
        "plan-archive:commit",
        "plan-archive:commit:after:fail",
        "plan-archive:commit:after:fail:1:1",
        "plan-archive:commit:after:fail:-1",
        "plan-archive:commit:after:fail:often",
        "plan-archive:commit:after:FAIL:1",
        "plan-archive:commit:during:fail:1",
        "plan:commit:after:fail:1",
    ];
    for entry in bad {
        let script = format!("parse-member:read:before:fail:1,{entry}");
        let error = script.parse::<Faults>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("fault {entry:?} does not read: expected stage:point:moment:action:count")
        );
    }
}

#[test]
fn each_entry_counts_every_passing() {
    let faults: Faults = "plan-archive:read:before:fail:1,plan-archive:read:before:fail:3".parse().unwrap();
    let strikes: Vec<bool> =
        (0..4).map(|_| faults.pass(Stage::PlanArchive, Point::Read, Moment::Before).is_err()).collect();
    // Both count every passing, also one at which the other strikes.
    assert_eq!(strikes, [true, false, true, false]);
}

#[test]
fn clones_share_the_count() {
    let faults: Faults = "plan-archive:read:before:fail:2".parse().unwrap();
    let other = faults.clone();
    assert!(other.pass(Stage::PlanArchive, Point::Read, Moment::Before).is_ok());
    let fault = faults.pass(Stage::PlanArchive, Point::Read, Moment::Before).unwrap_err();
    assert_eq!((fault.disposition(), fault.code()), (Disposition::Retry, "scripted_fault"));
    insta::assert_snapshot!(fault, @"scripted fault in plan-archive Before Read");
}

#[test]
#[should_panic(expected = "scripted panic in parse-member After Commit")]
fn a_panic_is_a_panic() {
    let faults: Faults = "parse-member:commit:after:panic:1".parse().unwrap();
    let _ = faults.pass(Stage::ParseMember, Point::Commit, Moment::After);
}
