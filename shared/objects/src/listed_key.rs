//! Keys in listings.
//!
//! XML 1.0 cannot carry most control characters, so one odd key would make a whole page of a
//! listing unreadable. Listings therefore ask for `encoding-type=url`: keys come form-encoded. A
//! store that does not know the parameter does not echo it and sends plain keys.

use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use crate::{ObjectAt, ObjectError};

/// How the keys of one page are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyForm {
    Plain,
    Url,
}

impl KeyForm {
    pub fn of(echoed: Option<&EncodingType>) -> Self {
        if echoed == Some(&EncodingType::Url) { Self::Url } else { Self::Plain }
    }

    /// The key as it is.
    pub fn decode(self, at: &ObjectAt, key: &str) -> Result<String, ObjectError> {
        match self {
            Self::Plain => Ok(key.to_owned()),
            Self::Url => percent_decode_str(&key.replace('+', " "))
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| ObjectError::nonsense(at, format!("the listed key {key} is not UTF-8"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_key_is_decoded_and_a_plain_one_left_alone() {
        let at = ObjectAt::new("list", "b", "");
        let read = |form: KeyForm, key: &str| form.decode(&at, key).unwrap();
        assert_eq!(read(KeyForm::Url, "a+b%2Bc/%C3%A9%01"), "a b+c/\u{e9}\u{1}");
        assert_eq!(read(KeyForm::Plain, "a+b%2Bc"), "a+b%2Bc");
        insta::assert_snapshot!(KeyForm::Url.decode(&at, "%FF").unwrap_err(), @"list s3://b/: the listed key %FF is not UTF-8");
    }
}
