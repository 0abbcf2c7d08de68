//! What `landfall dumps put` and the batches would send: by flags, by answers, and what is refused.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use landfall_testkit::database::TestDatabase;

use super::command::{json, landfall, told};
use super::terminal::landfall_on_terminal;

const FLAGS: [&str; 6] = ["--customer", "acme", "--network", "metro", "--ticket", "CHG-1"];

fn folder(files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    dir
}

fn run(dir: &Path, args: &[&str]) -> String {
    let output = landfall(dir).arg("dumps").args(args).output().unwrap();
    told(&output, dir)
}

#[tokio::test(flavor = "multi_thread")]
async fn test_cli_modes_mode1_mode2_prompts_and_flags_build_the_same_request() {
    let database = TestDatabase::create().await;
    sqlx::query(
        "with customer as (insert into dump.customer (customer_key, name)
            values ('acme', 'Acme'), ('globex', 'Globex') returning customer_id, customer_key)
         insert into dump.network (customer_id, network_key)
         select customer_id, network from customer, (values ('core'), ('metro')) as n (network)
         where customer_key = 'acme'",
    )
    .execute(database.pool())
    .await
    .unwrap();
    let dir = folder(&["a.tgz"]);
    let put = ["dumps", "put", "a.tgz", "--dry-run", "--json"];
    let (arrow_up, tab) = ("\u{1b}[A\r", "me\t\r");
    let dialogue = [
        ("Customer", arrow_up),
        ("known: core, metro", ""),
        ("Network", tab),
        ("Ticket", "x\r"),
        ("is not a ticket", "CHG-1\r"),
        ("Health check", "hc-007\r"),
        ("Country", "\r"),
    ];
    let prompted = landfall_on_terminal(dir.path(), database.url(), &put, &dialogue);
    let by_flags = landfall(dir.path()).args(put).args(FLAGS).args(["--hc-id", "hc-007"]).output().unwrap();
    assert_eq!(prompted.status.code(), Some(0));
    assert_eq!(json(&prompted), json(&by_flags));
    insta::assert_json_snapshot!(json(&prompted), @r#"
    {
      "bucket": "landing",
      "file": "a.tgz",
      "key": "dumps/acme/metro/CHG-1/a.tgz",
      "metadata": {
        "customer": "acme",
        "hc-id": "hc-007",
        "network": "metro",
        "ticket": "CHG-1"
      },
      "size": 1
    }
    "#);
}

#[test]
fn test_cli_modes_mode1_mode2_a_field_that_no_flag_names_exits_2_and_names_the_flag() {
    let dir = folder(&["a.tgz", "tree/b.tgz"]);
    insta::assert_snapshot!(run(dir.path(), &["put", "a.tgz", "--customer", "acme"]), @r"
    exit 2
    ---
    error: missing: --network, --ticket
    give them as flags; on a terminal the command asks for what is missing
    ");
    insta::assert_snapshot!(run(dir.path(), &["ingest-tree", "tree", "--no-input", "--ticket", "CHG-1"]), @r"
    exit 2
    ---
    error: missing: --customer, --network
    give them as flags; on a terminal the command asks for what is missing
    ");
    insta::assert_snapshot!(run(dir.path(), &["ingest-tickets", "tree"]), @r"
    exit 2
    ---
    error: missing: --customer, --network
    give them as flags; on a terminal the command asks for what is missing
    ");
    let bad = [&["put", "a.tgz", "--hc-id", "seven"], &FLAGS[..]].concat();
    insta::assert_snapshot!(run(dir.path(), &bad), @r#"
    exit 2
    ---
    error: a.tgz would be rejected as dumps/acme/metro/CHG-1/a.tgz: hc_id in the object metadata is not valid: "seven" is not a health-check id: HC, optional -, digits
    see --hc-id in `--help`
    "#);
    let bad = [&["ingest-tree", "tree", "--country", "Finland"], &FLAGS[..]].concat();
    insta::assert_snapshot!(run(dir.path(), &bad), @r#"
    exit 2
    ---
    error: every archive would be rejected: country in the object metadata is not valid: "Finland" is not a country: two letters
    see --country in `--help`
    "#);
}

#[test]
fn a_file_or_folder_that_cannot_be_read_is_a_bad_argument() {
    let dir = folder(&["a.tgz"]);
    let with_flags = |args: &[&str]| run(dir.path(), &[args, &FLAGS].concat());
    insta::assert_snapshot!(with_flags(&["put", "missing.tgz"]), @r"
    exit 2
    ---
    error: cannot read missing.tgz: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(with_flags(&["put", "."]), @r"
    exit 2
    ---
    error: . is no file
    ");
    insta::assert_snapshot!(with_flags(&["ingest-tree", "missing"]), @r"
    exit 2
    ---
    error: cannot read missing: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(with_flags(&["ingest-tree", "a.tgz"]), @r"
    exit 2
    ---
    error: cannot read a.tgz: Not a directory (os error 20)
    ");
    insta::assert_snapshot!(
        run(dir.path(), &["ingest-tickets", "missing", "--customer", "acme", "--network", "core"]), @r"
        exit 2
        ---
        error: cannot read missing: No such file or directory (os error 2)
        "
    );
}

#[test]
fn a_tree_without_archives_is_done_at_once() {
    let dir = folder(&["tree/readme.txt", "tree/.hidden/a.tgz"]);
    insta::assert_snapshot!(run(dir.path(), &[&["ingest-tree", "tree"], &FLAGS[..]].concat()), @r"
    exit 0
    no archives: nothing below the folder ends in .tgz or .tar.gz
    ---
    ");
}

#[test]
fn a_folder_that_does_not_open_is_reported_and_the_rest_goes_on() {
    let dir = folder(&["tree/a.tgz", "tree/closed/b.tgz", "tree/z.tgz"]);
    let set = |path: &str, mode| {
        std::fs::set_permissions(dir.path().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(".", 0o755);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("landfall"));
    command.args(["dumps", "ingest-tree", "tree", "--dry-run", "--data", "/nowhere"]).args(FLAGS);
    command.current_dir(dir.path()).env_clear();
    if std::fs::metadata(dir.path()).unwrap().uid() == 0 {
        // To root every folder opens.
        std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    }
    set("tree/closed", 0o000);
    let output = command.output().unwrap();
    set("tree/closed", 0o755);
    insta::assert_snapshot!(told(&output, dir.path()), @r"
    exit 2
    would put tree/a.tgz to landing/dumps/acme/metro/CHG-1/a.tgz (1 B)
    skipped tree/closed: cannot read tree/closed: Permission denied (os error 13)
    would put tree/z.tgz to landing/dumps/acme/metro/CHG-1/z.tgz (1 B)

     OUTCOME    ARCHIVES  ROWS
     skipped           1     0
     would put         2     0
    ---
    ");
}

#[test]
fn test_ingest_ticket_folders_batch_lists_what_would_be_sent_as_what() {
    let dir = folder(&[
        "t/CHG-1/a.tgz",
        "t/CHG-1/deep/er/a.TAR.GZ",
        "t/chg-2/b.tgz",
        "t/not a ticket/c.tgz",
        "t/loose.tgz",
        "t/.hidden/d.tgz",
        "t/CHG-3/readme.txt",
    ]);
    let args = ["ingest-tickets", "t", "--customer", "acme", "--network", "core", "--dry-run"];
    insta::assert_snapshot!(run(dir.path(), &args), @r#"
    exit 2
    would put t/CHG-1/a.tgz to landing/dumps/acme/core/CHG-1/a.tgz (1 B)
    would put t/CHG-1/deep/er/a.TAR.GZ to landing/dumps/acme/core/CHG-1/deep/er/a.TAR.GZ (1 B)
    would put t/chg-2/b.tgz to landing/dumps/acme/core/chg-2/b.tgz (1 B)
    skipped t/loose.tgz: it lies in no ticket folder
    skipped t/not a ticket: "not a ticket" is not a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit

     OUTCOME    ARCHIVES  ROWS
     skipped           2     0
     would put         3     0
    ---
    "#);
    let output = landfall(dir.path()).arg("dumps").args(args).arg("--json").output().unwrap();
    let document = json(&output);
    assert_eq!((output.status.code(), &document["exit_code"]), (Some(2), &2.into()));
    let tickets: Vec<_> =
        document["archives"].as_array().unwrap().iter().map(|a| a["metadata"]["ticket"].as_str()).collect();
    assert_eq!(tickets, [Some("CHG-1"), Some("CHG-1"), Some("chg-2"), None, None]);
}
