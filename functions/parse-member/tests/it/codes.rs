//! Every code of a parser, from the object to the stored row (specs: dumps 8).

use std::collections::BTreeSet;

use landfall_dumps::plugins::FailureCode;
use landfall_dumps::text::WarningCode;
use landfall_dumps::values::Vocabulary;
use landfall_testkit::TestStage;

use crate::scene::{
    File, GARBAGE, KEY, NE, dump, lsp_text, node_text, parse, planned, watched, whole_dump, worker,
};

/// A table with the columns that a path needs.
const LSPS: &str = "LSP Name  From      To        Label\n";
/// A row of it.
const ROW: &str = "a         10.0.0.1  10.0.0.2  9330\n";
/// A line of a trace that can be read.
const TRACE: &str = "2025-01-18 03:14:07.123 [NEA] <INFO> (1001) TICK: n=1\n";

/// A code, the file that brings it, its content, and the line that is blamed.
type Case = (WarningCode, &'static str, String, i64);

fn of_texts() -> Vec<Case> {
    let lsp = |code, rows: String, line| (code, "CLI_Show_LSP.out", format!("{LSPS}{rows}"), line);
    let trace = |code, lines: String, line| (code, "nea_trace.log", format!("{TRACE}{lines}"), line);
    vec![
        trace(WarningCode::BadRow, "no line of a trace\n".into(), 2),
        trace(WarningCode::BadTs, "2025-13-18 03:14:09 [NEA] <INFO> a month too many\n".into(), 2),
        trace(WarningCode::BadValue, "2025-01-18 03:14:09 [NEA] <NOISE> no severity\n".into(), 2),
        trace(WarningCode::TraceTrunc, "  and on\n".repeat(17), 18),
        (WarningCode::CliError, "CLI_Show_LSP.out", "hel# show lsp\n% Invalid input\nhel#\n".into(), 2),
        lsp(WarningCode::CountMismatch, format!("{ROW}LSPs : 3\n"), 3),
        lsp(WarningCode::DupRow, format!("{ROW}{ROW}"), 3),
        lsp(WarningCode::DupKey, format!("{ROW}{}", ROW.replace('a', "b")), 3),
        lsp(WarningCode::LineTooLong, format!("{}\n{ROW}", "x".repeat(8193)), 2),
        (WarningCode::MissingField, "CLI_Show_LSP.out", "LSP Name : a\nFrom : b\n".into(), 1),
        (WarningCode::UnparsedLine, "CLI_Show_LSP.out", "LSP Name : a\nFrom : b\nTo : c\nstray\n".into(), 4),
    ]
}

fn of_values() -> Vec<Case> {
    let node = |code, lines: &str, line| (code, "CLI_Show_Node.out", lines.to_owned(), line);
    let bucket = |code, line: &str| {
        let block = format!("Bucket Id : 1\nCapacity : 100\nIn Use : 40\n{line}\n");
        (code, "nea_bucket.out", block, 1)
    };
    let group = "Group  Member  AID              State\n\
                 q      1       130SCX10-3-4-L1  up\n       2       130SCX10-3-5-L1  up\n";
    vec![
        bucket(WarningCode::BucketSum, "Free : 40"),
        bucket(WarningCode::PctMismatch, "Utilization : 75%"),
        (WarningCode::MemberOrphan, "DPR_3R.out", group.into(), 3),
        (WarningCode::RouterIdConflict, "DPR_Router_Map.out", "10.9.0.1 = A\n10.9.0.2 = A\n".into(), 2),
        node(WarningCode::ExtraNode, "Node Name : A1\nMgmt IP : 10.9.1.1\nNode Name : A2\n", 3),
        node(WarningCode::MgmtIpFallback, "Node Name : B1\nRouter ID : 10.9.1.2\n", 1),
        node(WarningCode::RouterIdInvalid, "Node Name : C1\nRouter ID : 999.1.1.1\nMgmt IP : 10.9.1.3\n", 1),
        node(WarningCode::VersionUnparsed, "Node Name : D1\nVersion : GMRE unknown\nMgmt IP : 10.9.1.4\n", 1),
    ]
}

/// The element of a case.
fn element(number: usize) -> String {
    format!("LAB-CORE-{:02}", number + 10)
}

/// What is stored of one code for one element, and what is to be.
async fn stored(stage: &TestStage, ne: &str, code: WarningCode) -> Vec<String> {
    let select = sqlx::query_scalar(
        "select concat_ws('|', chain_path, line, text) from dump.parse_warning_current
         where plan_ne = $1 and code = $2",
    );
    select.bind(ne).bind(code.as_str()).fetch_all(stage.pool()).await.unwrap()
}

async fn assert_stored(cases: &[(WarningCode, &str, Vec<u8>, i64)]) {
    let stage = TestStage::start().await;
    let names: Vec<String> = (0..cases.len()).map(element).collect();
    let files: Vec<[File<'_>; 1]> =
        cases.iter().map(|(_, file, text, _)| [(*file, text.as_slice())]).collect();
    let nodes: Vec<(&str, &[File<'_>])> =
        names.iter().zip(&files).map(|(ne, files)| (ne.as_str(), files.as_slice())).collect();
    let object = planned(&stage, dump(&nodes)).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.state(object).await, "done complete");
    for (ne, (code, file, _, line)) in names.iter().zip(cases) {
        let chain = format!(
            "GMRE_DUMP_CORE_20250118-031500.tgz!/{ne}_20250118-031500.tgz!/{ne}_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT"
        );
        let expected = format!("{chain}/cli/{file}|{line}|{}", code.expected());
        assert_eq!(stored(&stage, ne, *code).await, [expected], "{code}");
    }
}

#[tokio::test]
async fn every_code_of_a_parser_is_stored_with_its_file_its_line_and_what_was_expected() {
    let texts = of_texts().into_iter().chain(of_values());
    let mut cases: Vec<_> =
        texts.map(|(code, file, text, line)| (code, file, text.into_bytes(), line)).collect();
    let bytes = [LSPS.as_bytes(), b"a\xFF        10.0.0.1  10.0.0.2  9330\n"].concat();
    cases.push((WarningCode::Encoding, "CLI_Show_LSP.out", bytes, 0));
    let covered: BTreeSet<_> = cases.iter().map(|case| case.0).collect();
    // The one code that needs two elements has a test of its own.
    let all: BTreeSet<_> =
        WarningCode::ALL.iter().copied().filter(|code| *code != WarningCode::RouterIdDuplicate).collect();
    assert_eq!(covered, all);
    assert_stored(&cases).await;
}

#[tokio::test]
async fn a_router_id_of_two_elements_is_stored_as_a_warning_that_names_id_and_holder() {
    let stage = TestStage::start().await;
    let (one, two) = (node_text(NE, 1), node_text("TMP-AGG-02", 1));
    let files = [[("CLI_Show_Node.out", one.as_bytes())], [("CLI_Show_Node.out", two.as_bytes())]];
    planned(&stage, dump(&[(NE, &files[0]), ("TMP-AGG-02", &files[1])])).await;
    parse(&stage, &worker(&stage, "w")).await;
    let warned = "select concat_ws(' ', plugin, line, regexp_replace(chain_path, '.*/', ''),
            regexp_replace(text, 'element .*', 'element')) from dump.parse_warning_current
         where code = 'W_ROUTER_ID_DUPLICATE'";
    let expected = "node 0 CLI_Show_Node.out router id 10.20.0.1 is held by network element";
    assert_eq!(stage.texts(warned).await, [expected]);
}

/// Plugin, code and text of what failed.
const FAILED: &str = "select concat_ws(' ', plugin, error_code, '|', error_text) from dump.plugin_ledger
     where state = 'FAILED' order by priority";

/// The failures after a dump has been read by a worker.
async fn failures_of_layout_size_and_dependency() -> Vec<String> {
    let stage = TestStage::start().await;
    let (small, lsp) = (lsp_text(3), lsp_text(200));
    let files = [("CLI_Show_Node.out", GARBAGE.as_bytes()), ("CLI_Show_LSP.out", small.as_bytes())];
    let large = [("nea_trace.log", lsp.as_bytes())];
    stage.land(KEY, &[], dump(&[(NE, &files), ("TMP-AGG-02", &large)])).await;
    stage.plan_up_to(u64::try_from(lsp.len()).unwrap() - 1).await;
    parse(&stage, &worker(&stage, "w")).await;
    stage.texts(FAILED).await
}

async fn failure_of_the_database() -> Vec<String> {
    let stage = TestStage::start().await;
    planned(&stage, whole_dump()).await;
    // A parser that lost its de-duplication.
    let worker = watched(&stage, |parsed| parsed.records.extend(parsed.records.clone()));
    parse(&stage, &worker).await;
    stage.texts(FAILED).await
}

async fn failure_of_the_source(removed: bool) -> Vec<String> {
    let stage = TestStage::unversioned().await;
    planned(&stage, whole_dump()).await;
    if removed {
        stage.delete(KEY, None).await;
    } else {
        stage.put(KEY, &[], "another").await;
    }
    parse(&stage, &worker(&stage, "w")).await;
    stage.texts(FAILED).await
}

#[tokio::test]
async fn every_code_of_a_failed_plugin_is_stored_with_what_and_where() {
    let mut found = failures_of_layout_size_and_dependency().await;
    found.extend(failure_of_the_database().await);
    found.extend(Box::pin(failure_of_the_source(false)).await);
    found.extend(Box::pin(failure_of_the_source(true)).await);
    let told = [
        ("E_NO_HEADER", "EC1830-81-1-ACT/cli/CLI_Show_Node.out: the text has no table header"),
        ("E_DEPENDENCY", "node failed for this network element"),
        ("E_SPOOL_LIMIT", "cli/nea_trace.log has 48258 bytes, more than the 48257 bytes of spool_limit"),
        ("E_CONSTRAINT", "constraint lsp_entry_pkey refuses the data"),
        ("E_SOURCE_CHANGED", KEY),
        ("E_SOURCE_MISSING", KEY),
    ];
    for row in &found {
        let (_, text) = told.iter().find(|(code, _)| row.contains(code)).unwrap();
        assert!(row.contains(text), "{row}");
    }
    let stored: BTreeSet<&str> = found.iter().filter_map(|row| row.split(' ').nth(1)).collect();
    assert_eq!(stored, told.iter().map(|(code, _)| *code).collect());
    // A worker that is lost three times cannot tell: the sweep does, and proves it.
    let all = FailureCode::WORDS.iter().map(|(_, code)| *code).filter(|code| *code != FailureCode::LeaseLost);
    assert_eq!(stored, all.map(FailureCode::as_str).collect());
}
