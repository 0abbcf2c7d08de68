//! Access identifiers of cards and ports.

use super::number::all_digits;

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
        let mut rest = Some(aid);
        let mut part = || {
            let text = rest?;
            let end = text.bytes().position(|b| b == b'-');
            rest = end.and_then(|end| text.get(end.saturating_add(1)..));
            text.get(..end.unwrap_or(text.len()))
        };
        let first = (part(), part(), part(), part(), part());
        let read = match first {
            (Some(shelf), Some(slot), None, ..) => Self::from(None, (shelf, slot), None),
            (Some(a), Some(b), Some(c), None, _) => {
                Self::from(None, (a, b), Some(c)).or_else(|| Self::from(Some(a), (b, c), None))
            }
            (Some(card), Some(shelf), Some(slot), Some(port), None) => {
                Self::from(Some(card), (shelf, slot), Some(port))
            }
            _ => None,
        };
        read.unwrap_or_default()
    }

    fn from(card: Option<&'t str>, place: (&str, &str), port: Option<&'t str>) -> Option<Self> {
        let named =
            |part: Option<&str>| part.is_none_or(|p| !p.is_empty() && p.chars().all(char::is_alphanumeric));
        let (shelf, slot) = (number(place.0, 3)?, number(place.1, 2)?);
        (named(card) && named(port)).then_some(Self { card, shelf: Some(shelf), slot: Some(slot), port })
    }
}

fn number(text: &str, most: usize) -> Option<u16> {
    (all_digits(text) && text.len() <= most).then(|| text.parse().ok()).flatten()
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
