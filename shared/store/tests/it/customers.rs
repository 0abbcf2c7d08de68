//! Customers from a sheet, in the database (specs: dumps 6.2).

use landfall_dumps::customers::{CustomerSheet, SheetCell, SheetRow, SyncCounts, SyncPlan, read_sheet};
use landfall_store::Store;
use landfall_store::dump::{find_customer, sync_customers};
use landfall_testkit::database::TestDatabase;
use serde_json::json;

use crate::scene::{count, now, run, texts};

/// A sheet with the columns name, key, country, region, networks, aliases, active, separated by `|`.
fn sheet(lines: &[&str]) -> CustomerSheet {
    let header = "Customer Name|Customer Key|Country|Region|Networks|Aliases|Active";
    let rows = (1..).zip([&[header], lines].concat()).map(|(number, line)| {
        let cells = (0..).zip(line.split('|').map(|text| SheetCell::Text(text.to_owned())));
        SheetRow { number, cells: cells.collect() }
    });
    read_sheet(rows).unwrap()
}

async fn sync(database: &TestDatabase, sheet: &CustomerSheet, dry_run: bool) -> SyncPlan {
    let store = Store::over(database.pool().clone());
    sync_customers(&store, sheet, dry_run, &json!({ "file": "c.xlsx" }), now()).await.unwrap()
}

fn counts(insert: usize, update: usize, same: usize, skip: usize) -> SyncCounts {
    SyncCounts { insert, update, same, skip }
}

/// All of the customers, one line each.
async fn stored(database: &TestDatabase) -> String {
    let sql =
        "select concat_ws(' ', c.customer_key, c.name, coalesce(c.country, '-'), coalesce(c.region, '-'),
            c.active, (select '[' || coalesce(string_agg(alias, ',' order by alias), '') || ']'
                from dump.customer_alias a where a.customer_id = c.customer_id),
            (select '[' || coalesce(string_agg(network_key, ',' order by network_key), '') || ']'
                from dump.network n where n.customer_id = c.customer_id))
         from dump.customer c order by c.customer_key";
    texts(database.pool(), sql).await.join("\n")
}

#[tokio::test]
async fn test_customers_db_upsert() {
    let database = TestDatabase::create().await;
    run(
        database.pool(),
        "insert into dump.customer (customer_key, name) values ('zeta', 'Zeta');
         insert into dump.customer_alias (alias, customer_id) values ('z', 1);",
    )
    .await;
    let first = sheet(&[
        "Acme Oy|acme|fi|north|core;metro|Acme Group;ACME|yes",
        "Globex||||||",
        "Initech|||||z|",
        "Hooli||FIN||||",
    ]);
    assert_eq!(sync(&database, &first, false).await.counts(), counts(2, 0, 0, 2));
    let second = sheet(&["Acme AB|acme|||edge||", "Globex||se|||gx|0", "Nest||||||"]);
    assert_eq!(sync(&database, &second, false).await.counts(), counts(1, 2, 0, 0));
    insta::assert_snapshot!(stored(&database).await, @"
    acme Acme AB FI north t [acme group] [core,edge,metro]
    globex Globex SE - f [gx] []
    nest Nest - - t [] []
    zeta Zeta - - t [z] []
    ");
    let mut conn = database.pool().acquire().await.unwrap();
    let (key, country) = find_customer(&mut conn, "Acme Group").await.unwrap().unwrap();
    assert_eq!((key.as_str(), country.as_deref()), ("acme", Some("FI")));
}

#[tokio::test]
async fn test_customers_db_upsert_a_second_time_changes_nothing() {
    let database = TestDatabase::create().await;
    let sheet = sheet(&["Acme Oy|acme|fi|north|core;metro|a;b|yes", "Globex|||||gx|", "Wayne|||||a|"]);
    assert_eq!(sync(&database, &sheet, false).await.counts(), counts(2, 0, 0, 1));
    let before = stored(&database).await;
    let again = sync(&database, &sheet, false).await;
    assert_eq!(again.counts(), counts(0, 0, 2, 1));
    assert_eq!(again.problems[0].text, r#""a" names customer acme"#);
    assert_eq!(stored(&database).await, before);
}

#[tokio::test]
async fn test_customers_db_upsert_dry_run_tells_the_same_and_writes_nothing() {
    let database = TestDatabase::create().await;
    let sheet = sheet(&["Acme|||||a|", "Globex|||||a|"]);
    let planned = sync(&database, &sheet, true).await;
    assert_eq!(stored(&database).await, "");
    assert_eq!(count(database.pool(), "select count(*) from dump.audit_event").await, 0);
    assert_eq!(sync(&database, &sheet, false).await, planned);
}

#[tokio::test]
async fn every_run_of_a_sync_is_audited_with_its_source_and_counts() {
    let database = TestDatabase::create().await;
    for _ in 0..2 {
        sync(&database, &sheet(&["Acme|||||a|", "Globex|||||a|"]), false).await;
    }
    let audited = "select kind || ' ' || detail::text from dump.audit_event order by audit_id";
    insta::assert_snapshot!(texts(database.pool(), audited).await.join("\n"), @r#"
    customers_synced {"counts": {"same": 0, "skip": 1, "insert": 1, "update": 0}, "source": {"file": "c.xlsx"}}
    customers_synced {"counts": {"same": 1, "skip": 1, "insert": 0, "update": 0}, "source": {"file": "c.xlsx"}}
    "#);
}

#[tokio::test]
async fn two_syncs_at_the_same_time_come_one_after_the_other() {
    let database = TestDatabase::create().await;
    let sheet = sheet(&["Acme||||core|a|", "Globex||||core|g|"]);
    let (one, two) = tokio::join!(sync(&database, &sheet, false), sync(&database, &sheet, false));
    let mut both = [one.counts(), two.counts()];
    both.sort_by_key(|counts| counts.same);
    assert_eq!(both, [counts(2, 0, 0, 0), counts(0, 0, 2, 0)]);
}
