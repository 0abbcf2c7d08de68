//! Memory buckets of the NEA (specs: dumps 4.5).

use super::parse;

#[test]
fn shares_and_sums_are_held_against_the_counters() {
    insta::assert_snapshot!(
        parse(
            "nea_bucket_counts",
            "\
Id  Total  Used  Free  Util   Size
1   0      0     -     0%     1 KiB
2   100    40    -     41%    1KB
3   100    40    x     41.01  1X
4   100    140   -     soon   -
5   18446744073709551615  18446744073709551615  1  -  -
4   100    140   -     soon   -
4   100    140   -     -      7
Buckets : 8
",
            &["bucket_id", "free", "utilization_pct", "size_bytes"]
        ),
        @r#"
        1 | 0 | null | 1024
        2 | 60 | 40.0 | 1024
        3 | 60 | 40.0 | null
        4 | 0 | 140.0 | null
        5 | 1 | 100.0 | null
        partial W_PCT_MISMATCH@2 W_BAD_VALUE@4 W_PCT_MISMATCH@4 W_BAD_VALUE@5 W_BUCKET_SUM@6 W_BAD_VALUE@7 W_DUP_ROW@7 W_DUP_KEY@8 W_COUNT_MISMATCH@9
        "#
    );
}

#[test]
fn text_without_a_layout_fails() {
    insta::assert_snapshot!(parse("nea_bucket_counts", "Total : 7\n", &[]), @"failed E_NO_HEADER");
    insta::assert_snapshot!(parse("nea_bucket_counts", "No buckets configured.\n", &[]), @"empty");
}
