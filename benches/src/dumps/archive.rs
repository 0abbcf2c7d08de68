//! A dump of two network elements in which every plugin finds rows.

use std::net::Ipv4Addr;

use landfall_local::sample::fixtures::capture_on;
use landfall_local::sample::{Dump, Ec, Node, Role};

use super::texts::{Place, TEXTS, Text};

/// Rows of every file but that of the node itself.
pub const ROWS: u32 = 100;
/// The two files of alarms: the older is passed over where the newer one is, so each element has one of them.
const ALARMS: [&str; 2] = ["alarm_state", "alarm_state_legacy"];

/// The texts of the first or the second network element of a dump.
pub fn texts_of(element: usize) -> impl Iterator<Item = &'static Text> {
    let without = ALARMS.iter().rev().nth(element).copied().unwrap_or_default();
    TEXTS.iter().filter(move |text| text.plugin != without)
}

/// The two network elements of a dump.
pub fn places(number: u32) -> [Place; 2] {
    [0, 1].map(|element| Place {
        ne: format!("BEN-{}-{number:05}", if element == 0 { "CORE" } else { "AGG" }),
        router: Ipv4Addr::from(0x0a00_0000_u32.wrapping_add(number * 2 + element)),
    })
}

/// The dump of a number.
pub fn dump(number: u32) -> std::io::Result<Dump> {
    let mut dump = Dump::new("NET", capture_on(0));
    for (element, place) in places(number).iter().enumerate() {
        let mut ec = Ec::new(81, 1, Role::Act);
        for text in texts_of(element) {
            ec = ec.file(text.path, text.render(place, ROWS)?);
        }
        dump = dump.node(Node::new(&place.ne).ec(ec));
    }
    Ok(dump)
}

/// Rows of the record tables that one dump brings; nodes have a table of their own, which does not count here.
pub fn stored() -> u32 {
    let of = |element| {
        texts_of(element).filter(|text| text.plugin != "node").map(|text| text.stored(ROWS)).sum::<u32>()
    };
    of(0) + of(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_elements_have_all_plugins_between_them() {
        let plugins = |element| texts_of(element).map(|text| text.plugin).collect::<Vec<_>>();
        assert_eq!((plugins(0).len(), plugins(1).len()), (10, 10));
        assert!(!plugins(0).contains(&ALARMS[1]) && !plugins(1).contains(&ALARMS[0]));
        // Nine plugins of 100 rows; one of them keeps 50 groups beside its 100 members.
        assert_eq!(stored(), 2 * (9 * ROWS + ROWS / 2));
    }
}
