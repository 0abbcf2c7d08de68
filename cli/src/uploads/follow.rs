//! Waiting for what becomes of an upload.

use std::time::{Duration, Instant};

use landfall_domain::State;
use landfall_store::Store;
use landfall_store::dump::{self, Progress};

use crate::{Exit, Failure};

/// The first look comes after this long, each later one after a longer while.
const FIRST_LOOK: Duration = Duration::from_millis(20);
/// The longest while between two looks.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// One version of a key that is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follow<'a> {
    /// Where its rows are.
    pub store: &'a Store,
    /// The bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
    /// The version.
    pub version: &'a str,
    /// When to stop waiting; none for never.
    pub until: Option<Instant>,
}

impl Follow<'_> {
    /// Waits until work on the version has ended. Each look is told.
    pub async fn ended(&self, told: impl Fn(&Progress)) -> Result<Progress, Failure> {
        self.wait(|progress| progress.state.is_final(), told).await
    }

    /// Waits until the version's verdict is known.
    pub async fn judged(&self) -> Result<Progress, Failure> {
        self.wait(|progress| progress.judged, |_| ()).await
    }

    async fn wait(
        &self,
        enough: impl Fn(&Progress) -> bool,
        told: impl Fn(&Progress),
    ) -> Result<Progress, Failure> {
        let mut pause = FIRST_LOOK;
        loop {
            let found = dump::progress(self.store.pool(), (self.bucket, self.key), self.version).await?;
            if let Some(progress) = found.as_ref() {
                told(progress);
            }
            let found = match found {
                Some(progress) if enough(&progress) => return Ok(progress),
                found => found,
            };
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(self.late(found.map(|progress| progress.state)));
            }
            tokio::time::sleep(left.map_or(pause, |left| pause.min(left))).await;
            pause = pause.saturating_mul(2).min(LAST_LOOK);
        }
    }

    fn late(&self, state: Option<State>) -> Failure {
        let at = state.map_or_else(|| "not seen yet".to_owned(), |state| format!("still {state}"));
        let text = format!("{} version {} is {at} after the time to wait", self.key, self.version);
        let advice =
            format!("is a platform running? see `landfall status` and `landfall explain {}`", self.key);
        Failure::new(Exit::Storage, text).advise(advice)
    }
}

#[cfg(test)]
mod tests {
    use landfall_testkit::database::TestDatabase;

    use super::*;

    #[tokio::test]
    async fn who_waits_in_vain_is_told_where_it_stands_and_what_to_look_at() {
        let database = TestDatabase::create().await;
        let store = Store::over(database.pool().clone());
        let until = Some(Instant::now());
        let follow =
            Follow { store: &store, bucket: "landing", key: "dumps/a/n/T-1/a.tgz", version: "v1", until };
        let failure = follow.ended(|_| ()).await.unwrap_err();
        assert_eq!(failure.exit(), Exit::Storage);
        insta::assert_snapshot!(failure, @r"
        dumps/a/n/T-1/a.tgz version v1 is not seen yet after the time to wait
        is a platform running? see `landfall status` and `landfall explain dumps/a/n/T-1/a.tgz`
        ");
    }
}
