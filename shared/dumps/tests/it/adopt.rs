//! Rows of the system before: how they are read, and how they compare with what is stored (specs: dumps 10).
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{
    Conflict, Header, RawRow, StoredArchives, StoredElements, StoredLinks, StoredNetworks, Table,
    plan_archives, plan_customers, plan_elements, plan_links, plan_networks, read_archives, read_customers,
    read_elements, read_links, read_networks,
};
use landfall_dumps::customers::StoredCustomers;

/// Rows of a table with all columns in their order, separated by `|`; numbered from 2, as in a file.
fn rows(table: Table, lines: &[&str]) -> Vec<RawRow> {
    let header = Header::read(table, table.columns().iter().copied()).unwrap();
    let row = |(number, line): (u64, &&str)| {
        header.row(number, &line.split('|').map(str::as_bytes).collect::<Vec<_>>())
    };
    (2..).zip(lines).map(row).collect()
}

/// One line a conflict.
fn told(conflicts: &[Conflict]) -> String {
    let line = |c: &Conflict| {
        let stored = c.stored.as_deref().map(|stored| format!(" <> {stored:?}")).unwrap_or_default();
        format!("{} {} {}: {:?}{stored}: {}", c.table, c.row, c.column, c.given, c.text)
    };
    conflicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn archive(rest: &str) -> String {
    format!("{A}|acme|core|{rest}")
}

#[test]
fn columns_stand_in_any_order_and_unknown_missing_and_repeated_ones_are_refused() {
    let header = Header::read(Table::Links, ["Ticket", " sha256 "]).unwrap();
    assert_eq!(header.row(2, &[b"T-1", b"x"]).cells.unwrap(), ["x", "T-1", ""]);
    let refused = |names: &[&str]| Header::read(Table::Links, names.iter().copied()).unwrap_err().to_string();
    insta::assert_snapshot!(refused(&["sha256", "ticket", "hc"]), @r#"links has no column "hc"; its columns are sha256, ticket, hc_id"#);
    insta::assert_snapshot!(refused(&["sha256", "ticket", "SHA256"]), @"column sha256 of links stands twice");
    insta::assert_snapshot!(refused(&["sha256", "hc_id"]), @"links needs a column ticket");
    insta::assert_snapshot!(refused(&[]), @"links needs a column sha256");
}

#[test]
fn a_row_that_is_no_row_is_a_conflict_and_the_next_one_is_read() {
    let header = Header::read(Table::Networks, ["customer_key", "network_key"]).unwrap();
    let raw = [
        header.row(2, &[b"acme"]),
        header.row(3, &[b"acme", b"\xff"]),
        header.row(4, &[b"acme", b"a\0"]),
        header.row(5, &[b"acme", b"core"]),
    ];
    let read = read_networks(&raw);
    assert_eq!((read.rows.len(), read.bad), (1, 3));
    insta::assert_snapshot!(told(&read.conflicts), @r#"
    networks 2 : "": the row has 1 fields, the header 2
    networks 3 : "": network_key is no UTF-8
    networks 4 : "": network_key holds a NUL
    "#);
}

#[test]
fn values_pass_the_checks_of_an_upload() {
    let long = "x".repeat(1_001);
    let customers = read_customers(&rows(
        Table::Customers,
        &["acme||FI|||", "-|Acme|FIN||--;a|2", &format!("x|{long}||||")],
    ));
    let elements = read_elements(&rows(
        Table::NetworkElements,
        &["acme|core|HEL|||||", "acme|core|rid:1.2.3|t|10.0.0.256|0.0.0.0|guess|GMRE", "|core|name: |||||"],
    ));
    let archives = read_archives(&rows(
        Table::Archives,
        &[
            "abc|acme|core|2025-01-18|hour||0|FIN|",
            &archive("2025-01-18T03:00:00Z|day|a|||"),
            &archive("|second|a|x||"),
        ],
    ));
    let links = read_links(&rows(Table::Links, &["|ab|7"]));
    let all = [customers.conflicts, elements.conflicts, archives.conflicts, links.conflicts].concat();
    insta::assert_snapshot!(told(&all).replace(&"x".repeat(100), "x.."), @r#"
    customers 2 name: "": a value is needed
    customers 3 customer_key: "-": "-" is not a customer key: it needs a letter or digit
    customers 3 country: "FIN": "FIN" is not a country: two letters
    customers 3 aliases: "--": "--" is not a customer name: it needs a letter or digit
    customers 3 active: "2": "2" is not yes, no, 1, 0, true or false
    customers 4 name: "x..": longer than 1000 bytes
    network_elements 2 ne_key: "HEL": "HEL" is not an identity: name:, rid: or path: and what follows
    network_elements 3 ne_key: "rid:1.2.3": "rid:1.2.3" is not an identity: name:, rid: or path: and what follows
    network_elements 3 router_id: "10.0.0.256": "10.0.0.256" is not an IPv4 address
    network_elements 3 mgmt_ip: "0.0.0.0": "0.0.0.0" is not an IPv4 address
    network_elements 3 mgmt_ip_source: "guess": "guess" is not one of reported, router_id, archive and none
    network_elements 3 version: "GMRE": "GMRE" is not a version, as 14.1-2
    network_elements 4 customer_key: "": a value is needed
    network_elements 4 ne_key: "name:": "name:" is not an identity: name:, rid: or path: and what follows
    archives 2 sha256: "abc": not a sha-256 digest: expected 64 hexadecimal digits or 32 bytes, got 3 bytes
    archives 2 capture_ts: "2025-01-18": "2025-01-18" is not a time stamp of the years 2000 to 2099, as 2025-01-18T03:14:07Z
    archives 2 capture_precision: "hour": unknown capture precision "hour": known are second, minute, day
    archives 2 origin: "": a value is needed
    archives 2 snapshot_seq: "0": "0" is not a number from 1
    archives 2 country: "FIN": "FIN" is not a country: two letters
    archives 3 capture_ts: "2025-01-18T03:00:00.000Z": a time of precision day stands at 00:00:00
    archives 4 capture_ts: "": a value is needed
    archives 4 snapshot_seq: "x": "x" is not a number from 1
    links 2 sha256: "": a value is needed
    links 2 ticket: "ab": "ab" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit
    links 2 hc_id: "7": "7" is not a health-check id: HC, optional -, digits
    "#);
}

#[test]
fn a_customer_is_the_same_if_all_that_is_given_is_stored_and_a_conflict_otherwise() {
    let first =
        read_customers(&rows(Table::Customers, &["acme|Acme|FI|north|acme group|yes", "|Globex||||"]));
    let planned = plan_customers(first.rows, &StoredCustomers::default());
    assert_eq!(planned.inserts.len(), 2);
    let again = read_customers(&rows(
        Table::Customers,
        &[
            "acme|Acme|FI|north|acme group|yes",
            "Acme|Acme||||",
            "acme|ACME|SE|south|other|no",
            "initech|Initech|||ACME Group|",
            "acme group|Initech||||",
            "globex|Globex||||",
        ],
    ));
    let rows = [planned.inserts, again.rows].concat();
    let planned = plan_customers(rows, &StoredCustomers::default());
    assert_eq!((planned.inserts.len(), planned.same, planned.refused.len()), (2, 3, 3));
    insta::assert_snapshot!(told(&planned.conflicts), @r#"
    customers 4 name: "ACME" <> "Acme": another value is stored
    customers 4 country: "SE" <> "FI": another value is stored
    customers 4 region: "south" <> "north": another value is stored
    customers 4 active: "false" <> "true": another value is stored
    customers 4 aliases: "other" <> "acme group": another value is stored
    customers 5 aliases: "acme group" <> "acme": held by another row
    customers 6 customer_key: "acme-group" <> "acme": held by another row
    "#);
}

#[test]
fn a_row_whose_parent_is_nowhere_is_a_conflict() {
    let networks = plan_networks(
        read_networks(&rows(Table::Networks, &["acme|core", "globex|core", "acme|CORE"])).rows,
        StoredNetworks { customers: ["acme".into()].into(), ..StoredNetworks::default() },
    );
    assert_eq!((networks.inserts.len(), networks.same), (1, 1));
    let elements = plan_elements(
        read_elements(&rows(Table::NetworkElements, &["acme|core|name:a|||||"])).rows,
        StoredElements::default(),
    );
    let archives = plan_archives(
        read_archives(&rows(Table::Archives, &[&archive("2025-01-18T03:00:00Z||a|||")])).rows,
        StoredArchives::default(),
    );
    let links =
        plan_links(read_links(&rows(Table::Links, &[&format!("{A}|CHG-1|")])).rows, StoredLinks::default());
    let all = [networks.conflicts, elements.conflicts, archives.conflicts, links.conflicts].concat();
    insta::assert_snapshot!(told(&all), @r#"
    networks 3 customer_key: "globex": neither in customers nor stored
    network_elements 2 network_key: "core": neither in networks nor stored
    archives 2 network_key: "core": neither in networks nor stored
    links 2 sha256: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": neither in archives nor stored
    "#);
}

fn core() -> std::collections::BTreeSet<(String, String)> {
    [("acme".to_owned(), "core".to_owned())].into()
}

#[test]
fn an_element_is_normalised_and_its_router_id_is_its_own() {
    let read = read_elements(&rows(
        Table::NetworkElements,
        &[
            "acme|core|name:hel  core 01|1830  PSS|010.020.000.001|-|none|R 14.1.2",
            "ACME|Core|NAME:HEL_CORE_01|1830 PSS|10.20.0.1|n/a||14.1-2",
            "acme|core|name:hel_core_01|1830 PSS-8|10.20.0.9||reported|",
            "acme|core|rid:10.20.0.1||10.20.0.1|||",
            "acme|core|path:x y|||||",
        ],
    ));
    assert_eq!(read.bad, 0, "{:?}", read.conflicts);
    let planned = plan_elements(read.rows, StoredElements { networks: core(), ..StoredElements::default() });
    let keys: Vec<&str> = planned.inserts.iter().map(|row| row.ne_key.as_str()).collect();
    assert_eq!((keys.as_slice(), planned.same), (["name:HEL_CORE_01", "path:X_Y"].as_slice(), 1));
    assert_eq!(planned.inserts[0].ne_name.as_deref(), Some("HEL_CORE_01"));
    insta::assert_snapshot!(told(&planned.conflicts), @r#"
    network_elements 4 ne_type: "1830 PSS-8" <> "1830 PSS": another value is stored
    network_elements 4 router_id: "10.20.0.9" <> "10.20.0.1": another value is stored
    network_elements 4 mgmt_ip_source: "reported" <> "none": another value is stored
    network_elements 5 router_id: "10.20.0.1" <> "name:HEL_CORE_01": held by another row
    "#);
}

#[test]
fn an_archive_is_compared_in_all_that_is_given() {
    let other = A.replace('a', "b");
    let lines = [
        archive("2025-01-18 03:00:00|Second|Night|1|fi|TMP;hel core;"),
        archive("2025-01-18T05:00:00+02:00||night|||"),
        archive("2025-01-18T03:00:00Z||night||FI|HEL_CORE;TMP"),
        archive("2025-01-18T03:00:01Z|minute|day|2|SE|HEL"),
        format!("{other}|globex|core|2025-01-18T03:00:00Z||night|1||"),
        format!("\\x{other}|acme|core|2025-01-18T03:00:00Z||night|1||"),
        format!("{other}|acme|core|2025-01-18T03:00:00Z||night|||"),
    ];
    let read = read_archives(&rows(Table::Archives, &lines.each_ref().map(String::as_str)));
    assert_eq!(read.bad, 0, "{:?}", read.conflicts);
    let planned = plan_archives(read.rows, StoredArchives { networks: core(), ..StoredArchives::default() });
    assert_eq!((planned.inserts.len(), planned.same, planned.refused.len()), (2, 2, 3));
    assert_eq!(planned.inserts[0].plan_nes(), ["HEL_CORE", "TMP"]);
    assert_eq!(planned.inserts[1].plan_nes(), ["UNKNOWN"]);
    insta::assert_snapshot!(told(&planned.conflicts).replace(A, "A"), @r#"
    archives 5 capture_ts: "2025-01-18T03:00:01.000Z" <> "2025-01-18T03:00:00.000Z": another value is stored
    archives 5 capture_precision: "minute" <> "second": another value is stored
    archives 5 origin: "day" <> "night": another value is stored
    archives 5 snapshot_seq: "2" <> "1": another value is stored
    archives 5 country: "SE" <> "FI": another value is stored
    archives 5 nes: "HEL" <> "HEL_CORE;TMP": another value is stored
    archives 6 network_key: "core": neither in networks nor stored
    archives 7 snapshot_seq: "1" <> "row 2": held by another row
    "#);
}

#[test]
fn a_link_is_its_key_and_a_link_without_a_health_check_is_another_one() {
    let archive: Sha256Digest = A.parse().unwrap();
    let lines = ["|chg-1|", "|CHG-1|hc007", "|CHG-1|HC-7", "|CHG-1|"].map(|rest| format!("{A}{rest}"));
    let read = read_links(&rows(Table::Links, &lines.each_ref().map(String::as_str)));
    let planned = plan_links(read.rows, StoredLinks { archives: [archive].into(), ..StoredLinks::default() });
    let links: Vec<String> =
        planned.inserts.iter().map(|l| format!("{} {}", l.ticket, l.stored_hc())).collect();
    assert_eq!(
        (links.as_slice(), planned.same),
        (["CHG-1 ".to_owned(), "CHG-1 HC-7".to_owned()].as_slice(), 2)
    );
}
