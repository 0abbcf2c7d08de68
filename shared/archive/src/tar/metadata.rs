//! What PAX records and GNU long names say about the members behind them.

use super::number::decimal;

/// The values of one or more PAX headers. Absent ones leave the header's own in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) sparse: bool,
}

impl Pax {
    /// Takes over the records of one PAX block: `LENGTH KEY=VALUE\n`, one after another.
    pub(super) fn read(&mut self, mut block: &[u8]) -> Result<(), &'static str> {
        const MALFORMED: &str = "bad tar header: malformed PAX record";
        // Some writers fill the block up with NUL.
        while block.first().is_some_and(|byte| *byte != 0) {
            let blank = block.iter().position(|byte| *byte == b' ').ok_or(MALFORMED)?;
            let length = block.get(..blank).and_then(decimal).ok_or(MALFORMED)?;
            let length = usize::try_from(length).map_err(|_| MALFORMED)?;
            let (record, rest) = block.split_at_checked(length).ok_or(MALFORMED)?;
            let [pair @ .., b'\n'] = record.get(blank + 1..).ok_or(MALFORMED)? else { return Err(MALFORMED) };
            let equals = pair.iter().position(|byte| *byte == b'=').ok_or(MALFORMED)?;
            let (key, value) = pair.split_at_checked(equals).ok_or(MALFORMED)?;
            self.set(key, value.get(1..).unwrap_or_default())?;
            block = rest;
        }
        Ok(())
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
        match key {
            // An empty value takes back what was said before (POSIX pax, extended header).
            b"path" => self.path = (!value.is_empty()).then(|| value.to_vec()),
            b"size" if value.is_empty() => self.size = None,
            b"size" => self.size = Some(decimal(value).ok_or("bad tar header: PAX size is no number")?),
            b"GNU.sparse.name" => {
                self.path = Some(value.to_vec());
                self.sparse = true;
            }
            key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        Ok(())
    }
}

/// Everything known about the next member before its own header.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Holds for all members that follow.
    pub(super) all: Pax,
    /// Holds for the next member.
    pub(super) next: Pax,
    /// GNU long name of the next member.
    pub(super) long_name: Option<Vec<u8>>,
    /// Whether metadata was read that still waits for its member.
    pub(super) waiting: bool,
}

impl Metadata {
    /// The name that stands in place of the header's own.
    pub(super) fn name(&self) -> Option<&[u8]> {
        self.next.path.as_deref().or(self.long_name.as_deref()).or(self.all.path.as_deref())
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.next.size.or(self.all.size)
    }

    pub(super) fn sparse(&self) -> bool {
        self.next.sparse || self.all.sparse
    }

    /// Bytes of names held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        [&self.all.path, &self.next.path, &self.long_name].into_iter().flatten().map(Vec::capacity).sum()
    }

    /// Forgets what held for one member only.
    pub(super) fn member_taken(&mut self) {
        self.next = Pax::default();
        self.long_name = None;
        self.waiting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &[u8]) -> Result<Pax, &'static str> {
        let mut pax = Pax::default();
        pax.read(block).map(|()| pax)
    }

    #[test]
    fn records_give_path_and_size_and_mark_sparse_files() {
        let pax =
            read(b"11 path=a=b\n9 size=7\n15 mtime=1.5e0\n\n").map(|pax| (pax.path, pax.size, pax.sparse));
        assert_eq!(pax, Err("bad tar header: malformed PAX record"), "15 is one too many");
        let pax = read(b"12 path=a=b\n10 size=7\n22 GNU.sparse.major=1\n").expect("well-formed");
        assert_eq!((pax.path.as_deref(), pax.size, pax.sparse), (Some(&b"a=b"[..]), Some(7), true));
    }

    #[test]
    fn a_value_may_hold_a_line_end_and_padding_may_follow() {
        let pax = read(b"12 path=a\nb\n\0\0\0").expect("well-formed");
        assert_eq!(pax.path.as_deref(), Some(&b"a\nb"[..]));
    }

    #[test]
    fn an_empty_value_takes_back_the_one_before() {
        let pax = read(b"10 path=a\n8 path=\n10 size=7\n8 size=\n").expect("well-formed");
        assert_eq!((pax.path, pax.size), (None, None));
    }

    #[test]
    fn a_malformed_record_is_refused() {
        for block in [
            &b"path=a\n"[..],
            b"99 path=a\n",
            b"10 path=aX",
            b"7 patha\n",
            b"3\n",
            b"2 a=b\n",
            b"x path=a\n",
            b"11 size=-1\n",
        ] {
            assert!(read(block).is_err(), "{:?}", String::from_utf8_lossy(block));
        }
    }
}
