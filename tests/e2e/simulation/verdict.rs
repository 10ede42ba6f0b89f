//! What must be true after quiet: an independent, naive reading of the directory and the shares, beside what
//! the app shows.

use std::collections::{BTreeMap, BTreeSet};

use usher_aws::store::Store;
use usher_domain::{
    access::{Access, AccessState},
    id::{IntegrationId, WorkspaceId},
    job::JobState,
    ports::{Admin, Facts, JobFilter},
    share::{AppAccess, Principal},
};

use super::{
    app::{STRANGER, Seated},
    workload::Known,
};

/// The roles of every hub, lowest first; one is held at a time.
pub(super) const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

/// The highest of them: its last holder stays.
pub(super) const ADMIN: &str = "admin";

/// Compares one hub's app with what its people should have.
pub(super) async fn app_is_right(
    store: &Store,
    workspace: &WorkspaceId,
    hub: &IntegrationId,
    known: &Known,
    seats: &[Seated],
) -> Result<(), String> {
    let (_, shares) = Facts::integration(store, workspace, hub).await.unwrap().unwrap();
    let teams = Facts::teams(store, workspace, &known.teams.iter().cloned().collect()).await.unwrap();
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for person in &known.people {
        let Some(facts) = Facts::person(store, workspace, person).await.unwrap() else { continue };
        let highest = shares
            .iter()
            .filter(|share| match &share.principal {
                Principal::Person(with) => with == person,
                Principal::Team(team) => teams.contains_key(team) && facts.teams.contains(team),
            })
            .filter_map(|share| match &share.app_access {
                AppAccess::Invite { roles, .. } => roles.first(),
                AppAccess::HubOnly => None,
            })
            .filter_map(|role| ROLES.iter().position(|known| known == role))
            .max();
        if let Some(highest) = highest.filter(|_| facts.active) {
            expected.insert(facts.profile.user_name, [ROLES[highest].to_owned()].into());
        }
    }
    // Of those whose work was rejected, or refused because they are the last admin, the app was left as it was.
    let accesses = Facts::accesses(store, workspace, hub, &known.people).await.unwrap();
    let rejected = accesses.values().filter(|access| access.is_rejected() || stays_admin(access));
    let left: BTreeSet<&str> =
        rejected.filter_map(|access| Some(access.desired.as_ref()?.profile.user_name.as_str())).collect();
    expected.retain(|user_name, _| !left.contains(user_name.as_str()));
    let seats: Vec<_> = seats.iter().filter(|seat| !seat.user_name.starts_with(STRANGER)).collect();
    let found: BTreeMap<_, _> =
        seats.iter().map(|seat| (seat.user_name.clone(), seat.roles.clone())).collect();
    if found.len() != seats.len() {
        return Err(format!("somebody is in {hub} twice: {seats:?}"));
    }
    let found: BTreeMap<_, _> =
        found.into_iter().filter(|(user_name, _)| !left.contains(user_name.as_str())).collect();
    if found != expected {
        return Err(format!("{hub} shows {found:?} in place of {expected:?}"));
    }
    Ok(())
}

/// Whether somebody is seen as an admin, and the job that would change that did not complete.
fn stays_admin(access: &Access) -> bool {
    access.state == AccessState::Failed
        && access.observed.as_ref().is_some_and(|observed| observed.seat.roles.contains(ADMIN))
}

/// No work is left, and the counts of every automation are those of its jobs.
pub(super) async fn log_is_exact(store: &Store, workspace: &WorkspaceId) -> Result<(), String> {
    let mut cursor = None;
    loop {
        let page = store.automations(workspace, cursor.as_deref(), 100).await.unwrap();
        for automation in &page.items {
            let mut counted: BTreeMap<JobState, u64> = BTreeMap::new();
            let filter = JobFilter::Automation(automation.id.clone());
            let mut jobs = None;
            loop {
                let listed = store.jobs(workspace, &filter, jobs.as_deref(), 100).await.unwrap();
                for job in &listed.items {
                    *counted.entry(job.state).or_default() += 1;
                    if job.state.is_open() {
                        return Err(format!("work is left: {job:?}"));
                    }
                }
                jobs = listed.next;
                if jobs.is_none() {
                    break;
                }
            }
            if counted != automation.counts {
                return Err(format!(
                    "{}: counts {:?} for jobs {counted:?}",
                    automation.id, automation.counts
                ));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
