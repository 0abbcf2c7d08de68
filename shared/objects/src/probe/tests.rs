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
    insta::assert_snapshot!(lines(&judge(&good(), &told_by("receive-object"))), @r"
    ok store.landing-bucket: landing answers with these credentials
    ok store.versioning: enabled: each upload is an identity of its own
    ok store.notifications: new objects are told to queue arn:aws:sqs:eu-central-1:1:receive-object
    ok store.work-bucket: work answers with these credentials
    ok store.create-once: a second `If-None-Match: *` on the same key is refused
    ok store.replace-known: `If-Match` is refused with a wrong ETag and taken with the right one
    ok store.ranges: a ranged GET brings the bytes of the range
    ok store.checksums: a write whose content is not that of its SHA-256 is refused
    ok store.clean-up: nothing of the probe is left
    ok clock.store: the store's clock agrees with this machine's to less than 2 s
    ");
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
    insta::assert_snapshot!(table.concat(), @r"
    problem store.create-once: a second `If-None-Match: *` on the same key overwrote the first -> use a store, or a release of it, with conditional writes: without them two workers overwrite each other's objects
    problem store.create-once: `If-None-Match: *` is refused for a key that is not there -> use a store, or a release of it, with conditional writes: without them two workers overwrite each other's objects
    problem store.replace-known: `If-Match` with a wrong ETag overwrote the object -> use a store, or a release of it, with conditional writes: without them two workers overwrite each other's objects
    problem store.replace-known: `If-Match` is refused with the object's own ETag -> use a store, or a release of it, with conditional writes: without them two workers overwrite each other's objects
    problem store.create-once: NotImplemented -> use a store, or a release of it, that has this operation
    problem store.create-once: access denied -> check the credentials (LANDFALL_S3_ACCESS_KEY, or the AWS sources); allow s3:PutObject
    ");
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
    insta::assert_snapshot!(table.concat(), @r"
    problem store.ranges: a ranged GET brings other bytes than those of the range -> use a store that serves ranged GETs: archives are read by ranges only
    problem store.ranges: the store does not answer the range -> use a store that serves ranged GETs: archives are read by ranges only
    warning store.checksums: a write is taken although its content is not that of its SHA-256 -> nothing has to be done: Landfall checks what it reads by CRC and SHA-256; damage on the way into the store is found only then
    warning store.checksums: a write with its right SHA-256 is refused -> nothing has to be done: Landfall checks what it reads by CRC and SHA-256; damage on the way into the store is found only then
    warning store.clean-up: access denied -> delete s3://work/doctor/1 with all its versions; allow s3:DeleteObject
    warning clock.store: the store's clock is 3.0 s ahead of this machine's -> let all machines take their time by NTP: identities without version ids, leases and waits count in seconds
    skipped clock.store: no answer of the store told its time
    ");
}

#[test]
fn what_versioning_means_for_identity_is_told() {
    let table = [
        differs(|f| f.versioning = Ok(Versioning::Suspended)),
        differs(|f| f.versioning = Ok(Versioning::Unversioned)),
        differs(|f| f.versioning = Err(Miss::Unsupported("NotImplemented".into()))),
        differs(|f| f.versioning = Err(Miss::Denied("access denied".into()))),
    ];
    insta::assert_snapshot!(table.concat(), @r"
    warning store.versioning: suspended: for what is written from now on, identities are ETag and second: equal bytes written twice within a second are one, and a version that is overwritten before it is read is lost -> turn versioning on for the landing bucket
    warning store.versioning: off: identities are ETag and second: equal bytes written twice within a second are one, and a version that is overwritten before it is read is lost -> turn versioning on for the landing bucket
    warning store.versioning: the store has no versions (NotImplemented): identities are ETag and second: equal bytes written twice within a second are one, and a version that is overwritten before it is read is lost -> never overwrite a key
    warning store.versioning: access denied -> allow s3:GetBucketVersioning, and run this again
    ");
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
    insta::assert_snapshot!(lines(&judge(&facts, &told_by("receive-object"))), @r"
    problem store.landing-bucket: connection refused -> check that the object store runs and LANDFALL_S3_ENDPOINT names it
    skipped store.versioning: the store is not reachable
    skipped store.notifications: the store is not reachable
    skipped store.work-bucket: the store is not reachable
    skipped store.create-once: the store is not reachable
    skipped store.replace-known: the store is not reachable
    skipped store.ranges: the store is not reachable
    skipped store.checksums: the store is not reachable
    skipped store.clean-up: the store is not reachable
    skipped clock.store: no answer of the store told its time
    ");
}

#[test]
fn a_missing_bucket_says_which_variable_names_it() {
    let missing = || Err(Miss::NoBucket("there is no bucket x".into()));
    let table = [differs(|f| f.landing.1 = missing()), differs(|f| f.work.1 = missing())];
    insta::assert_snapshot!(table.concat(), @r"
    problem store.landing-bucket: there is no bucket x -> make the bucket, or let LANDFALL_BUCKET name another one
    problem store.work-bucket: there is no bucket x -> make the bucket, or let LANDFALL_WORK_BUCKET name another one
    ");
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
    insta::assert_snapshot!(table.concat(), @r"
    problem store.notifications: nobody is told of new objects: they are never worked on -> let the bucket send s3:ObjectCreated:* to the queue of receive-object
    problem store.notifications: nobody is told of new objects: they are never worked on -> let the bucket send s3:ObjectCreated:* to the queue of receive-object
    warning store.notifications: new objects are told to queue arn:aws:sqs:eu-central-1:1:other, not to receive-object -> let the bucket send s3:ObjectCreated:* to the queue of receive-object
    ok store.notifications: new objects are told to queue arn:aws:sqs:eu-central-1:1:receive-object (prefix=dumps/)
    ok store.notifications: new objects are told to EventBridge
    ok store.notifications: new objects are told to queue arn:aws:sqs:eu-central-1:1:other
    warning store.notifications: access denied -> allow s3:GetBucketNotification, and run this again
    warning store.notifications: NotImplemented -> look it up in the store: new objects must be told to the queue of receive-object
    ok store.notifications: not told by the store; a self-hosted platform lists the bucket every 10 s and needs none
    ok store.notifications: none; a self-hosted platform lists the bucket every 10 s and needs none
    ok store.notifications: the embedded store tells the platform of each write itself
    ");
}
