//! Customers from a sheet: what the rows say, and what that changes (specs: dumps 6.2).
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_dumps::customers::{
    Alias, ChangeKind, CustomerChange, CustomerRow, CustomerSheet, RowProblem, SheetCell, SheetRow,
    StoredCustomer, StoredCustomers, SyncPlan, plan_sync, read_sheet,
};
use landfall_dumps::metadata::NetworkKey;

/// A row of a sheet; cells are separated by `|`, `#..` is an error.
fn row(number: u64, cells: &str) -> SheetRow {
    let cell = |text: &str| match text.trim() {
        error if error.starts_with('#') => SheetCell::Error(error.to_owned()),
        _ => SheetCell::Text(text.to_owned()),
    };
    let cells =
        (0..).zip(cells.split('|').map(cell)).filter(|(_, cell)| *cell != SheetCell::Text(String::new()));
    SheetRow { number, cells: cells.collect() }
}

fn rows(cells: &[&str]) -> Vec<SheetRow> {
    (1..).zip(cells).map(|(number, cells)| row(number, cells)).collect()
}

const HEADER: &str = "Customer Name|Customer Key|Country|Region|Networks|Aliases|Active";

fn sheet(cells: &[&str]) -> CustomerSheet {
    read_sheet(rows(&[&[HEADER], cells].concat())).unwrap()
}

/// One line a customer.
fn customers(sheet: &CustomerSheet) -> String {
    let line = |c: &CustomerRow| {
        let country = c.country.as_ref().map_or("-", |country| country.as_str());
        let region = c.region.as_deref().unwrap_or("-");
        let networks: Vec<&str> = c.networks.iter().map(NetworkKey::as_str).collect();
        let aliases: Vec<&str> = c.aliases.iter().map(Alias::as_str).collect();
        let active = c.active.map_or("-".into(), |active| active.to_string());
        format!(
            "{} {} {:?} {country} {region} {networks:?} {aliases:?} {active}",
            c.row,
            c.key,
            c.name.as_str()
        )
    };
    sheet.rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One line a problem.
fn problems<'a>(problems: impl IntoIterator<Item = &'a RowProblem>) -> String {
    let lines = problems.into_iter().map(|p| format!("{} {}: {}", p.row, p.column, p.text));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn test_customers_sheet_read_takes_the_columns_of_the_first_row_that_has_a_customer_name() {
    let read = read_sheet(rows(&[
        "Customers of the year",
        "",
        "remark|ACTIVE|customer  name|Aliases|Country|customer_key|Networks|Region|Country",
        "x|no|  Acme   Oy |Acme;  ACME  Group ;;|fi||North Core; metro|  the   north |SE",
        "|1|Globex|||gx|||",
    ]));
    insta::assert_snapshot!(customers(&read.unwrap()), @r#"
    4 acme-oy "Acme Oy" FI the north ["metro", "north-core"] ["acme", "acme group"] false
    5 gx "Globex" - - [] [] true
    "#);
}

#[test]
fn test_customers_sheet_read_without_a_header_says_what_was_looked_for() {
    let none = read_sheet(rows(&["Name|Country", "  |", "Acme|FI"])).unwrap_err();
    insta::assert_snapshot!(none, @r#"none of its 2 filled rows has a cell "Customer Name""#);
    insta::assert_snapshot!(read_sheet([]).unwrap_err(), @r#"none of its 0 filled rows has a cell "Customer Name""#);
}

#[test]
fn test_customers_sheet_read_skips_blank_rows_and_tells_bad_ones_with_their_numbers() {
    let read = sheet(&[
        "Acme||FI",
        "",
        " | |  ",
        "|acme-2|FI",
        "Globex||FIN||--|  ;..;|maybe",
        "--",
        "Umbrella|--",
        "#N/A||FI",
        "Hooli||#REF!",
        "Initech",
    ]);
    insta::assert_snapshot!(customers(&read), @r#"
    2 acme "Acme" FI - [] [] -
    11 initech "Initech" - - [] [] -
    "#);
    insta::assert_snapshot!(problems(&read.problems), @r#"
    5 Customer Name: the row has no name
    6 Country: "FIN" is not a country: two letters
    6 Networks: "--" is not a network name: it needs a letter or digit
    6 Aliases: ".." is not a customer name: it needs a letter or digit
    6 Active: "maybe" is not yes, no, 1, 0, true or false
    7 Customer Name: "--" is not a customer name: it needs a letter or digit
    8 Customer Key: "--" is not a customer key: it needs a letter or digit
    9 Customer Name: the cell holds the error #N/A
    10 Country: the cell holds the error #REF!
    "#);
}

#[test]
fn test_customers_sheet_read_of_rows_with_one_key_the_first_wins_also_if_it_is_bad() {
    let read = sheet(&["Acme||FI", "ACME||SE", "Other|acme", "Globex||FIN", "Globex||FI"]);
    insta::assert_snapshot!(customers(&read), @r#"2 acme "Acme" FI - [] [] -"#);
    insta::assert_snapshot!(problems(&read.problems), @r#"
    3 Customer Key: row 2 has the key acme already
    4 Customer Key: row 2 has the key acme already
    5 Country: "FIN" is not a country: two letters
    6 Customer Key: row 5 has the key globex already
    "#);
}

#[test]
fn test_customers_sheet_read_knows_every_word_for_active() {
    for (word, active) in
        [("yes", true), ("No", false), ("1", true), ("0", false), ("TRUE", true), (" false ", false)]
    {
        let read = sheet(&[&format!("Acme||||||{word}")]);
        assert_eq!(read.rows[0].active, Some(active), "{word:?}");
    }
}

/// Acme with an alias, and Globex.
fn stored() -> StoredCustomers {
    let mut stored = StoredCustomers::default();
    let acme = StoredCustomer {
        name: "Acme".into(),
        country: Some("FI".into()),
        region: Some("north".into()),
        active: false,
        aliases: ["acme group".into()].into(),
        networks: ["core".into()].into(),
    };
    stored.insert("acme", acme);
    stored.insert(
        "globex",
        StoredCustomer { name: "Globex".into(), active: true, ..StoredCustomer::default() },
    );
    stored
}

/// One line a change.
fn changes(plan: &SyncPlan) -> String {
    let line = |c: &CustomerChange| {
        let StoredCustomer { name, country, region, active, aliases, networks } = &c.after;
        format!(
            "{} {} {:?}: {name:?} {country:?} {region:?} {active} {aliases:?} {networks:?}",
            c.row, c.key, c.kind
        )
    };
    plan.changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_row_changes_what_it_tells_and_a_blank_cell_keeps_what_is_stored() {
    let plan = plan_sync(
        &sheet(&["Acme AB|acme||south|metro|ACME", "Globex", "Initech||se||||0", "Hooli"]),
        &stored(),
    );
    insta::assert_snapshot!(changes(&plan), @r#"
    2 acme Update: "Acme AB" Some("FI") Some("south") false {"acme group"} {"core", "metro"}
    3 globex Same: "Globex" None None true {} {}
    4 initech Insert: "Initech" Some("SE") None false {} {}
    5 hooli Insert: "Hooli" None None true {} {}
    "#);
    let counts = plan.counts();
    assert_eq!((counts.insert, counts.update, counts.same, counts.skip), (2, 1, 1, 0));
}

#[test]
fn an_alias_of_another_customer_skips_the_row_wherever_the_other_one_has_it_from() {
    let plan = plan_sync(
        &sheet(&[
            "Initech|||||Acme Group",
            "Hooli|||||GLOBEX; hooli inc",
            "Umbrella|||||Nest",
            "Wayne|||||nest",
            "Nest",
            "Acme  Group",
            "Stark|||||hooli inc",
        ]),
        &stored(),
    );
    insta::assert_snapshot!(changes(&plan), @r#"
    4 umbrella Insert: "Umbrella" None None true {"nest"} {}
    8 stark Insert: "Stark" None None true {"hooli inc"} {}
    "#);
    insta::assert_snapshot!(problems(&plan.problems), @r#"
    2 Aliases: "acme group" names customer acme
    3 Aliases: "globex" names customer globex
    5 Aliases: "nest" names customer umbrella
    6 Customer Key: nest is an alias of customer umbrella
    7 Customer Key: acme-group is an alias of customer acme
    "#);
    assert_eq!(plan.counts().skip, 5);
}

#[test]
fn a_second_plan_over_what_the_first_one_leaves_has_nothing_to_change() {
    let sheet =
        sheet(&["Acme AB|acme||south|metro|ACME;a", "Wayne|||||a", "Initech||se||x;y|i;j|0", "A||FIN"]);
    let mut stored = stored();
    let first = plan_sync(&sheet, &stored);
    for change in &first.changes {
        stored.insert(&change.key, change.after.clone());
    }
    let second = plan_sync(&sheet, &stored);
    assert!(second.changes.iter().all(|change| change.kind == ChangeKind::Same), "{second:?}");
    assert_eq!(second.problems, first.problems);
}
