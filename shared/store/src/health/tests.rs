//! Judgements over facts.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use landfall_domain::{Finding, Skew};

use super::facts::{Connections, DatabaseFacts, Partitions, PostGis, Server};
use super::observe::{compare, months};
use super::{OutboxFacts, judge, judge_outbox, judge_sweeps};
use crate::outbox::Due;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn partitions(newest: &str, stray: i64) -> Partitions {
    let tables = ["ingest.attempt", "ingest.event_log"];
    let children = tables.iter().flat_map(|table| {
        let months = ["202610", "202611", "202612", "202701"].into_iter().filter(|month| *month <= newest);
        let months = months.chain(["default"]);
        months.map(|month| ((*table).to_owned(), format!("{table}_{month}"))).collect::<Vec<_>>()
    });
    Partitions { months: months(&children.collect::<Vec<_>>()), stray }
}

fn good() -> DatabaseFacts {
    DatabaseFacts {
        server: Ok(Server {
            version: 150_004,
            version_text: "15.4".into(),
            postgis: PostGis::Available("3.3.2".into()),
            connections: Connections { most: 100, reserved: 3, in_use: 12 },
            skew: Skew(TimeDelta::zero()),
        }),
        migrations: Ok(compare(known(2), applied(2))),
        partitions: Ok(partitions("202701", 0)),
    }
}

fn known(count: i64) -> Vec<(i64, String, Vec<u8>)> {
    (1..=count).map(|n| (n, format!("m{n}"), vec![0])).collect()
}

fn applied(count: i64) -> Vec<(i64, String, Vec<u8>, bool)> {
    (1..=count).map(|n| (n, format!("m{n}"), vec![0], true)).collect()
}

fn told(findings: &[Finding]) -> String {
    let mut table = String::new();
    for finding in findings {
        let next = finding.next.as_deref().map(|next| format!(" -> {next}")).unwrap_or_default();
        writeln!(table, "{} {}: {}{next}", finding.level.as_str(), finding.name, finding.seen).unwrap();
    }
    table
}

/// The findings that differ from those on a good database.
fn differs(change: impl FnOnce(&mut DatabaseFacts)) -> String {
    let mut facts = good();
    change(&mut facts);
    let good = judge(&good(), now(), 2);
    let mut found = judge(&facts, now(), 2);
    found.retain(|finding| !good.contains(finding));
    told(&found)
}

fn server(change: impl FnOnce(&mut Server)) -> String {
    differs(|facts| change(facts.server.as_mut().unwrap()))
}

#[test]
fn a_good_database_is_told_as_such() {
    insta::assert_snapshot!(told(&judge(&good(), now(), 2)), @r"
    ok database.version: PostgreSQL 15.4
    ok database.postgis: PostGIS 3.3.2 can be installed; the migrations do it
    ok database.connections: 12 of max_connections 100 are open, 3 are reserved; below 80 % there is room for 38 processes with 2 each
    ok clock.database: the database's clock agrees with this machine's to less than 2 s
    ok database.migrations: all 2 are applied, the newest is 0002 m2
    ok database.partitions: made ahead up to 2027-01 for 2 tables
    ok database.default-partitions: empty
    ");
}

#[test]
fn an_old_server_and_a_missing_postgis_are_problems() {
    insta::assert_snapshot!(server(|s| (s.version, s.version_text) = (149_999, "14.12".into())), @"problem database.version: PostgreSQL 14.12 -> use PostgreSQL 15 or newer");
    assert_eq!(server(|s| s.version = 150_000), "");
    insta::assert_snapshot!(server(|s| s.postgis = PostGis::Absent), @"problem database.postgis: the server has no PostGIS; the migrations of tickets need it -> install it (Debian: postgresql-15-postgis-3)");
    insta::assert_snapshot!(server(|s| s.postgis = PostGis::Installed("3.3.2".into())), @"ok database.postgis: PostGIS 3.3.2");
    insta::assert_snapshot!(server(|s| s.skew = Skew(TimeDelta::seconds(-61))), @"problem clock.database: the database's clock is 61.0 s behind this machine's -> let all machines take their time by NTP: identities without version ids, leases and waits count in seconds");
}

#[test]
fn connections_are_held_against_what_processes_keep() {
    insta::assert_snapshot!(server(|s| s.connections.in_use = 78), @"warning database.connections: 78 of max_connections 100 are open, 3 are reserved; below 80 % there is room for 38 processes with 2 each -> raise max_connections, lower LANDFALL_DB_CONNECTIONS or the functions' concurrency, or put a pooler in between");
    insta::assert_snapshot!(server(|s| s.connections.most = 5), @"problem database.connections: 12 of max_connections 5 are open, 3 are reserved; below 80 % there is room for 0 processes with 2 each -> raise max_connections, lower LANDFALL_DB_CONNECTIONS or the functions' concurrency, or put a pooler in between");
    let facts = good();
    let for_16 = judge(&facts, now(), 16);
    let finding = for_16.iter().find(|finding| finding.name == "database.connections").unwrap();
    insta::assert_snapshot!(finding.seen, @"12 of max_connections 100 are open, 3 are reserved; below 80 % there is room for 4 processes with 16 each");
}

#[test]
fn each_state_of_a_migration_has_its_own_advice() {
    let migrations = |applied| differs(|facts| facts.migrations = Ok(compare(known(2), applied)));
    let mut changed = applied(2);
    changed[0].2 = vec![1];
    let mut half = applied(2);
    half[1].3 = false;
    let table = [applied(1), applied(0), applied(3), changed, half].map(migrations).concat();
    insta::assert_snapshot!(table, @r"
    problem database.migrations: not applied: 0002 m2 -> run `landfall migrate`
    problem database.migrations: not applied: 0001 m1, 0002 m2 -> run `landfall migrate`
    problem database.migrations: applied and not known to this release: 0003 m3 -> use a release that knows them: this one is older than the schema
    problem database.migrations: applied in another form than this release has: 0001 m1 -> use the release that applied them, or one after it: the two do not agree on the schema
    problem database.migrations: begun and not ended: 0002 m2 -> find out why in the server's log, undo what is there of it, delete its row from _sqlx_migrations, and run `landfall migrate`
    ");
}

#[test]
fn partitions_must_be_there_now_and_ahead_and_the_default_ones_empty() {
    let at = |newest, stray| differs(|facts| facts.partitions = Ok(partitions(newest, stray)));
    insta::assert_snapshot!(at("202612", 0), @"warning database.partitions: missing ahead: ingest.attempt 2027-01, ingest.event_log 2027-01 -> see that sweep-state runs: it makes them two months ahead");
    insta::assert_snapshot!(at("202610", 7), @r"
    problem database.partitions: missing for this month: ingest.attempt 2026-11, ingest.event_log 2026-11 -> see that sweep-state runs: it makes them two months ahead
    problem database.default-partitions: 7 rows lie in default partitions -> see that sweep-state runs: it moves rows of a month whose partition it makes; rows of other months come from a wrong clock
    ");
    assert_eq!(months(&[("t".into(), "t_202613".into()), ("t".into(), "t_default".into())])["t"].len(), 0);
}

#[test]
fn what_could_not_be_asked_costs_its_own_findings_only() {
    let text = differs(|facts| {
        facts.server = Err("permission denied".into());
        facts.migrations = Err("permission denied".into());
        facts.partitions = Err("the schema is not there".into());
    });
    insta::assert_snapshot!(text, @r"
    problem database.version: permission denied -> let the account of DATABASE_URL own the schemas, and run `landfall migrate`
    problem database.migrations: permission denied -> let the account of DATABASE_URL own the schemas, and run `landfall migrate`
    skipped database.partitions: the schema is not there
    skipped database.default-partitions: the schema is not there
    ");
}

fn outbox(minutes: i64) -> OutboxFacts {
    let due = |stage: &str, minutes| Due {
        stage: stage.into(),
        messages: 3,
        since: now() - TimeDelta::minutes(minutes),
    };
    OutboxFacts { due: Ok(vec![due("parse-member", 0), due("plan-archive", minutes)]), dead_letters: Ok(0) }
}

#[test]
fn messages_that_wait_for_five_minutes_and_dead_letters_are_warnings() {
    let none = OutboxFacts { due: Ok(Vec::new()), dead_letters: Ok(2) };
    let missed = OutboxFacts { due: Err("relation is missing".into()), dead_letters: Ok(0) };
    let found =
        [none, outbox(4), outbox(5), missed].map(|facts| told(&judge_outbox(&facts, now(), "`landfall up`")));
    insta::assert_snapshot!(found.concat(), @r"
    ok queue.outbox: no message is due
    warning queue.dead-letters: 2 are open -> `landfall dead list` tells why; once the cause is mended: `landfall dead redrive ID`
    ok queue.outbox: 6 messages are due, the oldest, to plan-archive, for 240 s
    ok queue.dead-letters: none is open
    warning queue.outbox: 6 messages are due, the oldest, to plan-archive, for 300 s -> see that `landfall up` runs, and what it logs
    ok queue.dead-letters: none is open
    problem queue.outbox: relation is missing -> let the account of DATABASE_URL own the schemas, and run `landfall migrate`
    ok queue.dead-letters: none is open
    ");
}

#[test]
fn when_the_sweep_ran_is_told_by_what_it_left_or_not_at_all() {
    let sweeps = |outbox: &OutboxFacts, newest, sends| {
        told(&[judge_sweeps((outbox, &Ok(partitions(newest, 0))), now(), sends)])
    };
    let table = [
        sweeps(&outbox(4), "202701", true),
        sweeps(&outbox(6), "202701", true),
        sweeps(&outbox(6), "202701", false),
        sweeps(&outbox(0), "202610", true),
    ];
    insta::assert_snapshot!(table.concat(), @r"
    skipped schedules.sweep-state: not known: it leaves no row when it runs; partitions for 2027-01 were made in 2026-11 or later, by it or by a start of a platform
    warning schedules.sweep-state: messages that it should have sent on are due since 2026-11-21T11:54:00Z: it does not seem to run -> look at its schedule and its log
    skipped schedules.sweep-state: not known: it leaves no row when it runs; partitions for 2027-01 were made in 2026-11 or later, by it or by a start of a platform
    skipped schedules.sweep-state: not known: it leaves no row when it runs
    ");
}
