//! The client: whom it talks to, and what it keeps to itself.

use geocode_tickets::{ClientError, GeocoderClient, Settings};
use landfall_runtime::{Env, Secret};
use landfall_testkit::Geocoder;
use landfall_tickets::geocoding::Answer;
use serde_json::json;

fn client(base_url: &str) -> Result<GeocoderClient, ClientError> {
    let settings = Settings { base_url: base_url.to_owned(), ..Settings::default() };
    GeocoderClient::new(&settings, &Secret::new("pk.secret"))
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (here, there) = (Geocoder::start(json!({})).await, Geocoder::start(json!({})).await);
    here.next_redirects(&format!("{}/v1/search", there.url()));
    let settings = Settings { base_url: here.url().to_owned(), ..Settings::default() };
    let client = GeocoderClient::new(&settings, &Secret::new(here.key())).unwrap();
    assert_eq!(client.search("thika").await, Answer::Unusable("status 302".to_owned()));
    assert!(there.take_queries().is_empty());
}

#[tokio::test]
async fn another_key_is_refused_by_the_server_of_these_tests() {
    let geocoder = Geocoder::start(json!({})).await;
    assert_eq!(client(geocoder.url()).unwrap().search("thika").await, Answer::Refused(401));
}

#[tokio::test]
async fn neither_errors_nor_debug_output_hold_the_key() {
    // Port 9 of the loopback: nothing listens.
    let client = client("http://127.0.0.1:9/").unwrap();
    let Answer::Failed(text) = client.search("thika").await else { panic!("something answers") };
    assert!(!text.contains("pk.secret"), "{text}");
    assert!(!format!("{client:?}").contains("pk.secret"));
    assert_eq!(client.provider(), "127.0.0.1");
}

#[test]
fn a_url_that_is_none_is_told_at_the_start() {
    for url in ["", "locationiq.com", "ftp://locationiq.com", "https://x?key=1", "https://"] {
        assert!(matches!(client(url), Err(ClientError::Url)), "{url}");
    }
    assert!(client("https://us1.locationiq.com/").is_ok());
}

#[test]
fn settings_are_read_from_the_environment() {
    let env = Env::of([
        ("LANDFALL_GEOCODER_URL", "https://eu1.locationiq.com"),
        ("LANDFALL_GEOCODER_KEY", "pk.secret"),
        ("LANDFALL_GEOCODER_RUN_BUDGET", "7"),
        ("LANDFALL_GEOCODER_INTERVAL_MS", "1500"),
    ]);
    let settings = Settings::from_env(&env).unwrap();
    assert_eq!((settings.run_budget, settings.day_budget, settings.countries.as_str()), (7, 4500, "ke"));
    assert_eq!(settings.interval.as_millis(), 1500);
    assert!(!format!("{settings:?}").contains("pk.secret"));
    let wrong = Settings::from_env(&Env::of([("LANDFALL_GEOCODER_TIMEOUT_MS", "soon")])).unwrap_err();
    insta::assert_snapshot!(wrong, @r#"environment variable LANDFALL_GEOCODER_TIMEOUT_MS does not read: "soon": invalid digit found in string"#);
}
