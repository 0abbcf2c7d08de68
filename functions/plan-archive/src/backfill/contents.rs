//! What an archive holds for a plugin: from its stored index, else by one more pass, which leaves an index behind.

use std::sync::Arc;

use bytes::Bytes;
use landfall_archive::{Index, MemberKind};
use landfall_domain::Sha256Digest;
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::{Catalogue, Contents};
use landfall_dumps::names::PlanNe;
use landfall_dumps::plan::{Birth, Plan, PlannedPlugin, PluginDescriptor};
use landfall_objects::ReadOptions;
use landfall_runtime::{Clients, KeptIndexError, kept_index};
use landfall_store::dump::{LoadRow, Source};

use super::origin::Origin;
use super::{Backfill, BackfillError, Found};
use crate::index::{publish, usable};
use crate::pass::Pass;

impl Backfill {
    /// The plugin's files of these network elements.
    pub(super) async fn planned(
        &self,
        load: &LoadRow,
        origin: &Origin,
        (plan, due): (&Plan, &[PlanNe]),
    ) -> Result<Found, BackfillError> {
        let (contents, index, bytes_fetched) = match (self.indexed(&load.sha256).await?, origin) {
            (Some((contents, index, bytes)), _) => (contents, Some(index), bytes),
            (None, Origin::There(source)) => self.walked(source).await?,
            (None, Origin::Lost { .. }) => return Ok(self.unread(due)),
        };
        let mut plugins = plan.backfill(&contents, &self.plugin);
        plugins.retain(|(ne, _)| due.contains(ne));
        Ok(Found { plugins, index, bytes_fetched })
    }

    /// Whether an archive held a file for the plugin is not known: its rows are open, and end as their source did.
    fn unread(&self, due: &[PlanNe]) -> Found {
        let PluginDescriptor { name, version, priority, .. } = &self.plugin;
        let (version, priority) = (*version, *priority);
        let open = |ne: &PlanNe| {
            let (plugin, birth, files) = (name.clone(), Birth::Open, Vec::new());
            (ne.clone(), PlannedPlugin { plugin, version, priority, birth, files })
        };
        Found { plugins: due.iter().map(open).collect(), index: None, bytes_fetched: 0 }
    }

    fn catalogue(&self) -> Catalogue<Arc<landfall_dumps::plugins::Registry>> {
        // Capture times are not looked for: the dump has its own.
        Catalogue::new(Arc::clone(&self.registry), Window::of_upload(self.clients.clock.now()))
    }

    /// From the index of the content; none where no index serves.
    async fn indexed(&self, sha256: &Sha256Digest) -> Result<Option<(Contents, Index, u64)>, BackfillError> {
        let Clients { objects, work_bucket, .. } = &self.clients;
        let noted = match kept_index(objects, work_bucket, sha256).await {
            Ok(None) => return Ok(None),
            Ok(Some((index, bytes))) => self.noted(&index).map(|contents| (contents, index, bytes)),
            Err(KeptIndexError::Object(error)) if error.passes() => return Err(error.into()),
            Err(KeptIndexError::Object(error)) => {
                tracing::warn!("the index cannot be read: {error}");
                return Ok(None);
            }
            Err(KeptIndexError::Index(error)) => Err(error),
        };
        Ok(noted.inspect_err(|error| tracing::warn!("the index does not serve: {error}")).ok())
    }

    fn noted(&self, index: &Index) -> Result<Contents, landfall_archive::IndexError> {
        let mut catalogue = self.catalogue();
        for member in index.members() {
            let member = member?;
            if member.kind == MemberKind::File {
                catalogue.note(&member.chain, member.crc32);
            }
        }
        Ok(catalogue.finish())
    }

    /// By one more pass over the archive.
    async fn walked(&self, source: &Source) -> Result<(Contents, Option<Index>, u64), BackfillError> {
        let Source { bucket, key, pin, .. } = source;
        let mut read = self.clients.objects.read(bucket, key, pin, ReadOptions::default()).await?;
        let window = Window::of_upload(read.head().last_modified);
        let pass = Pass::start(self.limits.clone(), Arc::clone(&self.registry), window);
        while let Some(block) = read.next().await? {
            if !pass.push(block).await {
                break;
            }
        }
        let passage = pass.finish().await?;
        if let Some(file) = &passage.index
            && let Err(error) = publish(&self.clients, &passage.sha256, &Bytes::from(file.clone())).await
        {
            tracing::warn!("the index is not kept: {error}");
        }
        Ok((passage.contents, passage.index.and_then(usable), read.bytes_fetched()))
    }
}

/// Puts the new parts into a plan.
pub(super) fn merged(mut plan: Plan, found: &Found) -> Plan {
    for ne in &mut plan.nes {
        let Some((_, planned)) = found.plugins.iter().find(|(name, _)| *name == ne.ne) else { continue };
        ne.plugins.retain(|there| there.plugin != planned.plugin);
        ne.plugins.push(planned.clone());
        ne.plugins.sort_by(|a, b| (a.priority, &a.plugin).cmp(&(b.priority, &b.plugin)));
    }
    plan
}
