//! Alarms in the older form (specs: dumps 4.11).

use super::parse;

#[test]
fn a_date_needs_a_time_and_a_time_needs_a_date() {
    insta::assert_snapshot!(
        parse(
            "alarm_state_legacy",
            "\
CR;A;1-1;sa;2025-01-18;-;date alone
CR;B;1-1;sa;-;02:11:09;time alone
CR;C;1-1;sa;;;
 cr ; d ; 1-1 ; maybe ; 2025-01-18 ; 02:11:09 ; a;b ;
CR;C;1-1;nsa;;;
CR;C;1-1;sa;;;
CR;E;1-1;sa;2025-01-18;02:11:09
% refused
; comment
-----
No active alarms
",
            &["condition", "service_affecting", "raised_at", "description"]
        ),
        @r#"
        "A" | true | null | "date alone"
        "B" | true | null | "time alone"
        "C" | true | null | null
        "D" | null | "2025-01-18T02:11:09.000Z" | "a;b ;"
        partial W_BAD_TS@1 W_BAD_VALUE@4 W_DUP_KEY@5 W_DUP_ROW@6 W_BAD_ROW@7 W_CLI_ERROR@8
        "#
    );
}
