//! The geocoder over HTTP. The address of a request holds the key and is never logged; redirects are not followed.

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use landfall_domain::chain_text;
use landfall_runtime::Secret;
use landfall_tickets::geocoding::{Answer, read_answer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::crypto::aws_lc_rs;

use crate::Settings;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 1 << 20;

/// What a value of a query must not hold as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL of the geocoder is none.
    #[error("the URL of the geocoder must be http(s)://host, with a path at most")]
    Url,
    /// The system has no list of certificates that can be used.
    #[error("no root certificates are found to trust the geocoder by")]
    Certificates(#[source] std::io::Error),
}

/// A geocoder that speaks LocationIQ's forward search.
pub struct GeocoderClient {
    http: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    base_url: String,
    key: Secret,
    settings: Settings,
}

impl std::fmt::Debug for GeocoderClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeocoderClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl GeocoderClient {
    /// A client; connects when it is first asked.
    ///
    /// # Errors
    /// The URL does not read, or there are no root certificates.
    pub fn new(settings: &Settings, key: &Secret) -> Result<Self, ClientError> {
        let base_url = settings.base_url.trim_end_matches('/').to_owned();
        let uri: Uri = base_url.parse().map_err(|_| ClientError::Url)?;
        let plain = uri.query().is_none() && uri.authority().is_some();
        if !plain || !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(ClientError::Url);
        }
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .map_err(ClientError::Certificates)?
            .https_or_http()
            .enable_http1()
            .build();
        let http = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { http, base_url, key: key.clone(), settings: settings.clone() })
    }

    /// Who answers: the host, as kept beside each answer.
    pub fn provider(&self) -> &str {
        let after_scheme = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.split(['/', ':']).next().unwrap_or_default()
    }

    /// Asks once. What goes wrong on the way is an answer too.
    pub async fn search(&self, query: &str) -> Answer {
        match tokio::time::timeout(self.settings.timeout, self.request(query)).await {
            Ok(Ok((status, body))) => read_answer(status, &body),
            Ok(Err(text)) => Answer::Failed(text),
            Err(_) => Answer::Failed(format!("no answer within {} ms", self.settings.timeout.as_millis())),
        }
    }

    async fn request(&self, query: &str) -> Result<(u16, Bytes), String> {
        let encode = |text| utf8_percent_encode(text, RESERVED);
        let address = format!(
            "{}/v1/search?key={}&q={}&format=json&countrycodes={}&limit=1",
            self.base_url,
            encode(self.key.reveal()),
            encode(query),
            encode(&self.settings.countries)
        );
        let request = Request::get(address).body(Empty::new()).map_err(|_| "no request".to_owned())?;
        let response = self.http.request(request).await.map_err(|error| self.told(&chain_text(&error)))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| self.told(&error.to_string()))?;
        Ok((status, body.to_bytes()))
    }

    /// The text of an error. It should not hold the key; it cannot.
    fn told(&self, text: &str) -> String {
        text.replace(self.key.reveal(), "(key)")
    }
}
