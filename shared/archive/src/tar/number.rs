//! Numbers in tar headers and PAX records.

/// Reads a numeric header field: octal digits up to a NUL or blank, or base-256 (GNU) if the first bit is set.
pub(super) fn header_number(field: &[u8]) -> Result<u64, &'static str> {
    match field.split_first() {
        Some((0x80, digits)) => base_256(digits),
        Some((0x81.., _)) => Err("bad tar header: number out of range"),
        _ => octal(field),
    }
}

fn base_256(digits: &[u8]) -> Result<u64, &'static str> {
    digits.iter().try_fold(0_u64, |sum, byte| {
        let shifted = sum.checked_mul(256).ok_or("bad tar header: number out of range")?;
        Ok(shifted | u64::from(*byte))
    })
}

fn octal(field: &[u8]) -> Result<u64, &'static str> {
    let text = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    text.iter().try_fold(0_u64, |sum, byte| match byte {
        b'0'..=b'7' => sum
            .checked_mul(8)
            .map(|shifted| shifted | u64::from(byte - b'0'))
            .ok_or("bad tar header: number out of range"),
        _ => Err("bad tar header: no octal number"),
    })
}

/// Reads a decimal number of a PAX record.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |sum, byte| match byte {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_ends_at_a_nul_or_blank() {
        assert_eq!(header_number(b"00000000017\0"), Ok(15));
        assert_eq!(header_number(b"        17 \0"), Ok(15));
        assert_eq!(header_number(b"777777777777"), Ok((1 << 36) - 1));
        assert_eq!(header_number(b"\0\0\0\0"), Ok(0));
    }

    #[test]
    fn base_256_holds_more_than_octal_can() {
        assert_eq!(header_number(b"\x80\0\0\0\0\0\0\x02\0\0\0\0"), Ok(8 << 30));
        assert_eq!(header_number(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"), Ok(u64::MAX));
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        for field in [
            &b"0000000008\0"[..],
            b"12x",
            b"-1",
            b"1 7",
            b"\x80\0\0\x01\0\0\0\0\0\0\0\0",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"7777777777777777777777777",
        ] {
            assert!(header_number(field).is_err(), "{field:?}");
        }
    }

    #[test]
    fn a_decimal_is_digits_only() {
        assert_eq!(decimal(b"0042"), Some(42));
        for text in [&b""[..], b"-1", b"+1", b"1 ", b"18446744073709551616"] {
            assert_eq!(decimal(text), None);
        }
    }
}
