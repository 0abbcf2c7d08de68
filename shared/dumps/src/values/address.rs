//! IPv4 addresses and the ends of paths and links.

use std::fmt;
use std::net::Ipv4Addr;

use compact_str::CompactString;
use serde::{Serialize, Serializer};

use super::names::{nename, trim};
use super::number::{all_digits, hex_digits};

/// One end of a path or link: an address, or a node's name (specs: dumps 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// An IPv4 address.
    Address(Ipv4Addr),
    /// A node's name, normalised as [`nename`] does.
    Name(CompactString),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address(address) => serializer.collect_str(address),
            Self::Name(name) => serializer.serialize_str(name),
        }
    }
}

/// Reads an endpoint: digits, dots and slashes only, or `0x..`, must be an address; anything else is a name.
pub fn endpoint(text: &str) -> Option<Endpoint> {
    if let Some(address) = octets(text.as_bytes()) {
        return node_address(address).map(Endpoint::Address);
    }
    let text = trim(text);
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'/');
    if numeric || text.starts_with("0x") || text.starts_with("0X") {
        return ipv4(text).map(Endpoint::Address);
    }
    nename(text).map(Endpoint::Name)
}

/// Reads a dotted quad (leading zeros are decimal, a `/len` is cut), `0x` with 1 to 8 hex digits, or a decimal
/// of 7 to 10 digits. `0.0.0.0`, `255.255.255.255` and 224/4 are bad values (specs: dumps 3.4).
pub fn ipv4(text: &str) -> Option<Ipv4Addr> {
    address_of(octets(text.as_bytes()), text)
}

/// The address of a text, of which it is known whether it is a dotted quad as it stands: most are.
fn address_of(quad: Option<Ipv4Addr>, text: &str) -> Option<Ipv4Addr> {
    quad.or_else(|| other_address(trim(text))).and_then(node_address)
}

fn other_address(text: &str) -> Option<Ipv4Addr> {
    if let Some(digits) = hex_digits(text) {
        return Some(Ipv4Addr::from_bits(
            (digits.len() <= 8).then(|| u32::from_str_radix(digits, 16).ok())??,
        ));
    }
    if all_digits(text) {
        return Some(Ipv4Addr::from_bits((7..=10).contains(&text.len()).then(|| text.parse().ok())??));
    }
    dotted_quad(text)
}

/// An address that a node can have.
fn node_address(address: Ipv4Addr) -> Option<Ipv4Addr> {
    (!address.is_unspecified() && !address.is_broadcast() && !address.is_multicast()).then_some(address)
}

fn dotted_quad(text: &str) -> Option<Ipv4Addr> {
    let quad = match text.split_once('/') {
        Some((quad, length)) => {
            let length: u8 = all_digits(length).then(|| length.parse().ok())??;
            (length <= 32).then_some(quad)?
        }
        None => text,
    };
    octets(quad.as_bytes())
}

/// Four decimal numbers up to 255 with dots between them.
fn octets(quad: &[u8]) -> Option<Ipv4Addr> {
    let (mut bits, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0_u32, 0_u32);
    for byte in quad {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit < 10 {
            octet = octet.wrapping_mul(10).wrapping_add(digit);
            digits = digits.wrapping_add(1);
        } else if *byte == b'.' && digits > 0 {
            (bits, octet, digits, dots) = (bits << 8 | octet, 0, 0, dots.wrapping_add(1));
        } else {
            return None;
        }
        if octet > 255 {
            return None;
        }
    }
    (dots == 3 && digits > 0).then(|| Ipv4Addr::from_bits(bits << 8 | octet))
}

/// Reads the addresses of a column: in many a text differs from the one before it in its last number alone.
#[derive(Debug, Default)]
pub struct Addresses {
    /// What stands before the last number of an address, with the dot, and that address without the number.
    start: String,
    bits: u32,
}

impl Addresses {
    /// As [`ipv4`].
    pub fn read(&mut self, text: &str) -> Option<Ipv4Addr> {
        let end = text.strip_prefix(self.start.as_str()).filter(|_| !self.start.is_empty());
        if let Some(Ok(last)) = end.filter(|end| all_digits(end)).map(str::parse::<u8>) {
            return node_address(Ipv4Addr::from_bits(self.bits | u32::from(last)));
        }
        let quad = octets(text.as_bytes());
        if let (Some(address), Some(dot)) = (quad, text.rfind('.')) {
            self.start.clear();
            self.start.push_str(text.get(..=dot).unwrap_or_default());
            self.bits = address.to_bits() & !0xff;
        }
        address_of(quad, text)
    }
}

/// The leftmost valid dotted quad of a chain path (specs: dumps 3.5, `path_ip`). Digits and dots directly around
/// it make it no address, and so does an octet of more than three digits: that is a number of something else.
/// The forms without dots are not looked for: a path is full of dates that look like them.
pub fn leftmost_ipv4(chain_path: &str) -> Option<Ipv4Addr> {
    chain_path
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|run| run.trim_matches('.'))
        .filter(|run| run.contains('.') && run.split('.').all(|octet| octet.len() <= 3))
        .find_map(ipv4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_read_as_the_table_says() {
        for (text, value) in [
            ("10.20.0.1", Some([10, 20, 0, 1])),
            ("010.020.000.001", Some([10, 20, 0, 1])),
            ("10.20.0.1/32", Some([10, 20, 0, 1])),
            ("0x0A140001", Some([10, 20, 0, 1])),
            ("0xA140001", Some([10, 20, 0, 1])),
            ("169082881", Some([10, 20, 0, 1])),
            ("1000000", Some([0, 15, 66, 64])),
            ("999999", None),
            ("4294967296", None),
            ("10.20.0.300", None),
            ("10.20.0", None),
            ("10.20.0.1.5", None),
            ("10.20.0.+1", None),
            ("10.20.0.1/33", None),
            ("10.20.0.1/", None),
            ("0x123456789", None),
            ("0.0.0.0", None),
            ("0x0", None),
            ("255.255.255.255", None),
            ("224.0.0.5", None),
            ("239.255.255.255", None),
            ("223.1.1.1", Some([223, 1, 1, 1])),
            ("240.0.0.1", Some([240, 0, 0, 1])),
        ] {
            assert_eq!(ipv4(text), value.map(Ipv4Addr::from), "{text:?}");
        }
    }

    #[test]
    fn an_endpoint_of_digits_must_be_an_address_and_any_other_text_is_a_name() {
        let show = |text| endpoint(text).map(|e| e.to_string());
        assert_eq!(show("010.20.0.1").as_deref(), Some("10.20.0.1"));
        assert_eq!(show("0x0A140001").as_deref(), Some("10.20.0.1"));
        assert_eq!(show(" vaa ola  09 ").as_deref(), Some("VAA_OLA_09"));
        assert_eq!(show("10.20.0.1-a").as_deref(), Some("10.20.0.1-A"));
        assert_eq!(show("10.20.0.300"), None);
        assert_eq!(show("0xNODE"), None);
        assert_eq!(show("12"), None);
    }

    #[test]
    fn the_leftmost_valid_address_of_a_path_is_found() {
        let find = |path| leftmost_ipv4(path).map(|a| a.to_string());
        assert_eq!(find("dump.tgz!/999.1.1.1_10.0.0.7.tgz!/10.0.0.8/x.out").as_deref(), Some("10.0.0.7"));
        assert_eq!(find("GMRE_20250118-031500.tgz!/HEL.tgz"), None);
        assert_eq!(find("1.2.3.4.5.tgz"), None);
    }

    proptest! {
        #[test]
        fn a_column_reads_each_address_as_if_it_stood_alone(
            texts in prop::collection::vec("(0?10\\.20\\.[01]\\.|10\\.20\\.|224\\.0\\.0\\.|255\\.255\\.255\\.|0x|)[0-9]{0,4}(/[0-9]{1,2}|x|)", 0..20),
        ) {
            let mut column = Addresses::default();
            for text in &texts {
                prop_assert_eq!(column.read(text), ipv4(text), "{}", text);
            }
        }

        #[test]
        fn octets_are_four_numbers_up_to_255(text in "[0-9]{0,4}(\\.[0-3]{0,1}[0-9]{0,4}){2,4}") {
            let numbers: Option<Vec<u8>> = text.split('.').map(|octet| octet.parse().ok()).collect();
            let quad = numbers.and_then(|numbers| <[u8; 4]>::try_from(numbers).ok());
            prop_assert_eq!(octets(text.as_bytes()), quad.map(Ipv4Addr::from));
        }
    }
}
