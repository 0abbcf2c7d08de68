//! Every archive of the catalogue, and every kind of bad input, through the whole platform: what state it ends
//! in, why, what rows it brings and what it warns of. Each lies in a network of its own, so that no guard
//! strikes; all run in one process, so that each shows that it costs its neighbours nothing.

use std::fmt::Write;

use landfall_local::sample::fixtures::{self, Fixture};
use landfall_local::sample::{Tar, corrupt, gzip, noise, truncate};
use landfall_testkit::TestPlatform;

/// State, reason and counts of each object, by the network that its key names.
async fn outcomes(platform: &TestPlatform) -> String {
    let rows: Vec<(String, String, String, String, i64, i64, String)> = sqlx::query_as(
        "select split_part(o.key, '/', 3) as network, o.state, o.reason, coalesce(o.reason_text, ''),
            (select count(*) from dump.lsp_entry_current r join dump.load l using (load_id) where l.object_id = o.object_id),
            (select count(*) from dump.dump_node_current r join dump.load l using (load_id)
                where l.object_id = o.object_id and r.ne_key is not null),
            coalesce((select string_agg(distinct code, ' ' order by code) from dump.parse_warning w
                join dump.load l using (load_id) where l.object_id = o.object_id), '')
         from ingest.object o order by split_part(o.key, '/', 3) collate \"C\", o.object_id",
    )
    .fetch_all(platform.pool())
    .await
    .unwrap();
    let mut lines = String::new();
    for (network, state, reason, text, lsps, nodes, warnings) in rows {
        let line = format!("{network}: {state} {reason}, {nodes} nodes, {lsps} lsps [{warnings}] {text}");
        writeln!(lines, "{}", line.trim_end()).unwrap();
    }
    lines
}

async fn run(objects: Vec<(String, String, Vec<u8>)>) -> String {
    let platform = TestPlatform::start().await;
    for (network, file, bytes) in objects {
        platform.put(&format!("dumps/acme/{network}/CHG-1/{file}"), &[], bytes).await;
    }
    platform.settle().await;
    let books = platform.verify().await;
    assert!(books.closed, "{books:?}");
    let outcomes = outcomes(&platform).await;
    platform.stop().await;
    outcomes
}

#[tokio::test]
async fn each_archive_of_the_catalogue_ends_as_its_name_says() {
    let objects = fixtures::all()
        .into_iter()
        .map(|Fixture { name, file_name, bytes }| (name.to_owned(), file_name, bytes));
    insta::assert_snapshot!(run(objects.collect()).await, @r"
    example_act_vs_stdby: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_active_only_fallback: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_all_plugins: done complete, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_BUCKET_SUM W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_NODE W_MEMBER_ORPHAN W_MGMT_IP_FALLBACK W_MISSING_FIELD W_PCT_MISMATCH W_ROUTER_ID_CONFLICT W_ROUTER_ID_INVALID W_UNPARSED_LINE]
    example_backslash: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE W_UNSAFE_PATH]
    example_case: done complete, 1 nodes, 3 lsps [W_BAD_TS W_BAD_VALUE W_DUP_KEY W_MISSING_FIELD W_UNPARSED_LINE]
    example_corrupt_inner: done complete, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_VALUE W_CORRUPT_MEMBER W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_CHAIN W_EXTRA_NODE W_MGMT_IP_FALLBACK W_MISSING_FIELD W_UNPARSED_LINE]
    example_deep_nested_depth8: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_depth9: done complete, 1 nodes, 0 lsps [W_MAX_DEPTH W_UNPARSED_LINE]
    example_ecs81_preferred: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_extra_chain: done complete, 1 nodes, 3 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_DUP_KEY W_EXTRA_CHAIN W_MISSING_FIELD W_UNPARSED_LINE]
    example_links: done complete, 1 nodes, 0 lsps [W_BAD_VALUE W_SPECIAL_MEMBER W_UNPARSED_LINE]
    example_nested_chain: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_nested_chain_act_240118: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_no_targets: quarantined E_NO_TARGETS, 0 nodes, 0 lsps [] no whole target file among 3 files
    example_small: done complete, 1 nodes, 0 lsps [W_BAD_VALUE W_UNPARSED_LINE]
    example_small_v2: done complete, 1 nodes, 0 lsps [W_BAD_VALUE]
    example_small_v2_with_lsp: done complete, 1 nodes, 7 lsps [W_BAD_VALUE]
    example_spool_limit: done partial, 1 nodes, 0 lsps [W_UNPARSED_LINE] failed: HEL-CORE-01 lsp E_SPOOL_LIMIT
    example_stdby_only: done complete, 1 nodes, 3 lsps [W_BAD_VALUE W_MISSING_FIELD W_UNPARSED_LINE]
    example_truncated_outer: done partial, 1 nodes, 3 lsps [W_BAD_VALUE W_CORRUPT_MEMBER W_MISSING_FIELD W_UNPARSED_LINE] the archive is damaged: outer_truncated (byte 15273)
    example_two_nodes: done complete, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_NODE W_MGMT_IP_FALLBACK W_MISSING_FIELD W_UNPARSED_LINE]
    example_unsafe_paths: done complete, 1 nodes, 0 lsps [W_BAD_TS W_BAD_VALUE W_DUP_KEY W_UNPARSED_LINE W_UNSAFE_PATH]
    origin_a: done complete, 1 nodes, 3 lsps []
    origin_b: done complete, 1 nodes, 5 lsps []
    ");
}

/// A small whole dump, as a neighbour and as the stuff of damage.
fn small() -> Vec<u8> {
    fixtures::example_two_nodes().bytes
}

fn nested_bomb(depth: usize) -> Vec<u8> {
    let mut inner = gzip(&Tar::new().file("zeros", &vec![0; 3 << 20]).build());
    for level in 0..depth {
        let mut tar = Tar::new();
        for copy in 0..8 {
            tar = tar.file(&format!("l{level}c{copy}.tgz"), &inner);
        }
        inner = gzip(&tar.build());
    }
    inner
}

#[tokio::test]
async fn bad_input_ends_with_a_reason_that_names_the_place_and_the_rule() {
    let plain = Tar::new().file("n_ECS81-1_ACT/cli/CLI_Show_Node.out", b"hello").build();
    let long_name = format!("{}/CLI_Show_Node.out", "d".repeat(5_000));
    let whole = small();
    let half = whole.len() / 2;
    let objects: Vec<(&str, Vec<u8>)> = vec![
        ("a-neighbour", small()),
        ("bomb-by-depth", nested_bomb(3)),
        ("bomb-single", gzip(&Tar::new().file("zeros", &vec![0; 64 << 20]).build())),
        ("corrupt-header", corrupt(whole.clone(), 1)),
        ("corrupt-middle", corrupt(whole.clone(), half)),
        ("corrupt-trailer", corrupt(whole.clone(), whole.len() - 6)),
        ("empty", Vec::new()),
        ("empty-tar", gzip(&Tar::new().build())),
        ("gzip-of-text", gzip(b"no tar at all, only a line of text\n")),
        ("long-name", gzip(&Tar::new().file(&long_name, b"x").build())),
        ("noise", noise(5_000, 7)),
        ("plain-tar", plain),
        ("truncated-header", truncate(whole.clone(), 7)),
        ("truncated-middle", truncate(whole.clone(), half)),
        ("truncated-trailer", truncate(whole.clone(), whole.len() - 3)),
        (
            "undecodable-text",
            gzip(
                &Tar::new()
                    .file("N1_ECS81-1_ACT/cli/CLI_Show_Node.out", &[0xff, 0xfe, b'\n', 0x80, b'x'])
                    .build(),
            ),
        ),
        ("xz", b"\xfd7zXZ\0\0\x04rest".to_vec()),
        ("z-neighbour", fixtures::example_small_v2_with_lsp().bytes),
    ];
    let named = |(name, bytes): (&str, Vec<u8>)| (name.to_owned(), "D_20250118-031500.tgz".to_owned(), bytes);
    insta::assert_snapshot!(run(objects.into_iter().map(named).collect()).await, @r"
    a-neighbour: done complete, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_NODE W_MGMT_IP_FALLBACK W_MISSING_FIELD W_UNPARSED_LINE]
    bomb-by-depth: quarantined E_BOMB, 0 nodes, 0 lsps [] 10485761 bytes inflated from 512 object bytes, limit 1000:1, reached at byte 1075 of l2c0.tgz!/l1c0.tgz!/l0c3.tgz
    bomb-single: quarantined E_BOMB, 0 nodes, 0 lsps [] 10752001 bytes inflated from 10752 object bytes, limit 1000:1, reached at byte 10525 of the object
    corrupt-header: quarantined E_NOT_ARCHIVE, 0 nodes, 0 lsps [] not an archive: neither gzip nor tar: no known format
    corrupt-middle: done partial, 1 nodes, 3 lsps [W_BAD_ROW W_BAD_VALUE W_CORRUPT_MEMBER W_MISSING_FIELD W_UNPARSED_LINE] the archive is damaged: bad tar header: checksum, at byte 2048 of the tar (byte 2048)
    corrupt-trailer: done partial, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_CORRUPT_MEMBER W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_NODE W_MGMT_IP_FALLBACK W_MISSING_FIELD W_UNPARSED_LINE] the archive is damaged: bad gzip trailer: crc, at byte 2385 of the gzip stream (byte 2385)
    empty: quarantined E_NOT_ARCHIVE, 0 nodes, 0 lsps [] not an archive: empty
    empty-tar: quarantined E_NO_TARGETS, 0 nodes, 0 lsps [] no whole target file among 0 files
    gzip-of-text: quarantined E_NOT_ARCHIVE, 0 nodes, 0 lsps [] not an archive: gzip of something that is no tar: no known format
    long-name: quarantined E_NO_TARGETS, 0 nodes, 0 lsps [] no whole target file among 0 files; the object is broken: name too long: 5018 bytes, limit 4096, at byte 5632 of the tar (byte 5632)
    noise: quarantined E_NOT_ARCHIVE, 0 nodes, 0 lsps [] not an archive: neither gzip nor tar: no known format
    plain-tar: quarantined E_NO_HEADER, 0 nodes, 0 lsps [] N node: D_20250118-031500.tgz!/n_ECS81-1_ACT/cli/CLI_Show_Node.out: the text has no table header, no known line form and no start key
    truncated-header: quarantined E_NO_TARGETS, 0 nodes, 0 lsps [] no whole target file among 0 files; the object is broken: outer_truncated (byte 7)
    truncated-middle: done partial, 1 nodes, 3 lsps [W_BAD_VALUE W_CORRUPT_MEMBER W_MISSING_FIELD W_UNPARSED_LINE] the archive is damaged: outer_truncated (byte 1196)
    truncated-trailer: done partial, 2 nodes, 7 lsps [W_BAD_ROW W_BAD_TS W_BAD_VALUE W_CORRUPT_MEMBER W_COUNT_MISMATCH W_DUP_KEY W_DUP_ROW W_EXTRA_NODE W_MGMT_IP_FALLBACK W_MISSING_FIELD W_UNPARSED_LINE] the archive is damaged: outer_truncated (byte 2390)
    undecodable-text: quarantined E_NO_HEADER, 0 nodes, 0 lsps [W_ENCODING] N1 node: D_20250118-031500.tgz!/N1_ECS81-1_ACT/cli/CLI_Show_Node.out: the text has no table header, no known line form and no start key
    xz: quarantined E_NOT_ARCHIVE, 0 nodes, 0 lsps [] not an archive: neither gzip nor tar: xz
    z-neighbour: done complete, 1 nodes, 7 lsps [W_BAD_VALUE]
    ");
}
