//! Judgements over facts.

use std::fmt::Write as _;

use chrono::TimeDelta;
use landfall_domain::{Finding, Skew};

use super::{Attempt, Miss, NotificationTarget, StoreFacts, Told, WriteFacts, judge};
use crate::Versioning;

fn queue(name: &str) -> NotificationTarget {
    let name = format!("arn:aws:sqs:eu-central-1:1:{name}");
    NotificationTarget { kind: "queue", name, creations: true, filter: String::new() }
}

fn good() -> StoreFacts {
    StoreFacts {
        landing: ("landing".into(), Ok(())),
        work: ("work".into(), Ok(())),
        key: "doctor/1".into(),
        versioning: Ok(Versioning::Enabled),
        notifications: Ok(vec![queue("receive-object")]),
        writes: WriteFacts {
            create: Attempt::Done,
            create_again: Attempt::Refused,
            wrong_etag: Attempt::Refused,
            right_etag: Attempt::Done,
            range: Ok(true),
            good_checksum: Attempt::Done,
            bad_checksum: Attempt::Refused,
            removed: Ok(()),
        },
        skew: Some(Skew(TimeDelta::zero())),
    }
}

fn told_by(queue: &str) -> Told {
    Told::ByNotifications { queue: Some(queue.into()) }
}

fn lines(findings: &[Finding]) -> String {
    let mut table = String::new();
    for finding in findings {
        let next = finding.next.as_deref().map(|next| format!(" -> {next}")).unwrap_or_default();
        writeln!(table, "{} {}: {}{next}", finding.level.as_str(), finding.name, finding.seen).unwrap();
    }
    table
}

/// The findings that differ from those on a good store.
fn differs(change: impl FnOnce(&mut StoreFacts)) -> String {
    let mut facts = good();
    change(&mut facts);
    let good = judge(&good(), &told_by("receive-object"));
    let mut found = judge(&facts, &told_by("receive-object"));
    found.retain(|finding| !good.contains(finding));
    lines(&found)
}

#[test]
fn a_good_store_is_told_as_such() {
    insta::assert_snapshot!(lines(&judge(&good(), &told_by("receive-object"))), @"");
}

#[test]
fn conditions_that_are_ignored_are_problems() {
    let table = [
        differs(|f| f.writes.create_again = Attempt::Done),
        differs(|f| f.writes.create = Attempt::Refused),
        differs(|f| f.writes.wrong_etag = Attempt::Done),
        differs(|f| f.writes.right_etag = Attempt::Refused),
        differs(|f| f.writes.create_again = Attempt::Missed(Miss::Unsupported("NotImplemented".into()))),
        differs(|f| f.writes.create = Attempt::Missed(Miss::Denied("access denied".into()))),
    ];
    insta::assert_snapshot!(table.concat(), @"");
}

#[test]
fn ranges_checksums_and_what_is_left_have_findings_of_their_own() {
    let table = [
        differs(|f| f.writes.range = Ok(false)),
        differs(|f| f.writes.range = Err(Miss::Failed("the store does not answer the range".into()))),
        differs(|f| f.writes.bad_checksum = Attempt::Done),
        differs(|f| f.writes.good_checksum = Attempt::Refused),
        differs(|f| f.writes.removed = Err(Miss::Denied("access denied".into()))),
        differs(|f| f.skew = Some(Skew(TimeDelta::seconds(3)))),
        differs(|f| f.skew = None),
    ];
    insta::assert_snapshot!(table.concat(), @"");
}

#[test]
fn what_versioning_means_for_identity_is_told() {
    let table = [
        differs(|f| f.versioning = Ok(Versioning::Suspended)),
        differs(|f| f.versioning = Ok(Versioning::Unversioned)),
        differs(|f| f.versioning = Err(Miss::Unsupported("NotImplemented".into()))),
        differs(|f| f.versioning = Err(Miss::Denied("access denied".into()))),
    ];
    insta::assert_snapshot!(table.concat(), @"");
}

#[test]
fn a_store_that_is_not_there_is_one_problem_and_the_rest_is_skipped() {
    let why = "the store is not reachable";
    let facts = StoreFacts {
        landing: ("landing".into(), Err(Miss::Unreachable("connection refused".into()))),
        work: ("work".into(), Err(Miss::NotAsked(why))),
        versioning: Err(Miss::NotAsked(why)),
        notifications: Err(Miss::NotAsked(why)),
        writes: WriteFacts::not_asked(why),
        skew: None,
        ..good()
    };
    insta::assert_snapshot!(lines(&judge(&facts, &told_by("receive-object"))), @"");
}

#[test]
fn a_missing_bucket_says_which_variable_names_it() {
    let missing = || Err(Miss::NoBucket("there is no bucket x".into()));
    let table = [differs(|f| f.landing.1 = missing()), differs(|f| f.work.1 = missing())];
    insta::assert_snapshot!(table.concat(), @"");
}

fn notifications(seen: Result<Vec<NotificationTarget>, Miss>, told: &Told) -> String {
    let facts = StoreFacts { notifications: seen, ..good() };
    let mut findings = judge(&facts, told);
    findings.retain(|finding| finding.name == "store.notifications");
    lines(&findings)
}

#[test]
fn somebody_must_tell_of_new_objects_unless_the_platform_looks_itself() {
    let removals = NotificationTarget { creations: false, ..queue("receive-object") };
    let filtered = NotificationTarget { filter: "prefix=dumps/".into(), ..queue("receive-object") };
    let bus = NotificationTarget { kind: "EventBridge", name: String::new(), ..queue("") };
    let ours = told_by("receive-object");
    let denied = || Err(Miss::Denied("access denied".into()));
    let table = [
        notifications(Ok(Vec::new()), &ours),
        notifications(Ok(vec![removals]), &ours),
        notifications(Ok(vec![queue("other")]), &ours),
        notifications(Ok(vec![filtered]), &ours),
        notifications(Ok(vec![bus]), &ours),
        notifications(Ok(vec![queue("other")]), &Told::ByNotifications { queue: None }),
        notifications(denied(), &ours),
        notifications(Err(Miss::Unsupported("NotImplemented".into())), &ours),
        notifications(denied(), &Told::ByListing),
        notifications(Ok(Vec::new()), &Told::ByListing),
        notifications(denied(), &Told::ByItsOwnStore),
    ];
    insta::assert_snapshot!(table.concat(), @"");
}
