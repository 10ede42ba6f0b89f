//! Guards in the simulation: tight limits, admins who approve and reject, and a journal of what was begun and of what
//! the app lost, by which an independent reading finds whether more was lost within an hour than the guards allow.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use usher_aws::store::Store;
use usher_domain::{
    change::Trigger,
    guard::{Guards, Limit, Ruling, Verdict},
    id::{IntegrationId, JobId, PersonId, WorkspaceId},
    job::{Job, JobState},
    ports::{Admin, Facts, JobFilter, StoreResult},
};

use super::{app::Seated, chance::Chance, habits::Habit, mutation::Mutation, workload::Clients};

/// An hour, and not the minute at its ends by which a handler that stands still may be late.
const HOUR: i64 = 58 * 60 * 1_000;

/// In one run of three so tight that a handful of people meet them, and always where that is what a run is about.
pub(super) fn limits(chance: &Chance, mutation: Mutation) -> Guards {
    if chance.below(3) > 0 && !mutation.needs().contains(&Habit::Guards) {
        return Guards::default();
    }
    let limit = || Limit { count: chance.below(2) as u32, percent: [0, 50][chance.below(2)] };
    let (losses, promotions) = (limit(), limit());
    let hold_seconds = [3_600, 7 * 24 * 3_600][chance.below(2)];
    Guards { losses, promotions, hold_seconds, ..Guards::default() }
}

/// What happened, as the executor's store and the apps saw it.
#[derive(Clone, Default)]
pub(super) struct Journal(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// When a removal or demotion was counted, by job: the last time that somebody tried to.
    counted: BTreeMap<JobId, Timestamp>,
    /// The jobs that took something away in the app.
    losses: BTreeSet<JobId>,
    /// An app lost an admin and had none left.
    lost_last_admin: bool,
    /// The most seats that each workspace's app ever had, or was recorded to have.
    most_seats: BTreeMap<WorkspaceId, u64>,
}

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counted(&self, job: &JobId, at: Timestamp) {
        self.entries().counted.insert(job.clone(), at);
    }

    /// The app did what takes something away; an operation begins with the job's id.
    pub(super) fn lost(&self, operation: &str) {
        let job = operation.split('.').next().unwrap_or_default();
        self.entries().losses.insert(job.parse().unwrap());
    }

    /// Somebody may have ceased to be an admin; these are left.
    pub(super) fn admins(&self, lost: bool, left: &[Seated]) {
        if lost && !left.iter().any(Seated::is_admin) {
            self.entries().lost_last_admin = true;
        }
    }

    pub(super) fn seats(&self, workspace: &WorkspaceId, seats: u64) {
        let mut entries = self.entries();
        let most = entries.most_seats.entry(workspace.clone()).or_default();
        *most = (*most).max(seats);
    }
}

impl Clients {
    /// An admin decides about one held job.
    pub(super) async fn decide_held(&self) -> StoreResult<()> {
        let held = self.held().await?;
        let Some(job) = self.chance.one(&held) else { return self.change_members().await };
        let verdict = if self.chance.in_thousand(600) { Verdict::Approved } else { Verdict::Rejected };
        self.store.rule(job, &self.ruling(verdict)).await
    }

    /// An admin approves everything; answers whether there was anything.
    pub(super) async fn approve_all(&self) -> bool {
        let held = self.held().await.unwrap();
        for job in &held {
            self.store.rule(job, &self.ruling(Verdict::Approved)).await.unwrap();
        }
        !held.is_empty()
    }

    async fn held(&self) -> StoreResult<Vec<Job>> {
        Ok(self.store.open_jobs(&self.workspace, JobState::Held, None).await?.items)
    }

    fn ruling(&self, verdict: Verdict) -> Ruling {
        let mut cause = self.cause();
        cause.trigger = Trigger::Approval;
        Ruling { verdict, cause }
    }
}

/// Within no hour the app lost more than the guards allow without an approval, and nothing that was rejected was done.
pub(super) async fn held(
    store: &Store,
    workspace: &WorkspaceId,
    hub: &IntegrationId,
    journal: &Journal,
) -> Result<(), String> {
    let (integration, _) = Facts::integration(store, workspace, hub).await.unwrap().unwrap();
    let jobs = every_job(store, workspace).await;
    decisions_are_asked_for_once(&jobs)?;
    let entries = journal.entries();
    if entries.lost_last_admin {
        return Err("the last admin was taken away".to_owned());
    }
    let mut begun = Vec::new();
    for job in jobs.iter().filter(|job| entries.losses.contains(&job.id)) {
        match job.guard.ruling.as_ref().map(|ruling| ruling.verdict) {
            Some(Verdict::Approved) => {}
            Some(verdict) => return Err(format!("it is {verdict:?}, and was done: {job:?}")),
            None => match entries.counted.get(&job.id) {
                Some(at) => begun.push(at.as_millisecond()),
                None => return Err(format!("it was never counted: {job:?}")),
            },
        }
    }
    begun.sort_unstable();
    let seats = entries.most_seats.get(workspace).copied().unwrap_or_default();
    let Limit { count, percent } = integration.guards.losses;
    let allowed = u64::from(count).max(seats * u64::from(percent) / 100);
    for first in &begun {
        let within = begun.iter().filter(|at| (*first..first + HOUR).contains(*at)).count() as u64;
        if within > allowed {
            return Err(format!("{within} losses within an hour of {seats} seats in place of {allowed}"));
        }
    }
    Ok(())
}

/// Whatever was decided was asked for once: what was rejected was not asked for again.
fn decisions_are_asked_for_once(jobs: &[Job]) -> Result<(), String> {
    let mut seen: BTreeMap<(&PersonId, u64), &JobId> = BTreeMap::new();
    for job in jobs {
        if let Some(other) = seen.insert((&job.person, job.version), &job.id) {
            return Err(format!("version {} of {} has two jobs: {other}, {job:?}", job.version, job.person));
        }
    }
    Ok(())
}

async fn every_job(store: &Store, workspace: &WorkspaceId) -> Vec<Job> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.automations(workspace, cursor.as_deref(), 100).await.unwrap();
        for automation in page.items {
            let filter = JobFilter::Automation(automation.id);
            let mut jobs = None;
            loop {
                let listed = store.jobs(workspace, &filter, jobs.as_deref(), 100).await.unwrap();
                found.extend(listed.items);
                jobs = listed.next;
                if jobs.is_none() {
                    break;
                }
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}
