//! Counters of the MA's notifications (specs: dumps 4.6).

use super::parse;

const FIELDS: [&str; 7] = ["bucket", "received", "sent", "dropped", "queued", "max_queued", "last_at"];

#[test]
fn test_ma_notif_bucket_counts_parse_blocks() {
    insta::assert_snapshot!(
        parse(
            "ma_notif_bucket_counts",
            "\
hel# show ma notif
Class : avc
  In : 5
  Forwarded : 4
  Lost : many
  Last At : 18/01/2025 03:20:00
Class : oc
Notification buckets : 1
",
            &FIELDS
        ),
        @r#"
        "AVC" | 5 | 4 | 0 | null | null | "2025-01-18T03:20:00.000Z"
        partial W_BAD_VALUE@2 W_MISSING_FIELD@7 W_COUNT_MISMATCH@8
        "#
    );
}

#[test]
fn test_ma_notif_bucket_counts_parse_lines_of_pairs_take_any_known_key() {
    insta::assert_snapshot!(
        parse(
            "ma_notif_bucket_counts",
            "a line before\nbucket=avc RECEIVED=5 out=4 lost=1 q=0 junk other=7 recv=9\nbucket= recv=1\nbucket=oc recv=-\n",
            &FIELDS
        ),
        @r#"
        "AVC" | 5 | 4 | 1 | 0 | null | null
        partial W_UNPARSED_LINE@1 W_MISSING_FIELD@3 W_MISSING_FIELD@4
        "#
    );
}

#[test]
fn a_header_goes_before_lines_of_pairs() {
    insta::assert_snapshot!(
        parse("ma_notif_bucket_counts", "bucket=avc recv=5\nBucket  Received\nAVC     7\n", &FIELDS),
        @r#"
        "AVC" | 7 | null | 0 | null | null | null
        ok
        "#
    );
}

#[test]
fn text_without_a_layout_fails() {
    insta::assert_snapshot!(parse("ma_notif_bucket_counts", "  bucket=avc recv=5\n", &FIELDS), @"failed E_NO_HEADER");
}
