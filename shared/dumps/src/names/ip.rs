//! Addresses in paths (specs: dumps 3.5, `path_ip`).

use std::net::Ipv4Addr;

/// The leftmost valid IPv4 address in a chain path: four octets in decimal, leading zeros allowed, neither part
/// of a longer number nor of a longer dotted row. 0.0.0.0, 255.255.255.255 and 224/4 are none. The forms of
/// 3.4 without dots are not looked for: a path is full of dates that look like them.
pub fn path_ip(chain_path: &str) -> Option<Ipv4Addr> {
    chain_path.split(|character: char| !character.is_ascii_digit() && character != '.').find_map(address)
}

/// An address that fills a run of digits and dots, but for the dots around it.
fn address(run: &str) -> Option<Ipv4Addr> {
    let mut octets = run.trim_matches('.').split('.');
    let mut next = || octets.next().and_then(octet);
    let address = Ipv4Addr::new(next()?, next()?, next()?, next()?);
    let usable = !address.is_unspecified() && !address.is_broadcast() && !address.is_multicast();
    (usable && octets.next().is_none()).then_some(address)
}

fn octet(text: &str) -> Option<u8> {
    (!text.is_empty() && text.len() <= 3).then(|| text.parse().ok()).flatten()
}
