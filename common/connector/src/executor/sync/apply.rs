//! What a sync records, once everything was read and may be true.

use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::{
    access::{Access, AccessState, Account, Observed},
    change::{Change, Subject},
    directory::Profile,
    id::{ChangeId, PersonId},
    ports::{Claim, Holding, ListedDrift, StoreError, StoreResult},
    sync::{Drift, DriftKind, Finding, Phase, Seen, StrangerReaction, SyncRun, still_applies},
};

use super::{Session, Step, Trouble};
use crate::error::Error;

/// How many findings are recorded at the same time.
const AT_ONCE: usize = 8;
/// How many people one change has the planner look at.
const PEOPLE_PER_CHANGE: usize = 50;
/// How often an access that moves is read again.
const ATTEMPTS: u32 = 8;

/// What came of a finding.
enum Recorded {
    Repair(PersonId),
    Adopted,
    Reported,
}

impl Session<'_> {
    /// Records what one page found. Doing it twice is doing it once.
    pub(super) async fn apply(&self) -> Result<Step, Trouble> {
        let number: u32 = self.run.cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        if number >= self.run.pages {
            return Ok(SyncRun { phase: Phase::Sweep, cursor: None, ..self.run.clone() }.into());
        }
        let page = self.executor.store.sync_page(&self.run, number).await?;
        let page = page.ok_or_else(|| Error::invalid("a page of the sync was lost; sync again"))?;
        let recording: Vec<_> = page.findings.iter().map(|finding| self.record(finding)).collect();
        let recorded: Vec<Recorded> = stream::iter(recording).buffered(AT_ONCE).try_collect().await?;
        let mut run = SyncRun { cursor: Some((number + 1).to_string()), ..self.run.clone() };
        let mut people = Vec::new();
        for recorded in recorded {
            match recorded {
                Recorded::Repair(person) => people.push(person),
                Recorded::Adopted => run.counts.adopted += 1,
                Recorded::Reported => {}
            }
        }
        run.counts.repaired += people.len() as u64;
        let changes = people.chunks(PEOPLE_PER_CHANGE).enumerate();
        let changes = changes.filter_map(|(part, people)| self.change(number, part, people)).collect();
        Ok(Step { changes, ..Step::from(run) })
    }

    /// Has the planner look at these people. All changes of a run are one automation.
    fn change(&self, page: u32, part: usize, people: &[PersonId]) -> Option<Change> {
        let root: ChangeId = self.run.id.as_str().parse().ok()?;
        let id: ChangeId = format!("{root}.{page}.{part}").parse().ok()?;
        let subject = Subject::Drift { integration: self.run.integration.clone(), people: people.to_vec() };
        let change = Change::new(id, self.run.workspace.clone(), subject, self.run.cause.clone());
        Some(Change { root, ..change })
    }

    async fn record(&self, finding: &Finding) -> StoreResult<Recorded> {
        let spared = self.run.spares_assets.is_some() && finding.has_more_assets();
        let mut drift = Drift {
            kind: finding.kind,
            expected: finding.expected.clone(),
            seen: finding.seen.clone(),
            repair: false,
            spared,
            sync: self.run.id.clone(),
            found_at: self.executor.clock.now(),
        };
        drift.repair = self.integration.sync.repairs(drift.kind) && !drift.is_left();
        match (finding.kind, &finding.person, &finding.seen) {
            (DriftKind::Unmatched, Some(person), Some(seen))
                if self.integration.sync.unmatched == StrangerReaction::Adopt =>
            {
                self.adopt(person, seen, finding, &drift).await
            }
            (DriftKind::Unmatched, ..) => self.stranger(finding, &drift).await,
            (_, Some(person), _) => self.mark(person, finding, drift).await,
            (_, None, _) => Ok(Recorded::Reported),
        }
    }

    async fn stranger(&self, finding: &Finding, drift: &Drift) -> StoreResult<Recorded> {
        let SyncRun { workspace, integration, .. } = &self.run;
        self.executor.store.put_stranger(workspace, integration, finding, drift).await?;
        Ok(Recorded::Reported)
    }

    /// Marks an access, unless it moved on since the app was read.
    async fn mark(&self, person: &PersonId, finding: &Finding, drift: Drift) -> StoreResult<Recorded> {
        let since = self.run.since.unwrap_or_default();
        for _ in 0..ATTEMPTS {
            let Some(access) = self.access(person).await? else { return Ok(Recorded::Reported) };
            let again = access.drift.as_ref().is_some_and(|known| known.sync == drift.sync);
            if again || !still_applies(&access, finding, since) {
                let repair = again && access.drift.as_ref().is_some_and(|known| known.repair);
                return Ok(if repair { Recorded::Repair(person.clone()) } else { Recorded::Reported });
            }
            let marked = Access { drift: Some(drift.clone()), ..access.clone() };
            match self.executor.store.put_synced(&access, &marked).await {
                Ok(()) if drift.repair => return Ok(Recorded::Repair(person.clone())),
                Ok(()) => return Ok(Recorded::Reported),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // Somebody works on it: the next sync sees what came of it.
        Ok(Recorded::Reported)
    }

    /// Takes in a person of the directory who is in the app already, as they are.
    async fn adopt(
        &self,
        person: &PersonId,
        seen: &Seen,
        finding: &Finding,
        drift: &Drift,
    ) -> StoreResult<Recorded> {
        let now = self.executor.clock.now();
        let SyncRun { workspace, integration, .. } = &self.run;
        let none = || Access::none(workspace.clone(), integration.clone(), person.clone(), now);
        let access = self.access(person).await?.unwrap_or_else(none);
        if access.desired.is_some() || access.observed.is_some() {
            return Ok(Recorded::Reported);
        }
        if self.executor.store.claim(&access, Holding::Account(&seen.account), now).await? != Claim::Granted {
            return self.stranger(finding, drift).await;
        }
        let profile = Profile { user_name: seen.label.clone(), ..Profile::default() };
        let account = Account { id: seen.account.clone(), state: seen.state, profile };
        let seat = seen.seat.known();
        let adopted = Access {
            observed: Some(Observed { account: Some(account), seat, seen_at: now, unsure: false }),
            state: AccessState::Exempted,
            updated_at: now,
            ..access.clone()
        };
        match self.executor.store.put_synced(&access, &adopted).await {
            Ok(()) => Ok(Recorded::Adopted),
            // A decision about this very person was quicker: it knows better.
            Err(StoreError::Conflict { .. }) => Ok(Recorded::Reported),
            Err(error) => Err(error),
        }
    }

    /// Forgets a page of differences that earlier runs found and this one did not.
    pub(super) async fn sweep(&self) -> Result<Option<Step>, Trouble> {
        if self.run.kind == usher_domain::sync::RunKind::HealthCheck {
            return Ok(None);
        }
        let SyncRun { workspace, integration, id, cursor, .. } = &self.run;
        let store = &self.executor.store;
        let page = store.older_drift(workspace, integration, id, cursor.as_deref()).await?;
        for listed in &page.items {
            match listed {
                ListedDrift::Stranger(finding, _) => {
                    if let Some(seen) = &finding.seen {
                        store.forget_stranger(workspace, integration, seen).await?;
                    }
                }
                ListedDrift::Access(access, _) => self.forget(&access.person).await?,
            }
        }
        Ok(page.next.map(|next| SyncRun { cursor: Some(next), ..self.run.clone() }.into()))
    }

    /// Forgets a difference of an access that the app is known to agree with.
    async fn forget(&self, person: &PersonId) -> StoreResult<()> {
        let Some(access) = self.access(person).await? else { return Ok(()) };
        let stale = access.drift.as_ref().is_some_and(|drift| drift.sync != self.run.id);
        if !stale || access.settled.is_none() || access.job.is_some() {
            return Ok(());
        }
        match self.executor.store.put_synced(&access, &Access { drift: None, ..access.clone() }).await {
            // It moved: the next sync looks again.
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn access(&self, person: &PersonId) -> StoreResult<Option<Access>> {
        let SyncRun { workspace, integration, .. } = &self.run;
        let one = std::slice::from_ref(person);
        Ok(self.executor.store.accesses(workspace, integration, one).await?.remove(person))
    }
}
