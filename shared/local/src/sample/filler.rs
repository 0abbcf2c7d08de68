//! Content that no plugin reads: it gives archives the size and the ratio of real ones.

use std::fmt::Write as _;

use super::lcg::Lcg;

const MODULES: [&str; 8] = ["GMRE", "OSPF", "RSVP", "LMP", "CLI", "DBSYNC", "PMON", "EQPT"];
const LEVELS: [&str; 6] = ["INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARN"];
const TEXTS: [&str; 12] = [
    "hello received on control channel",
    "path refresh sent to next hop",
    "reservation refresh received",
    "link state advertisement installed",
    "link state advertisement flushed, max age reached",
    "database synchronised with standby controller",
    "timer restarted",
    "performance interval closed",
    "card polled, no change",
    "session opened by management client",
    "session closed by management client",
    "retransmission, no acknowledgement before timeout",
];

/// Log-like text of exactly `size` bytes. gzip makes it five to eight times smaller.
pub fn filler(size: usize, seed: u64) -> Vec<u8> {
    let mut lcg = Lcg::new(seed);
    let mut text = String::with_capacity(size.saturating_add(160));
    let mut millis = lcg.below(86_400_000);
    while text.len() < size {
        millis = (millis + lcg.below(900)) % 86_400_000;
        log_line(&mut text, millis, &mut lcg);
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(size);
    bytes
}

/// One line, such as `03:15:00.123 INFO  OSPF     peer=10.64.0.7 id=42 timer restarted`.
fn log_line(text: &mut String, millis: u32, lcg: &mut Lcg) {
    let seconds = millis / 1000;
    let clock =
        format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, millis % 1000);
    let (level, module) = (lcg.pick(&LEVELS), lcg.pick(&MODULES));
    let (peer, id, message) = (lcg.below(48), lcg.below(4000), lcg.pick(&TEXTS));
    // Writing to a string does not fail.
    let _ = writeln!(text, "{clock} {level:<5} {module:<8} peer=10.64.0.{peer} id={id} {message}");
}

/// Binary-like bytes of exactly `size`. gzip makes them about one and a half times smaller.
///
/// Each byte is one of 40 values, all equally likely: 5.3 of 8 bits.
pub fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut lcg = Lcg::new(seed);
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    while bytes.len() < size {
        // Two symbols from one draw.
        let draw = lcg.next_u32();
        bytes.extend([symbol(draw >> 16), symbol(draw & 0xffff)]);
    }
    bytes.truncate(size);
    bytes
}

/// One of 40 byte values for 16 random bits.
fn symbol(bits: u32) -> u8 {
    u8::try_from((bits * 40) >> 16).unwrap_or(0).wrapping_mul(6)
}

#[cfg(test)]
mod tests {
    use super::{filler, noise};
    use crate::sample::gzip;

    #[test]
    fn filler_is_of_its_size_and_compresses_five_to_eight_times() {
        let text = filler(1_000_000, 3);
        assert_eq!(text.len(), 1_000_000);
        let packed = gzip(&text).len();
        assert!((125_000..200_000).contains(&packed), "{packed}");
        assert!(text.is_ascii());
    }

    #[test]
    fn noise_is_of_its_size_and_compresses_one_and_a_half_times() {
        let bytes = noise(999_999, 3);
        assert_eq!(bytes.len(), 999_999);
        let packed = gzip(&bytes).len();
        assert!((620_000..710_000).contains(&packed), "{packed}");
    }

    #[test]
    fn a_seed_decides_the_content() {
        assert_eq!(filler(5000, 1), filler(5000, 1));
        assert_ne!(filler(5000, 1), filler(5000, 2));
        assert_ne!(noise(50, 1), noise(50, 2));
        assert!(filler(0, 1).is_empty());
    }
}
