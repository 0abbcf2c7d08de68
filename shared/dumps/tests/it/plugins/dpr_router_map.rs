//! The router map (specs: dumps 4.10).

use landfall_dumps::plugins::ParseContext;

use super::{parse, parse_in, shown};

const FIELDS: [&str; 4] = ["router_id", "ne_name", "mgmt_ip", "is_local"];

#[test]
fn test_dpr_router_map_parse_every_line_without_a_header_is_an_entry_or_a_bad_row() {
    insta::assert_snapshot!(
        parse(
            "dpr_router_map",
            "\
0x0A140001=hel
10.20.0.2->tmp 172.20.10.2;comment
  10.20.0.3   vaa   soon   # bad address
10.20.0.4 = 4vaa
10.20.0.5 = a b c
10.20.0.6 = å_1.x-y -
999.1.1.1 = bad
- = none
10.20.0.8 = none
what is this line
10.20.0.2 tmp 172.20.10.2
Routers : 10
",
            &FIELDS
        ),
        @r#"
        "10.20.0.1" | "HEL" | null | false
        "10.20.0.2" | "TMP" | "172.20.10.2" | false
        "10.20.0.3" | "VAA" | null | false
        "10.20.0.6" | "Å_1.X-Y" | null | false
        partial W_BAD_VALUE@3 W_BAD_ROW@4 W_BAD_ROW@5 W_ROUTER_ID_INVALID@7 W_MISSING_FIELD@8 W_MISSING_FIELD@9 W_BAD_ROW@10 W_DUP_ROW@11 W_COUNT_MISMATCH@12
        "#
    );
}

#[test]
fn test_dpr_router_map_parse_names_conflict_with_what_was_kept_before_and_with_the_node_itself() {
    let context = ParseContext {
        ne_name: Some("HEL".into()),
        router_id: Some([10, 0, 0, 1].into()),
        ..ParseContext::default()
    };
    let text = "10.0.0.2 hel\n10.0.0.1 hel\n10.0.0.3 tmp\n10.0.0.3 other\n10.0.0.4 other\n10.0.0.4 tmp\n";
    insta::assert_snapshot!(shown(&parse_in("dpr_router_map", text, &context), &FIELDS), @r#"
    "10.0.0.2" | "HEL" | null | true
    "10.0.0.1" | "HEL" | null | true
    "10.0.0.3" | "TMP" | null | false
    "10.0.0.4" | "OTHER" | null | false
    partial W_ROUTER_ID_CONFLICT@1 W_ROUTER_ID_CONFLICT@2 W_DUP_KEY@4 W_DUP_KEY@6
    "#);
    let unknown = ParseContext { router_id: None, ..context };
    insta::assert_snapshot!(shown(&parse_in("dpr_router_map", "10.0.0.2 hel\n", &unknown), &FIELDS), @r#"
    "10.0.0.2" | "HEL" | null | true
    ok
    "#);
}

#[test]
fn sections_count_and_nothing_is_a_failure() {
    insta::assert_snapshot!(
        parse("dpr_router_map", "10.0.0.1 out\nhel# show dpr router-map\n10.0.0.2 in\nhel# show node\n10.0.0.3 out\n", &FIELDS),
        @r#"
        "10.0.0.2" | "IN" | null | false
        ok
        "#
    );
    insta::assert_snapshot!(parse("dpr_router_map", "what\n", &FIELDS), @"empty W_BAD_ROW@1");
}
