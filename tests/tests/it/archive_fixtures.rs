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
         from ingest.object o order by 1 collate \"C\", o.object_id",
    )
    .fetch_all(platform.pool())
    .await
    .unwrap();
    let mut lines = String::new();
    for (network, state, reason, text, lsps, nodes, warnings) in rows {
        writeln!(lines, "{network}: {state} {reason}, {nodes} nodes, {lsps} lsps [{warnings}] {text}").unwrap();
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
    let objects = fixtures::all().into_iter().map(|Fixture { name, file_name, bytes }| {
        (name.to_owned(), file_name, bytes)
    });
    insta::assert_snapshot!(run(objects.collect()).await, @"");
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
        ("undecodable-text", gzip(
            &Tar::new().file("N1_ECS81-1_ACT/cli/CLI_Show_Node.out", &[0xff, 0xfe, b'\n', 0x80, b'x']).build(),
        )),
        ("xz", b"\xfd7zXZ\0\0\x04rest".to_vec()),
        ("z-neighbour", fixtures::example_small_v2_with_lsp().bytes),
    ];
    let named = |(name, bytes): (&str, Vec<u8>)| (name.to_owned(), "D_20250118-031500.tgz".to_owned(), bytes);
    insta::assert_snapshot!(run(objects.into_iter().map(named).collect()).await, @"");
}
