//! Signal types of optical paths.

use std::fmt;

use compact_str::CompactString;
use serde::Serialize;

use super::eights::{const_number, number};
use super::names::trim;
use super::number::all_digits;

/// A signal type such as `OTU4` or `ODUC3`, in upper case (specs: dumps 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Signal(CompactString);

/// The names without a count behind them.
const PLAIN: [u64; 14] = [
    const_number("OTU1"),
    const_number("OTU2"),
    const_number("OTU3"),
    const_number("OTU4"),
    const_number("OTU2E"),
    const_number("ODU0"),
    const_number("ODU1"),
    const_number("ODU2"),
    const_number("ODU3"),
    const_number("ODU4"),
    const_number("ODU2E"),
    const_number("ODUFLEX"),
    const_number("OCH"),
    const_number("OTSI"),
];

impl Signal {
    /// Reads a signal type in any case. `None` for any other text.
    pub fn read(text: &str) -> Option<Self> {
        let mut name = CompactString::from(trim(text));
        name.make_ascii_uppercase();
        let plain = number(&name).is_some_and(|number| PLAIN.contains(&number));
        let counted = || ["OTUC", "ODUC"].iter().any(|stem| name.strip_prefix(stem).is_some_and(all_digits));
        (plain || counted()).then_some(Self(name))
    }

    /// The name, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listed_signals_are_read_in_any_case() {
        for (text, value) in [
            ("otu2e", Some("OTU2E")),
            ("OTU4", Some("OTU4")),
            ("ODU0", Some("ODU0")),
            ("OduFlex", Some("ODUFLEX")),
            ("OTUC2", Some("OTUC2")),
            ("oduc12", Some("ODUC12")),
            ("OTSi", Some("OTSI")),
            ("och", Some("OCH")),
            ("OTU0", None),
            ("OTU5", None),
            ("OTUC", None),
            ("STM64", None),
        ] {
            assert_eq!(Signal::read(text).as_ref().map(Signal::as_str), value, "{text:?}");
        }
    }
}
