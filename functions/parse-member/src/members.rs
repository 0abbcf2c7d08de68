//! What a plugin finds in its members, and its records on their way into the transaction that stores them.

use std::panic::resume_unwind;
use std::sync::Arc;

use landfall_domain::{Disposition, LoadId, Problem, Reason};
use landfall_dumps::names::base_name;
use landfall_dumps::plugins::{ParseContext, Registry};
use landfall_dumps::records::Record;
use landfall_dumps::runner::{PluginFile, PluginResult, read_again, read_files};
use landfall_store::dump::{self, RECORDS_AT_ONCE};
use landfall_store::{PgConnection, StoreError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::spool::Spooled;

/// Records that are kept between the reading of the members and the commit, a few MB. Of members with more of them none
/// is kept: they are read again while they are stored, which costs little beside the storing.
const RECORDS_KEPT: usize = 20_000;

/// The members of one plugin for one network element, in memory.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    registry: Arc<Registry>,
    plugin: String,
    files: Vec<(Spooled, ParseContext)>,
}

/// What a plugin found.
#[derive(Debug)]
pub(crate) struct Found {
    /// How it ended, what it counted, and its records if they are few.
    pub result: PluginResult,
    members: Members,
}

impl Members {
    pub fn new(
        registry: &Arc<Registry>,
        plugin: &str,
        members: Vec<Spooled>,
        context: impl Fn(&str) -> ParseContext,
    ) -> Self {
        let files = members.into_iter().map(|member| {
            let context = context(base_name(&member.chain_path));
            (member, context)
        });
        Self { registry: Arc::clone(registry), plugin: plugin.to_owned(), files: files.collect() }
    }

    /// Reads them, on a thread for such work. A panic of the plugin is told as such, for another try.
    pub async fn read(self) -> Result<Found, Problem> {
        let found = spawn_blocking(move || {
            let plugin = self.registry.plugin(&self.plugin);
            let result = plugin.map(|plugin| read_files(plugin, &self.files(), RECORDS_KEPT));
            Found { result: result.unwrap_or_else(PluginResult::missing), members: self }
        });
        found.await.map_err(|error| {
            Problem::new(Disposition::Retry, Reason::new("panic").with_text(error.to_string()))
        })
    }

    fn files(&self) -> Vec<PluginFile<'_>> {
        let files = self.files.iter().map(|(member, context)| PluginFile {
            chain_path: &member.chain_path,
            content: &member.content,
            context: context.clone(),
        });
        files.collect()
    }

    /// Reads them once more and sends their records, as many as one statement takes at a time.
    fn send_records(&self, to: &mpsc::Sender<(String, Vec<Record>)>) {
        let Some(plugin) = self.registry.plugin(&self.plugin) else { return };
        let mut ready: (String, Vec<Record>) = Default::default();
        let send = |ready: &mut (String, Vec<Record>)| {
            let some = std::mem::take(ready);
            if !some.1.is_empty() {
                // Nobody listens after an error of the store, which is told there.
                let _ = to.blocking_send(some);
            }
        };
        read_again(plugin, &self.files(), &mut |chain_path, some| {
            if ready.0 != chain_path || ready.1.len().saturating_add(some.len()) > RECORDS_AT_ONCE {
                send(&mut ready);
                chain_path.clone_into(&mut ready.0);
            }
            ready.1.append(some);
        });
        send(&mut ready);
    }
}

impl Found {
    /// Stores the records under a network element of a load.
    pub async fn store(
        &self,
        conn: &mut PgConnection,
        load_id: LoadId,
        ne_id: i64,
    ) -> Result<(), StoreError> {
        let owner = (load_id, ne_id, self.members.plugin.as_str());
        if self.result.holds_records() {
            for file in &self.result.files {
                dump::store_records(conn, owner, &file.chain_path, &file.records).await?;
            }
            return Ok(());
        }
        // One chunk is stored while the next one is read.
        let (to, mut from) = mpsc::channel(1);
        let members = self.members.clone();
        let reader = spawn_blocking(move || members.send_records(&to));
        while let Some((chain_path, records)) = from.recv().await {
            dump::store_records(conn, owner, &chain_path, &records).await?;
        }
        reader.await.unwrap_or_else(|error| resume_unwind(error.into_panic()));
        Ok(())
    }
}
