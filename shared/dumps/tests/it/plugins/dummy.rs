//! The plugin for tests (specs: dumps 4.12).

use landfall_dumps::plugins::{Outcome, ParseContext, Registry};

#[test]
fn any_bytes_are_accepted_and_nothing_is_found() {
    let registry = Registry::with_test_plugins().unwrap();
    for bytes in [&b""[..], b"\xFF\0 text\n% refused\n"] {
        let parsed = registry.plugin("dummy").unwrap().parse(bytes, &ParseContext::default());
        assert_eq!((parsed.outcome, parsed.records.len(), parsed.warning_total), (Outcome::Empty, 0, 0));
    }
    assert!(Registry::production().unwrap().plugin("dummy").is_none());
}
