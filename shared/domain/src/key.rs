//! Keys in notifications are form-encoded; this is the one place that decodes them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A key in a notification that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The decoded bytes are no UTF-8; S3 keys are UTF-8.
    #[error("object key {encoded:?} is not utf-8 after decoding")]
    NotUtf8 {
        /// The key as it came.
        encoded: String,
    },
    /// A key of no characters names nothing.
    #[error("object key is empty")]
    Empty,
}

/// What S3 leaves as it is in the keys of its notifications.
const EVENT_KEY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// The key that a notification names: `+` is a blank, `%XX` a byte.
///
/// Source: Amazon S3 user guide, "Event message structure" (keys are URL form-encoded).
pub fn decode_event_key(encoded: &str) -> Result<String, KeyError> {
    let blanks = encoded.replace('+', " ");
    let key = percent_decode_str(&blanks)
        .decode_utf8()
        .map_err(|_| KeyError::NotUtf8 { encoded: encoded.to_owned() })?
        .into_owned();
    if key.is_empty() { Err(KeyError::Empty) } else { Ok(key) }
}

/// The form that S3 gives a key in its notifications; the inverse of [`decode_event_key`].
pub fn encode_event_key(key: &str) -> String {
    utf8_percent_encode(key, EVENT_KEY).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plus_is_a_blank_and_an_encoded_plus_is_a_plus() {
        assert_eq!(decode_event_key("a+b%2Bc").unwrap(), "a b+c");
    }

    #[test]
    fn unicode_dots_and_equals_are_kept_as_they_were() {
        assert_eq!(decode_event_key("h%C3%A4/../k%3Dv/%25").unwrap(), "hä/../k=v/%");
    }

    #[test]
    fn a_lone_percent_is_a_percent() {
        assert_eq!(decode_event_key("50%").unwrap(), "50%");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_an_error_that_shows_the_key() {
        insta::assert_snapshot!(
            decode_event_key("a%FF").unwrap_err(),
            @r#"object key "a%FF" is not utf-8 after decoding"#
        );
        assert_eq!(decode_event_key(""), Err(KeyError::Empty));
    }

    proptest! {
        #[test]
        fn every_key_survives_the_round_trip(key in ".{1,64}") {
            prop_assert_eq!(decode_event_key(&encode_event_key(&key)).unwrap(), key);
        }

        #[test]
        fn no_text_makes_decoding_panic(text in ".*") {
            let _ = decode_event_key(&text);
        }
    }
}
