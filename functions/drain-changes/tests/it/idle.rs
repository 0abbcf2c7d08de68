//! What a run costs that finds nothing new: it comes 45 times a day for each dataset.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::scene::{Scene, incidents};

/// The target under which sqlx tells of each statement.
const OF_SQLX: &str = "sqlx::query";

/// Counts statements.
#[derive(Debug, Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == OF_SQLX {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn a_run_without_a_new_file_takes_five_requests_and_ten_statements_at_most() {
    for scene in [Scene::start().await, Scene::unversioned().await] {
        scene.settled("08-20", incidents(1..4)).await;
        scene.drain().await;
        let (statements, requests) = (Statements::default(), scene.stage.requests());
        let told = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
        let report = scene.drain().await;
        drop(told);
        assert_eq!((report.files.len(), report.hooks.len()), (0, 1));
        let (requests, statements) =
            (scene.stage.requests() - requests, statements.0.load(Ordering::Relaxed));
        assert!((1..=5).contains(&requests), "{requests} requests to the store");
        assert!((1..=10).contains(&statements), "{statements} statements");
    }
}
