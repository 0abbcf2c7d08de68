//! The small binary format of index values: variable-length integers and length-prefixed bytes.

/// A stored value that cannot be read: a damaged or foreign index.
#[derive(Debug, thiserror::Error)]
#[error("index value of kind {kind} is damaged at byte {offset}")]
pub(crate) struct Damaged {
    kind: &'static str,
    offset: usize,
}

/// Writes one value.
#[derive(Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn u64(&mut self, mut value: u64) -> &mut Self {
        // LEB128: seven bits a byte, low ones first, the top bit says that more follow.
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap_or(0));
        self
    }

    pub(super) fn i64(&mut self, value: i64) -> &mut Self {
        // Zigzag keeps small negative numbers short.
        self.u64((value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned())
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.u64(u64::try_from(value.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub(super) fn optional_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            None => self.u64(0),
            Some(value) => self.u64(1).text(value),
        }
    }

    pub(super) fn count(&mut self, value: usize) -> &mut Self {
        self.u64(u64::try_from(value).unwrap_or(u64::MAX))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads one value.
pub(super) struct Decoder<'a> {
    kind: &'static str,
    whole: usize,
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(super) fn new(kind: &'static str, bytes: &'a [u8]) -> Self {
        Self { kind, whole: bytes.len(), rest: bytes }
    }

    pub(super) fn damaged(&self) -> Damaged {
        Damaged { kind: self.kind, offset: self.whole.saturating_sub(self.rest.len()) }
    }

    pub(super) fn u64(&mut self) -> Result<u64, Damaged> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let Some((&byte, rest)) = self.rest.split_first() else { return Err(self.damaged()) };
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.damaged())
    }

    pub(super) fn i64(&mut self) -> Result<i64, Damaged> {
        let value = self.u64()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    pub(super) fn count(&mut self) -> Result<usize, Damaged> {
        let value = usize::try_from(self.u64()?).map_err(|_| self.damaged())?;
        // Every counted thing takes at least one byte: a larger count is damage, not a reason to allocate.
        if value > self.rest.len() { Err(self.damaged()) } else { Ok(value) }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let len = self.count()?;
        let Some((value, rest)) = self.rest.split_at_checked(len) else { return Err(self.damaged()) };
        self.rest = rest;
        Ok(value)
    }

    pub(super) fn text(&mut self) -> Result<String, Damaged> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| self.damaged())
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, Damaged> {
        if self.u64()? == 0 { Ok(None) } else { self.text().map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(a: u64, b: i64, text in ".*", option: Option<String>) {
            let mut encoder = Encoder::default();
            encoder.u64(a).i64(b).text(&text).optional_text(option.as_deref());
            let bytes = encoder.finish();
            let mut decoder = Decoder::new("test", &bytes);
            prop_assert_eq!(decoder.u64().unwrap(), a);
            prop_assert_eq!(decoder.i64().unwrap(), b);
            prop_assert_eq!(decoder.text().unwrap(), text);
            prop_assert_eq!(decoder.optional_text().unwrap(), option);
        }

        #[test]
        fn damage_is_an_error_not_a_panic(bytes: Vec<u8>) {
            let mut decoder = Decoder::new("test", &bytes);
            while decoder.text().is_ok() && decoder.i64().is_ok() {}
        }
    }
}
