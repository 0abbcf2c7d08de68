//! Access identifiers of cards and ports.

/// The parts of an access identifier `[CARD-]shelf-slot[-PORT]` (specs: dumps 4.7). All are `None` if the text
/// has another form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AidParts<'t> {
    /// The card type.
    pub card: Option<&'t str>,
    /// The shelf, one to three digits.
    pub shelf: Option<u16>,
    /// The slot, one or two digits.
    pub slot: Option<u16>,
    /// The port.
    pub port: Option<&'t str>,
}

impl<'t> AidParts<'t> {
    /// Takes an access identifier apart. Of three parts that are all numbers the last is the port, because a
    /// card type is never a bare number.
    pub fn of(aid: &'t str) -> Self {
        Self::read(aid).unwrap_or_default()
    }

    fn read(aid: &'t str) -> Option<Self> {
        let mut dashes = [aid.len(); 4];
        let mut count = 0_usize;
        for (at, _) in aid.bytes().enumerate().filter(|(_, byte)| *byte == b'-') {
            // The last place of the four stays the end.
            *dashes.split_last_mut()?.1.get_mut(count)? = at;
            count = count.saturating_add(1);
        }
        let [first, second, third, _] = dashes;
        let part = |from: usize, to: usize| aid.get(from.saturating_add(1)..to);
        let start = aid.get(..first)?;
        match count {
            1 => Self::from(None, (start, part(first, second)?), None),
            2 => {
                let (middle, end) = (part(first, second)?, part(second, third)?);
                let with_port = Self::from(None, (start, middle), Some(end));
                with_port.or_else(|| Self::from(Some(start), (middle, end), None))
            }
            3 => {
                let place = (part(first, second)?, part(second, third)?);
                Self::from(Some(start), place, Some(part(third, aid.len())?))
            }
            _ => None,
        }
    }

    fn from(card: Option<&'t str>, place: (&str, &str), port: Option<&'t str>) -> Option<Self> {
        let named = |part: Option<&str>| part.is_none_or(is_name);
        let (shelf, slot) = (number(place.0, 3)?, number(place.1, 2)?);
        (named(card) && named(port)).then_some(Self { card, shelf: Some(shelf), slot: Some(slot), port })
    }
}

fn is_name(part: &str) -> bool {
    let is_ascii_name = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    !part.is_empty() && (is_ascii_name || part.chars().all(char::is_alphanumeric))
}

fn number(text: &str, most: usize) -> Option<u16> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte.wrapping_sub(b'0')));
    match *text.as_bytes() {
        [ones] => digit(ones),
        [tens, ones] => Some(digit(tens)? * 10 + digit(ones)?),
        [hundreds, tens, ones] if most == 3 => {
            Some(digit(hundreds)? * 100 + digit(tens)? * 10 + digit(ones)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aid_is_taken_apart_only_in_its_own_form() {
        let read = |aid| {
            let p = AidParts::of(aid);
            p.shelf.map(|shelf| format!("{:?} {shelf} {:?} {:?}", p.card, p.slot, p.port))
        };
        insta::assert_debug_snapshot!(
            ["112SCA1-3-4-L1", "81-1", "2-7-C10", "11QPA4-2-6", "1-2-3", "SYSTEM", "A-1234-5", "A-1-123", "A--1-2", "A-1-2-L1-X", "81-1-"]
                .map(read),
            @r#"
        [
            Some(
                "Some(\"112SCA1\") 3 Some(4) Some(\"L1\")",
            ),
            Some(
                "None 81 Some(1) None",
            ),
            Some(
                "None 2 Some(7) Some(\"C10\")",
            ),
            Some(
                "Some(\"11QPA4\") 2 Some(6) None",
            ),
            Some(
                "None 1 Some(2) Some(\"3\")",
            ),
            None,
            None,
            None,
            None,
            None,
            None,
        ]
        "#
        );
    }
}
