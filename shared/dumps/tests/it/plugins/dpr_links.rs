//! Links of the DPR database (specs: dumps 4.9).

use super::parse;

const FIELDS: [&str; 8] =
    ["src_node", "src_if", "dst_node", "dst_if", "link_type", "bidirectional", "cost", "state"];

#[test]
fn test_dpr_links_parse_arrow_lines_take_keys_in_any_case_and_misfits_are_rows() {
    insta::assert_snapshot!(
        parse(
            "dpr_links",
            "\
a -> b:1:2 TYPE=fiber Metric=7 COST=8 other=x from=y
a: <-> b
two words -> b
a -> b -> c
a -> b stray
a ->
:1 -> b
10.20.0.300 -> b
-> b type=OTS
a -> b type=other
DPR Links : 10
",
            &FIELDS
        ),
        @r#"
        "A" | "" | "B" | "1:2" | "FIBER" | false | 7 | "UNKNOWN"
        "A" | "" | "B" | "" | "OTHER" | true | null | "UNKNOWN"
        partial W_BAD_ROW@3 W_BAD_ROW@4 W_BAD_ROW@5 W_BAD_ROW@6 W_MISSING_FIELD@7 W_BAD_VALUE@8 W_BAD_ROW@9 W_BAD_VALUE@10 W_DUP_KEY@10
        "#
    );
}

#[test]
fn both_directions_have_several_words() {
    insta::assert_snapshot!(
        parse(
            "dpr_links",
            "Src  Dst  Type  Dir\na    b    ots   BOTH\na    c    -     <->\na    c    oth   up\n",
            &["dst_node", "link_type", "bidirectional"]
        ),
        @r#"
        "B" | "OTS" | true
        "C" | "OTHER" | true
        partial W_BAD_VALUE@4 W_DUP_KEY@4
        "#
    );
}

#[test]
fn text_without_a_layout_fails() {
    insta::assert_snapshot!(parse("dpr_links", "a->b type=OTS\nSource : a\n", &FIELDS), @"failed E_NO_HEADER");
}
