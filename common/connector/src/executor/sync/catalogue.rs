//! What a sync reads of the app beside people, and how the catalogue follows it. Roles and entitlements that the catalogue
//! does not have are told; its assets become those of the app.

use usher_domain::{
    change::{Change, Subject},
    id::ChangeId,
    integration::{AppAsset, Integration},
    ports::{Facts, StoreError},
    sync::{AssetChanges, Discovered, Phase, SyncPage, SyncRun},
};

use super::{Session, Step, Trouble};
use crate::error::Error;

/// How often an integration that moves is read again.
const ATTEMPTS: u32 = 8;

impl Session<'_> {
    pub(super) async fn roles(&self) -> Result<Step, Trouble> {
        let mut run = SyncRun { phase: Phase::Entitlements, cursor: None, ..self.run.clone() };
        if self.connector.meta().capabilities.list_roles {
            let listing = self.connector.list_roles(self.run.cursor.as_deref());
            let page = self.guarded("listing roles", listing).await?;
            let roles = &self.integration.catalogue.roles;
            let new = page.items.into_iter().filter(|new| roles.iter().all(|role| role.key != new.key));
            run.discovered.roles.extend(new);
            run.discovered.roles.truncate(Discovered::MOST);
            if page.next.is_some() {
                run = SyncRun { phase: Phase::Roles, cursor: page.next, ..run };
            }
        }
        Ok(run.into())
    }

    pub(super) async fn entitlements(&self) -> Result<Step, Trouble> {
        let mut run = SyncRun { phase: Phase::Assets, cursor: None, ..self.run.clone() };
        if self.connector.meta().capabilities.list_entitlements {
            let listing = self.connector.list_entitlements(self.run.cursor.as_deref());
            let page = self.guarded("listing entitlements", listing).await?;
            let known = &self.integration.catalogue.entitlements;
            let new = page.items.into_iter().filter(|new| known.iter().all(|it| it.value != new.value));
            run.discovered.entitlements.extend(new);
            run.discovered.entitlements.truncate(Discovered::MOST);
            if page.next.is_some() {
                run = SyncRun { phase: Phase::Entitlements, cursor: page.next, ..run };
            }
        }
        Ok(run.into())
    }

    pub(super) async fn assets(&self) -> Result<Step, Trouble> {
        if !self.connector.meta().capabilities.list_assets {
            return Ok(SyncRun { phase: Phase::Members, cursor: None, ..self.run.clone() }.into());
        }
        let listing = self.connector.list_assets(self.run.cursor.as_deref());
        let listed = self.guarded("listing assets", listing).await?;
        if listed.next.is_some() {
            let page = SyncPage { assets: listed.items, ..SyncPage::default() };
            let run = SyncRun { cursor: listed.next, ..self.run.clone() };
            return Ok(Step { page: Some(page), ..Step::from(run) });
        }
        let before = self.executor.store.sync_pages(&self.run).await?;
        let all: Vec<AppAsset> =
            before.into_iter().flat_map(|page| page.assets).chain(listed.items).collect();
        let catalogue = &self.integration.catalogue;
        let mut run = SyncRun { phase: Phase::Members, cursor: None, ..self.run.clone() };
        let changes = AssetChanges::between(catalogue, all);
        if changes.applied(catalogue).is_ok() {
            run.assets = changes;
        } else {
            // No room: it stays as it is, and what it lacks is told.
            run.discovered.assets = changes.put.into_iter().take(Discovered::MOST).collect();
        }
        // The pages of people are counted from the first on.
        Ok(SyncRun { pass: run.pass + 1, pages: 0, ..run }.into())
    }

    /// Makes the catalogue's assets those of the app, and has everybody with access looked at. Doing it twice is doing it
    /// once.
    pub(super) async fn follow(&self) -> Result<Step, Trouble> {
        let SyncRun { workspace, integration, assets, counts, .. } = &self.run;
        let mut run = SyncRun {
            phase: Phase::Apply,
            cursor: None,
            assets: AssetChanges::default(),
            counts: counts.clone(),
            ..self.run.clone()
        };
        run.counts.assets_put = assets.put.len() as u64;
        run.counts.assets_gone = assets.gone.len() as u64;
        for _ in 0..ATTEMPTS {
            let found = Facts::integration(&*self.executor.store, workspace, integration).await?;
            let (stored, _) = found.ok_or_else(|| Error::invalid("the integration is gone"))?;
            let next = assets.applied(&stored.catalogue).map_err(|bytes| {
                let most = AssetChanges::MOST_BYTES;
                Error::invalid(format!(
                    "with the app's assets the catalogue would have {bytes} bytes of at most {most}; take out what nobody \
                     needs, then sync again"
                ))
            })?;
            let Some(catalogue) = next else { return Ok(run.into()) };
            let followed = Integration { catalogue, version: stored.version + 1, ..stored };
            match self.executor.store.follow_catalogue(&followed, &self.catalogue_change()?).await {
                Ok(()) => return Ok(run.into()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { what: "the integration" }.into())
    }

    /// All changes of a run are one automation.
    fn catalogue_change(&self) -> Result<Change, Error> {
        let SyncRun { id, workspace, integration, cause, .. } = &self.run;
        let named =
            |name: &str| name.parse::<ChangeId>().map_err(|_| Error::invalid("a sync without a usable id"));
        let root = named(id.as_str())?;
        let change = named(&format!("{root}.catalogue"))?;
        let subject = Subject::Catalogue { integration: integration.clone(), cursor: None };
        Ok(Change { root, ..Change::new(change, workspace.clone(), subject, cause.clone()) })
    }
}
