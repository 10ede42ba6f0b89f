//! What must be true after quiet: an independent, naive reading of the directory and the shares, beside what
//! the app shows.

use std::collections::{BTreeMap, BTreeSet};

use usher_aws::store::Store;
use usher_domain::{
    access::{Access, AccessState, Observed},
    id::{IntegrationId, WorkspaceId},
    integration::{ALL_ASSETS, Catalogue},
    job::JobState,
    ports::{Admin, Facts, JobFilter},
    share::{AppAccess, Principal, Share},
};

use super::{
    app::{App, Grants, STRANGER, Seated},
    habits::LEVELS,
    workload::Known,
};

/// The roles of every hub, lowest first; one is held at a time.
pub(super) const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

/// The highest of them: its last holder stays.
pub(super) const ADMIN: &str = "admin";

/// What somebody has in the app: roles, and permissions on assets.
type Held = (BTreeSet<String>, Grants);

/// Compares one hub's app with what its people should have.
pub(super) async fn app_is_right(
    store: &Store,
    workspace: &WorkspaceId,
    hub: &IntegrationId,
    known: &Known,
    app: &App,
) -> Result<(), String> {
    let (integration, shares) = Facts::integration(store, workspace, hub).await.unwrap().unwrap();
    let teams = Facts::teams(store, workspace, &known.teams.iter().cloned().collect()).await.unwrap();
    let mut expected: BTreeMap<String, Held> = BTreeMap::new();
    for person in &known.people {
        let Some(facts) = Facts::person(store, workspace, person).await.unwrap() else { continue };
        let of_person = |share: &&Share| match &share.principal {
            Principal::Person(with) => with == person,
            Principal::Team(team) => teams.contains_key(team) && facts.teams.contains(team),
        };
        let given: Vec<&AppAccess> = shares.iter().filter(of_person).map(|share| &share.app_access).collect();
        if let Some(held) = united(&given, &integration.catalogue).filter(|_| facts.active) {
            expected.insert(facts.profile.user_name, held);
        }
    }
    let accesses = Facts::accesses(store, workspace, hub, &known.people).await.unwrap();
    let unanswered = app.unanswered();
    let is_left = |access: &&Access| {
        access.is_rejected() || access.is_exempt() || stays(access) || is_over(access, &unanswered)
    };
    let left: BTreeSet<&str> = accesses
        .values()
        .filter(is_left)
        .filter_map(|access| Some(access.desired.as_ref()?.profile.user_name.as_str()))
        .collect();
    expected.retain(|user_name, _| !left.contains(user_name.as_str()));
    let mut seats = app.seats();
    let ids: BTreeSet<String> = seats.iter().map(|seat| seat.id.clone()).collect();
    if let Some(id) = app.holders().difference(&ids).next() {
        return Err(format!("{hub}: assets are left behind: {id} holds {:?}", app.grants_of(id)));
    }
    seats.retain(|seat| !seat.user_name.starts_with(STRANGER));
    let over = seats.iter().find(|seat| !seat.is_live() && !left.contains(seat.user_name.as_str()));
    if let Some(over) = over {
        return Err(format!("{hub}: an invitation that is over is left behind: {over:?}"));
    }
    seats.retain(Seated::is_live);
    let held = |seat: &Seated| (seat.user_name.clone(), (seat.roles.clone(), app.grants_of(&seat.id)));
    let found: BTreeMap<String, Held> = seats.iter().map(held).collect();
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

/// What all of these give together; nothing where none gives a seat.
fn united(given: &[&AppAccess], catalogue: &Catalogue) -> Option<Held> {
    let mut highest = None;
    let mut levels: Grants = Grants::new();
    for access in given {
        let AppAccess::Invite { roles, assets, .. } = access else { continue };
        highest = highest.max(roles.first().and_then(|role| ROLES.iter().position(|known| known == role)));
        for (asset, given) in assets {
            let all = catalogue.assets.iter().filter(|_| asset == ALL_ASSETS).map(|asset| &asset.id);
            for asset in all.chain((asset != ALL_ASSETS).then_some(asset)) {
                levels.entry(asset.clone()).or_default().extend(given.iter().cloned());
            }
        }
    }
    // Nobody knows the order of permissions on what is not in the catalogue.
    for (_, levels) in levels.iter_mut().filter(|(asset, _)| catalogue.asset(asset).is_some()) {
        let highest = LEVELS.iter().rev().find(|level| levels.contains(**level));
        *levels = highest.map(|level| (*level).to_owned()).into_iter().collect();
    }
    Some(([ROLES[highest?].to_owned()].into(), levels))
}

/// Whether somebody is seen to have what must not be taken away, and the job that would take it did not complete.
fn stays(access: &Access) -> bool {
    let seat = access.observed.as_ref().filter(|observed| observed.has_seat()).map(|observed| &observed.seat);
    access.state == AccessState::Failed
        && seat.is_some_and(|seat| access.is_protected() || seat.roles.contains(ADMIN))
}

/// Whether somebody's invitation is over, and a person has to decide.
fn is_over(access: &Access, unanswered: &BTreeSet<String>) -> bool {
    let name = access.desired.as_ref().map(|desired| &desired.profile.user_name);
    let seen = access.observed.as_ref().is_some_and(Observed::has_seat);
    access.state == AccessState::Failed && !seen && name.is_some_and(|name| unanswered.contains(name))
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
