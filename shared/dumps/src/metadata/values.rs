//! The types of the fields. Each reads any text, normalises it, and is read back from what it shows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::origin::slug;

/// A text that a field does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not {rule}")]
pub struct InvalidValue {
    /// The text, cut to 100 characters.
    pub given: String,
    /// What the field takes.
    pub rule: &'static str,
}

impl InvalidValue {
    pub(crate) fn new(given: &str, rule: &'static str) -> Self {
        Self { given: given.chars().take(100).collect(), rule }
    }
}

macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $normalise:path, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The normalised text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                $normalise(text.trim()).map(Self).ok_or_else(|| InvalidValue::new(text, $rule))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text_value!(
    /// A customer as an uploader names it: its key, its name or an alias, with single blanks.
    CustomerName,
    customer_name,
    "a customer name: it needs a letter or digit"
);
text_value!(
    /// The key of a customer: lower case, runs of other characters than letters and digits are one `-`.
    CustomerKey,
    dashed,
    "a customer key: it needs a letter or digit"
);
text_value!(
    /// The key of a network of one customer: lower case, runs of other characters than letters and digits are
    /// one `-`.
    NetworkKey,
    dashed,
    "a network name: it needs a letter or digit"
);
text_value!(
    /// A ticket: 3 to 40 of `A-Z`, `0-9`, `_` and `-`, the first a letter or digit.
    Ticket,
    ticket,
    "a ticket: 3 to 40 of A-Z 0-9 _ -, the first a letter or digit"
);
text_value!(
    /// A health-check id: `HC-` and digits without leading zeros. Unique inside one customer.
    HcId,
    hc_id,
    "a health-check id: HC, optional -, digits"
);
text_value!(
    /// A country: two upper-case letters.
    Country,
    country,
    "a country: two letters"
);
text_value!(
    /// What took a dump, in lower case.
    Origin,
    origin,
    "an origin: it must not be blank"
);

impl CustomerName {
    /// The key that the name stands for if it is no alias.
    pub fn key(&self) -> CustomerKey {
        CustomerKey(slug(&self.0, '-'))
    }

    /// The form in which aliases are stored.
    pub fn alias(&self) -> String {
        self.0.to_lowercase()
    }
}

impl Origin {
    /// The origin of an upload that names none: the object's file name without extension and times. `unknown`
    /// if nothing is left.
    pub fn of_file(outer: &str) -> Self {
        Self(super::origin::of_file(outer))
    }
}

fn has_letter_or_digit(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn customer_name(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    has_letter_or_digit(text).then(|| words.join(" "))
}

fn dashed(text: &str) -> Option<String> {
    has_letter_or_digit(text).then(|| slug(text, '-'))
}

fn ticket(text: &str) -> Option<String> {
    let ticket = text.to_uppercase();
    let allowed = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-".contains(byte);
    let first = ticket.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    (first && (3..=40).contains(&ticket.len()) && ticket.as_bytes().iter().all(allowed)).then_some(ticket)
}

fn hc_id(text: &str) -> Option<String> {
    let (prefix, rest) = text.split_at_checked(2)?;
    let digits = rest.strip_prefix('-').unwrap_or(rest);
    if !prefix.eq_ignore_ascii_case("HC") || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let number = digits.trim_start_matches('0');
    Some(format!("HC-{}", if number.is_empty() { "0" } else { number }))
}

fn country(text: &str) -> Option<String> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .then(|| text.to_ascii_uppercase())
}

fn origin(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_lowercase())
}
