//! What a verdict and the end of a load give the object and the caller.

use landfall_domain::State;
use landfall_dumps::guard::{
    DumpId, ExitCode, Link, LinkChange, LoadEnd, RejectCode, ResumeScope, Verdict, load_end,
};

use super::scene::links;

fn link() -> Link {
    links("T-1").remove(0)
}

#[test]
fn every_verdict_has_a_state_and_an_exit_code() {
    let dump = DumpId(7);
    let table = [
        (Verdict::Create { snapshot_seq: 2, warnings: Vec::new() }, "CREATE", State::Dispatched, "create", 0),
        (Verdict::Overwrite { dump, link: None }, "OVERWRITE", State::Dispatched, "overwrite", 0),
        (
            Verdict::Resume { dump, scope: ResumeScope::All, link: None },
            "RESUME",
            State::Dispatched,
            "resume",
            0,
        ),
        (Verdict::Link { dump, change: LinkChange::Add(link()) }, "LINK", State::Done, "linked", 0),
        (Verdict::Skip { dump }, "SKIP", State::Duplicate, "duplicate", 0),
        (
            Verdict::Reject { code: RejectCode::Within6h, text: "near".to_owned() },
            "REJECT",
            State::Rejected,
            "within_6h",
            3,
        ),
    ];
    for (verdict, name, state, code, exit) in table {
        let (to, reason) = verdict.object_state();
        assert_eq!((verdict.name(), to, reason.code.as_ref()), (name, state, code));
        assert_eq!(verdict.exit_code().number(), exit, "{name}");
    }
}

#[test]
fn the_end_of_a_load_gives_its_object_a_state() {
    let shown = |end| {
        let (state, reason) = load_end(end);
        format!("{state} {reason}")
    };
    assert_eq!(shown(LoadEnd::Complete), "done complete");
    assert_eq!(shown(LoadEnd::Partial), "done partial");
    assert_eq!(shown(LoadEnd::Failed { code: Some("E_NO_HEADER") }), "quarantined E_NO_HEADER");
}

#[test]
fn exit_codes_are_those_of_the_specification() {
    let all = [
        ExitCode::Done,
        ExitCode::Unexpected,
        ExitCode::Arguments,
        ExitCode::Rejected,
        ExitCode::Archive,
        ExitCode::Storage,
        ExitCode::Partial,
    ];
    assert_eq!(all.map(ExitCode::number), [0, 1, 2, 3, 4, 5, 6]);
}
