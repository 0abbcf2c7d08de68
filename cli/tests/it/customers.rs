//! `landfall dumps sync-customers`: real workbooks, and files that are none.

use std::path::Path;

use landfall_testkit::database::TestDatabase;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use super::command::{json, landfall, told};

/// A folder with a database.
struct Scene {
    database: TestDatabase,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self { database: TestDatabase::create().await, dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("customers.xlsx")
    }

    fn run(&self, args: &[&str]) -> std::process::Output {
        let mut command = landfall(self.dir.path());
        let args = [&["dumps", "sync-customers", "customers.xlsx"], args].concat();
        command.env("DATABASE_URL", self.database.url()).args(args).output().unwrap()
    }

    fn told(&self, args: &[&str]) -> String {
        told(&self.run(args), self.dir.path())
    }
}

/// A sheet with rows of text.
fn fill(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
}

fn write(path: &Path, rows: &[&[&str]]) {
    let mut book = Workbook::new();
    fill(book.add_worksheet(), rows);
    book.save(path).unwrap();
}

#[tokio::test]
async fn test_customers_sheet_read_from_a_workbook_and_synced_until_all_is_the_same() {
    let scene = Scene::new().await;
    write(
        &scene.path(),
        &[
            &["Our customers"],
            &["Customer Name", "Country", "Networks", "Aliases"],
            &["Acme", "fi", "core; metro", "Acme Group"],
            &[],
            &["Globex", "Finland"],
            &["Initech", "", "", "ACME GROUP"],
        ],
    );
    insta::assert_snapshot!(scene.told(&["--dry-run"]), @r#"
    exit 0
    insert 1, update 0, same 0, skip 2 (dry run: nothing is written)

    Skipped rows
     ROW  COLUMN   PROBLEM
       5  Country  "Finland" is not a country: two letters
       6  Aliases  "acme group" names customer acme
    ---
    "#);
    insta::assert_snapshot!(scene.told(&[]), @r#"
    exit 0
    insert 1, update 0, same 0, skip 2

    Skipped rows
     ROW  COLUMN   PROBLEM
       5  Country  "Finland" is not a country: two letters
       6  Aliases  "acme group" names customer acme
    ---
    "#);
    let again = json(&scene.run(&["--json"]));
    assert_eq!(again["counts"], serde_json::json!({ "insert": 0, "update": 0, "same": 1, "skip": 2 }));
    assert_eq!(again["rows"][0], serde_json::json!({ "row": 3, "customer": "acme", "change": "same" }));
    assert_eq!(again["problems"][0]["row"], 5);
    let runs = "select count(*) from dump.audit_event where kind = 'customers_synced'";
    let runs: i64 = sqlx::query_scalar(runs).fetch_one(scene.database.pool()).await.unwrap();
    assert_eq!(runs, 2, "a dry run is none");
}

#[tokio::test]
async fn test_customers_sheet_read_takes_the_sheet_customers_in_any_case_before_the_first() {
    let scene = Scene::new().await;
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("Notes").unwrap(), &[&["Customer Name"], &["Wrong"]]);
    fill(book.add_worksheet().set_name("CUSTOMERS").unwrap(), &[&["Customer Name"], &["Right"]]);
    book.save(scene.path()).unwrap();
    let document = json(&scene.run(&["--json", "--dry-run"]));
    assert_eq!(document["rows"][0]["customer"], "right");
    assert_eq!(document["source"]["sheet"], "CUSTOMERS");
}

#[tokio::test]
async fn test_customers_sheet_read_makes_text_of_formulas_numbers_dates_and_flags() {
    let scene = Scene::new().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, &[&["Customer Name", "Customer Key", "Region", "Networks", "Active"]]);
    sheet.write_formula(1, 0, Formula::new("=CONCAT(\"Ac\",\"me\")").set_result("Acme")).unwrap();
    sheet.write_number(1, 1, 4711.0).unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_with_format(1, 2, ExcelDateTime::parse_from_str("2025-01-18").unwrap(), &date).unwrap();
    sheet.write_number(1, 3, 1.5).unwrap();
    sheet.write_boolean(1, 4, false).unwrap();
    sheet.write_formula(2, 0, Formula::new("=NA()").set_result("#N/A")).unwrap();
    book.save(scene.path()).unwrap();
    insta::assert_snapshot!(scene.told(&[]), @"
    exit 0
    insert 1, update 0, same 0, skip 1

    Skipped rows
     ROW  COLUMN         PROBLEM
       3  Customer Name  the cell holds the error #N/A
    ---
    ");
    let stored = "select concat_ws(' ', customer_key, name, region, active, network_key)
        from dump.customer join dump.network using (customer_id)";
    let stored: Vec<String> = sqlx::query_scalar(stored).fetch_all(scene.database.pool()).await.unwrap();
    assert_eq!(stored, ["4711 Acme 2025-01-18 f 1-5"]);
}

#[tokio::test]
async fn a_sheet_whose_cells_stand_far_apart_is_read_like_any_other() {
    let scene = Scene::new().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 16_383, "Customer Name").unwrap();
    sheet.write_string(1_048_575, 16_383, "Acme").unwrap();
    sheet.write_string(1_048_574, 0, "remark").unwrap();
    book.save(scene.path()).unwrap();
    let document = json(&scene.run(&["--json"]));
    assert_eq!(document["rows"][0]["row"], 1_048_576);
    assert_eq!(document["problems"][0]["row"], 1_048_575, "a row without a name");
}

#[test]
fn a_file_that_is_no_workbook_with_customers_is_a_bad_argument_and_says_what_was_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("customers.xlsx");
    let run = || {
        let output =
            landfall(dir.path()).args(["dumps", "sync-customers", "customers.xlsx"]).output().unwrap();
        told(&output, dir.path())
    };
    insta::assert_snapshot!(run(), @"
    exit 2
    ---
    error: cannot read customers.xlsx: No such file or directory (os error 2)
    ");
    std::fs::write(&path, "Customer Name;Country\nAcme;FI\n").unwrap();
    insta::assert_snapshot!(run(), @"
    exit 2
    ---
    error: cannot read customers.xlsx: it is no workbook (.xlsx): invalid Zip archive: Could not find EOCD
    save it as an Excel workbook (.xlsx) without a password
    ");
    write(&path, &[]);
    insta::assert_snapshot!(run(), @r#"
    exit 2
    ---
    error: customers.xlsx: sheet "Sheet1" has no header: none of its 0 filled rows has a cell "Customer Name"
    the sheet Customers is read, else the first one; the sheets are Sheet1
    "#);
    write(&path, &[&["Name", "Country"], &["Acme", "FI"]]);
    insta::assert_snapshot!(run(), @r#"
    exit 2
    ---
    error: customers.xlsx: sheet "Sheet1" has no header: none of its 2 filled rows has a cell "Customer Name"
    the sheet Customers is read, else the first one; the sheets are Sheet1
    "#);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(run().starts_with("exit 2\n"), "{}", run());
}

/// A container with these parts, compressed.
fn container(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_container_that_inflates_to_too_much_or_holds_other_things_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("customers.xlsx");
    let run = || {
        let output =
            landfall(dir.path()).args(["dumps", "sync-customers", "customers.xlsx"]).output().unwrap();
        told(&output, dir.path())
    };
    let zeros = vec![0; (64 << 20) + 1];
    std::fs::write(&path, container(&[("xl/sharedStrings.xml", &zeros)])).unwrap();
    insta::assert_snapshot!(run(), @"
    exit 2
    ---
    error: cannot read customers.xlsx: the workbook is too large: it holds more than 64 MiB
    ");
    std::fs::write(&path, container(&[("readme.txt", b"hello")])).unwrap();
    insta::assert_snapshot!(run(), @"
    exit 2
    ---
    error: cannot read customers.xlsx: it is no workbook (.xlsx): File not found '_rels/.rels'
    save it as an Excel workbook (.xlsx) without a password
    ");
    std::fs::write(&path, vec![0; (32 << 20) + 1]).unwrap();
    insta::assert_snapshot!(run(), @"
    exit 2
    ---
    error: customers.xlsx has more than 32 MiB
    ");
}
