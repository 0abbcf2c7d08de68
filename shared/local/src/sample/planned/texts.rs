//! The generated texts under the parsers.

use std::net::Ipv4Addr;

use landfall_dumps::plugins::{Outcome, ParseContext, ParsedFile, Registry};

use crate::sample::fixtures::capture_on;
use crate::sample::{AlarmText, Layout, LspText, NodeText};

const LAYOUTS: [Layout; 2] = [Layout::KeyValue, Layout::Table];

fn parse(plugin: &str, text: &str) -> ParsedFile {
    let context = ParseContext { ne_dir: "HEL-CORE-01".to_owned(), ..ParseContext::default() };
    Registry::production().unwrap().plugin(plugin).unwrap().parse(text.as_bytes(), &context)
}

fn assert_whole(parsed: &ParsedFile, records: usize) {
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.records.len(), records);
    assert_eq!(parsed.outcome, if records == 0 { Outcome::Empty } else { Outcome::Ok });
}

#[test]
fn generated_texts_are_read_without_a_warning() {
    let router_id = Ipv4Addr::new(10, 20, 0, 1);
    for layout in LAYOUTS {
        assert_whole(&parse("node", &NodeText::new("HEL-CORE-01", router_id).layout(layout).render()), 1);
        for (count, seed) in [(0, 1), (1, 2), (1234, 3)] {
            let lsps = LspText::new("HEL-CORE-01", router_id).count(count).seed(seed).layout(layout);
            assert_whole(&parse("lsp", &lsps.render()), count as usize);
            let alarms = AlarmText::new("HEL-CORE-01", capture_on(0)).count(count).seed(seed).layout(layout);
            assert_whole(&parse("alarm_state", &alarms.render()), count as usize);
        }
    }
}
