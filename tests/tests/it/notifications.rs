//! Notifications that never came are found by listing (design: the laws, 1).

use std::sync::Arc;
use std::time::{Duration, Instant};

use landfall_domain::{Stage, SystemClock};
use landfall_local::endpoint::{Endpoint, EndpointConfig, NoEvents};
use landfall_local::listing;
use landfall_local::platform::Storage;
use landfall_objects::{ObjectStore, PutOptions, Settings, StaticCredentials, Versioning};
use landfall_runtime::Faults;
use landfall_testkit::TestPlatform;
use tempfile::TempDir;

use crate::scene;

#[tokio::test]
async fn a_lost_notification_shows_in_the_books_until_a_listing_heals_it() {
    let platform = TestPlatform::start().await;
    platform.queue().hold(Stage::ReceiveObject).await;
    scene::put(&platform).await;
    let lost = platform.queue().lose(Stage::ReceiveObject).await;
    platform.queue().release(Stage::ReceiveObject).await;
    platform.settle().await;
    let books = platform.verify().await;
    assert_eq!((lost, books.unseen.len(), books.unknown.len(), books.closed), (4, 4, 0, false), "{books:?}");

    heal(&platform).await;
    scene::assert_undisturbed(&platform, "after healing").await;
    platform.stop().await;
}

async fn heal(platform: &TestPlatform) {
    let clients = platform.platform().clients();
    let place = (platform.platform().bucket(), "");
    listing::heal(&clients.objects, &clients.store, place, clients.clock.now()).await.unwrap();
    platform.platform().wake();
    platform.settle().await;
}

/// An endpoint that tells nobody, and a client of it.
async fn silent(config: EndpointConfig) -> (Endpoint, Settings, ObjectStore) {
    let credentials = StaticCredentials::new(config.access_key.as_str(), config.secret_key.as_str());
    let endpoint = Endpoint::start(config, Arc::new(NoEvents), Arc::new(SystemClock)).await.unwrap();
    let settings = Settings {
        endpoint: Some(endpoint.url()),
        region: Some("us-east-1".into()),
        credentials: Some(credentials),
        force_path_style: true,
    };
    let objects = ObjectStore::connect(&settings).await;
    (endpoint, settings, objects)
}

async fn put_all(objects: &ObjectStore) {
    for object in scene::objects() {
        objects.put("landing", &object.key, object.body.into(), PutOptions::default()).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_written_while_the_platform_was_down_is_found_at_its_start() {
    let mut platform = TestPlatform::start().await;
    let config = platform.halt().await;
    // Somebody else serves the same folder meanwhile.
    let secret = std::fs::read_to_string(config.data_dir.join("secret-key")).unwrap();
    let place = EndpointConfig::new(config.data_dir.join("objects"), "landfall", secret.trim());
    let (endpoint, _, objects) = silent(place).await;
    put_all(&objects).await;
    endpoint.shutdown().await;

    platform.restart(Faults::none()).await;
    platform.settle().await;
    scene::assert_undisturbed(&platform, "after the start").await;
    platform.stop().await;
}

#[tokio::test]
async fn a_store_without_notifications_is_listed_again_and_again() {
    let folder = TempDir::new().unwrap();
    let (endpoint, settings, objects) =
        silent(EndpointConfig::new(folder.path(), "landfall", "secret")).await;
    objects.ensure_bucket("landing", Versioning::Enabled).await.unwrap();
    let platform = TestPlatform::configured(|config| config.storage = Storage::External(settings)).await;
    put_all(&objects).await;
    let begun = Instant::now();
    while platform.count("select count(*) from ingest.object").await < 4 {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody listed the bucket");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    platform.settle().await;
    scene::assert_undisturbed(&platform, "after the listing").await;
    platform.stop().await;
    endpoint.shutdown().await;
}
