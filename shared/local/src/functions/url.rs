//! Where functions are called.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// Host and port at which functions are called, without TLS: `cargo lambda watch` has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionsUrl {
    authority: String,
    host: String,
    port: u16,
}

/// A text that names no place of functions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST:PORT, as http://127.0.0.1:9000")]
pub struct FunctionsUrlError;

impl FunctionsUrl {
    /// Host and port as they stand in the URL.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// What to connect to.
    pub(super) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl FromStr for FunctionsUrl {
    type Err = FunctionsUrlError;

    fn from_str(text: &str) -> Result<Self, FunctionsUrlError> {
        let uri: Uri = text.parse().map_err(|_| FunctionsUrlError)?;
        let authority = uri.authority().ok_or(FunctionsUrlError)?;
        let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if uri.scheme_str() != Some("http") || !is_bare || authority.as_str().contains('@') {
            return Err(FunctionsUrlError);
        }
        // The address of IPv6 stands in brackets, but is looked up without.
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().ok_or(FunctionsUrlError)?;
        Ok(Self { authority: authority.to_string(), host: host.to_owned(), port })
    }
}

impl fmt::Display for FunctionsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_read() {
        for (text, host) in [("http://127.0.0.1:9000", "127.0.0.1"), ("http://[::1]:9000/", "::1")] {
            let url: FunctionsUrl = text.parse().unwrap();
            assert_eq!(url.address(), (host, 9000));
            assert_eq!(url.to_string(), text.trim_end_matches('/'));
        }
    }

    #[test]
    fn what_is_no_place_of_functions_is_refused() {
        let refused = [
            "",
            "127.0.0.1:9000",
            "https://127.0.0.1:9000",
            "http://127.0.0.1",
            "http://user:word@127.0.0.1:9000",
            "http://127.0.0.1:9000/2015-03-31",
            "http://127.0.0.1:9000/?a=b",
        ];
        for text in refused {
            assert_eq!(text.parse::<FunctionsUrl>(), Err(FunctionsUrlError), "{text:?}");
        }
    }
}
