//! What a sync reads of the app.

use std::collections::BTreeSet;

use usher_domain::{
    access::{AccountState, Presence, Told},
    activity::Event,
    guard::Limit,
    ports::Page,
    sync::{Counts, DriftKind, Phase, RunKind, Seen, SyncPage, SyncRun, unseen},
};

use super::{Session, Step, Trouble, told};
use crate::{
    error::{Class, Error, Result},
    executor::attempt::guarded,
};

/// The run, which begins to read assets, or people, anew.
pub(super) fn anew(run: SyncRun) -> SyncRun {
    let phase = match run.phase {
        Phase::Assets => Phase::Assets,
        Phase::Members | Phase::Invitations | Phase::Missing => Phase::Members,
        _ => return run,
    };
    SyncRun { phase, cursor: None, pass: run.pass + 1, pages: 0, since: None, ..run }
}

impl Session<'_> {
    pub(super) async fn health(&self) -> std::result::Result<Step, Trouble> {
        let health = self.guarded("checking the app", self.connector.probe()).await?;
        if !health.missing_scopes.is_empty() {
            let missing = health.missing_scopes.join(", ");
            let message = format!("the credentials lack rights: {missing}; give them these, then resume");
            return Err(Error::new(Class::ScopeMissing, message).into());
        }
        let run = &self.run;
        let passed = told(run, Event::HealthCheckPassed, "healthy", String::new(), run.created_at);
        let phase = if run.kind == RunKind::HealthCheck { Phase::Sweep } else { Phase::Roles };
        let run = SyncRun { phase, acting_account: health.acting_account, ..run.clone() };
        Ok(Step { tell: Some(passed), ..Step::from(run) })
    }

    pub(super) async fn members(&self) -> std::result::Result<Step, Trouble> {
        if self.connector.by_hand() {
            // Nobody can list the people, and what cannot be read is no difference.
            return Ok(SyncRun { phase: Phase::Judge, cursor: None, ..self.run.clone() }.into());
        }
        let meta = self.connector.meta();
        if !meta.capabilities.list_members {
            let message =
                format!("{} cannot list who has a seat, so that nothing can be compared", meta.name);
            return Err(Error::invalid(message).into());
        }
        let since = self.run.since.unwrap_or_else(|| self.executor.clock.now());
        let listing = self.connector.list_members(self.run.cursor.as_deref());
        let Page { items, next } = self.guarded("listing people", listing).await?;
        let count = items.len() as u64;
        let seen = items.into_iter().map(|member| {
            let label = member.account.profile.label().to_owned();
            let email = member.account.profile.email.clone();
            let user_name = member.account.profile.user_name.clone();
            let seen =
                Seen { account: member.account.id, state: member.account.state, label, seat: member.seat };
            (seen, email, user_name)
        });
        let mut page = self.recognise(seen.collect(), since).await?;
        page.counts.members = count;
        let phase = if next.is_some() { Phase::Members } else { Phase::Invitations };
        let run = SyncRun { phase, cursor: next, since: Some(since), ..self.run.clone() };
        Ok(Step { page: Some(page), ..Step::from(run) })
    }

    pub(super) async fn invitations(&self) -> std::result::Result<Step, Trouble> {
        if !self.connector.meta().capabilities.list_invitations {
            return Ok(SyncRun { phase: Phase::Missing, cursor: None, ..self.run.clone() }.into());
        }
        let since = self.since()?;
        let listing = self.connector.list_invitations(self.run.cursor.as_deref());
        let Page { items, next } = self.guarded("listing invitations", listing).await?;
        let count = items.iter().filter(|it| it.state == AccountState::Invited).count() as u64;
        let seen = items.into_iter().map(|invitation| {
            let email = Some(invitation.email.clone());
            let label = invitation.email.clone();
            let seen = Seen { account: invitation.id, state: invitation.state, label, seat: Told::Nothing };
            (seen, email, invitation.email)
        });
        let mut page = self.recognise(seen.collect(), since).await?;
        page.counts.invitations = count;
        let phase = if next.is_some() { Phase::Invitations } else { Phase::Missing };
        let run = SyncRun { phase, cursor: next, ..self.run.clone() };
        Ok(Step { page: Some(page), ..Step::from(run) })
    }

    /// Looks among those who should have a seat for those whom no page showed.
    pub(super) async fn missing(&mut self) -> std::result::Result<Step, Trouble> {
        let since = self.since()?;
        let store = &self.executor.store;
        if self.seen.is_none() {
            let pages = store.sync_pages(&self.run).await?;
            let recognised: BTreeSet<_> = pages.iter().flat_map(|page| page.recognised.clone()).collect();
            let accounts = pages.into_iter().flat_map(|page| page.accounts).collect();
            self.seen = Some((accounts, recognised));
        }
        let Some((accounts, recognised)) = &self.seen else { return Ok(self.run.clone().into()) };
        let invitations = self.connector.meta().capabilities.list_invitations;
        let SyncRun { workspace, integration, cursor, .. } = &self.run;
        let Page { items, next } = store.access_page(workspace, integration, cursor.as_deref()).await?;
        let mut page = SyncPage::default();
        for access in &items {
            let settled = access.settled.as_ref().filter(|_| access.job.is_none());
            let seated = settled.is_some_and(|settled| settled.presence != Presence::Absent);
            page.counts.seats += u64::from(seated);
            let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
            let shown = account.is_none_or(|account| accounts.contains(&account.id));
            if shown || recognised.contains(&access.person) {
                continue;
            }
            if let Some(finding) = unseen(access, since, invitations) {
                page.counts.found(&finding);
                page.findings.push(finding);
            }
        }
        let phase = if next.is_some() { Phase::Missing } else { Phase::Judge };
        let run = SyncRun { phase, cursor: next, ..self.run.clone() };
        Ok(Step { page: Some(page), ..Step::from(run) })
    }

    /// Decides whether so much may be true (domain rule 5c).
    pub(super) async fn judge(&self) -> std::result::Result<Step, Trouble> {
        let mut counts = Counts::default();
        for page in self.executor.store.sync_pages(&self.run).await? {
            counts.add(&page.counts);
        }
        let percent = self.run.safeguard_percent;
        let catalogue = &self.integration.catalogue;
        let reason = counts.safeguard(percent).or_else(|| self.run.assets.safeguard(catalogue, percent));
        if let Some(reason) = reason {
            return Err(Error::new(Class::PolicyDenied, reason).into());
        }
        let integration = &self.integration;
        let limit = Limit { percent: percent.into(), ..integration.guards.losses };
        let spares_assets =
            counts.spares_assets(limit).filter(|_| integration.sync.repairs(DriftKind::OtherAssets));
        let phase = if self.run.assets.is_empty() { Phase::Apply } else { Phase::Catalogue };
        Ok(SyncRun { phase, cursor: None, counts, spares_assets, ..self.run.clone() }.into())
    }

    pub(super) fn since(&self) -> Result<jiff::Timestamp> {
        self.run.since.ok_or_else(|| Error::invalid("the sync does not know when it began; begin it anew"))
    }

    /// Bounds a call of the connector, and keeps its panic from ending other work.
    pub(super) async fn guarded<T>(&self, doing: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
        guarded(doing, Class::Transient { after: None }, self.executor.settings.step, call).await
    }
}
