//! Work: evaluations that fence each other, leases, and counts that are exact.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Mutex;
use usher_aws::system::{SystemClock, SystemIds};
use usher_domain::{
    access::{Access, AccessState, Presence},
    automation::AutomationStatus,
    change::{Change, Subject},
    id::IntegrationId,
    integration::{Integration, Kind, Status},
    job::{Job, JobState, Message},
    ports::{
        Admin, AdminWrite, Commit, Directory, Execution, Facts, Finish, JobFilter, JobQueue, Planning,
        StoreError, StoreResult, Upkeep,
    },
    share::{AppAccess, HubRole, Principal, Share},
    webhook::DeliveryMessage,
    workspace::Workspace,
};
use usher_fn_planner::Planner;

use super::{Fixture, cause, change, now};

/// Remembers what was sent.
#[derive(Default)]
struct Sent(Mutex<Vec<(String, Message, u32)>>);

#[async_trait::async_trait]
impl JobQueue for Sent {
    async fn send(&self, connector: &str, message: &Message, delay_seconds: u32) -> StoreResult<()> {
        self.0.lock().await.push((connector.to_owned(), message.clone(), delay_seconds));
        Ok(())
    }

    async fn send_delivery(&self, message: &DeliveryMessage, _: u32) -> StoreResult<()> {
        panic!("nobody is told: {message:?}");
    }
}

/// A hub shared with a team of one person.
struct Hub {
    f: Fixture,
    hub: IntegrationId,
    person: usher_domain::directory::UserRecord,
    team: usher_domain::directory::GroupRecord,
    planner: Planner,
    sent: Arc<Sent>,
}

impl Hub {
    async fn new() -> Self {
        let f = Fixture::new().await;
        let store = &f.db.store;
        let hub: IntegrationId = "hub".parse().unwrap();
        store
            .put_workspace(&Workspace::new(f.workspace.clone(), "Main", now()), AdminWrite::Create)
            .await
            .unwrap();
        let integration = Integration {
            id: hub.clone(),
            workspace: f.workspace.clone(),
            name: "Hub".into(),
            kind: Kind::BusinessHub,
            connector: "scim".into(),
            config: json!({}),
            sealed_credentials: None,
            catalogue: Default::default(),
            grace_seconds: Some(3_600),
            guards: Default::default(),
            sync: Default::default(),
            disconnecting: None,
            status: Status::Active,
            version: 1,
            created_at: now(),
        };
        store.put_integration(&integration, AdminWrite::Create).await.unwrap();
        let (person, team) = (f.user("ada"), f.group("Marketing"));
        store.create_user(&person, change(), &cause()).await.unwrap();
        store.create_group(&team, &[person.id.clone()].into(), change(), &cause()).await.unwrap();
        let sent = Arc::new(Sent::default());
        let shared = Arc::new(store.clone());
        let planner = Planner::new(shared, sent.clone(), Arc::new(SystemClock), Arc::new(SystemIds));
        let this = Self { f, hub, person, team, planner, sent };
        this.share("viewer").await;
        this
    }

    async fn share(&self, role: &str) {
        let principal = Principal::Team(self.team.id.clone());
        let share = Share {
            id: principal.share_id(),
            integration: self.hub.clone(),
            principal,
            hub_role: HubRole::Collaborator,
            app_access: AppAccess::Invite {
                roles: [role.to_owned()].into(),
                assets: Default::default(),
                entitlements: Default::default(),
            },
            created_at: now(),
        };
        let subject =
            Subject::TeamShare { integration: self.hub.clone(), team: self.team.id.clone(), after: None };
        let change = Change::new(change(), self.f.workspace.clone(), subject, cause());
        self.f.db.store.put_share(&self.f.workspace, &share, &change).await.unwrap();
    }

    /// Delivers everything that the stream holds.
    async fn drain(&self) {
        loop {
            let records = self.f.db.stream.read(100).await.unwrap();
            let Some(last) = records.last().map(|record| record.sequence) else { return };
            let events = json!({ "Records": records.iter().map(|record| &record.event).collect::<Vec<_>>() });
            let event: usher_aws::events::StreamEvent = serde_json::from_value(events).unwrap();
            let answer = event.handle(|wake| self.planner.handle(wake)).await;
            assert!(answer.failures.is_empty());
            self.f.db.stream.drop_through(last).await.unwrap();
        }
    }

    async fn access(&self) -> Access {
        let people = [self.person.id.clone()];
        let found = self.f.db.store.accesses(&self.f.workspace, &self.hub, &people).await.unwrap();
        found.into_values().next().unwrap()
    }

    async fn job(&self) -> Job {
        let id = self.access().await.job.unwrap();
        Facts::job(&self.f.db.store, &self.f.workspace, &id).await.unwrap().unwrap()
    }

    async fn jobs(&self) -> Vec<Job> {
        let store = &self.f.db.store;
        let mut jobs = Vec::new();
        for automation in store.automations(&self.f.workspace, None, 100).await.unwrap().items {
            let filter = JobFilter::Automation(automation.id);
            jobs.extend(store.jobs(&self.f.workspace, &filter, None, 100).await.unwrap().items);
        }
        jobs
    }
}

fn finish(state: JobState, access_state: AccessState) -> Finish {
    Finish {
        app_calls: 1,
        state,
        error: None,
        due_at: None,
        steps: vec!["did it".into()],
        manual: None,
        reinvitations: 0,
        released: None,
        observed: None,
        settled: None,
        access_state,
        activity: None,
        at: now(),
    }
}

fn minutes(count: i64) -> Timestamp {
    now() + SignedDuration::from_mins(count)
}

#[tokio::test]
async fn a_share_becomes_one_job_and_one_message_however_often_it_is_delivered() {
    let hub = Hub::new().await;
    let records = hub.f.db.stream.read(1_000).await.unwrap();
    let event = json!({ "Records": records.iter().map(|record| &record.event).collect::<Vec<_>>() });
    for _ in 0..3 {
        let event: usher_aws::events::StreamEvent = serde_json::from_value(event.clone()).unwrap();
        event.handle(|wake| hub.planner.handle(wake)).await;
    }
    hub.drain().await;
    assert_eq!(hub.jobs().await.len(), 1);
    let access = hub.access().await;
    assert_eq!(access.state, AccessState::Queued);
    assert_eq!(access.via(), Some("Marketing"));
    let sent = hub.sent.0.lock().await;
    assert_eq!(
        sent.iter()
            .map(|(connector, message, delay)| match message {
                Message::Job(message) => (connector.as_str(), &message.person, *delay),
                Message::Sync(message) => panic!("{message:?}"),
            })
            .collect::<BTreeSet<_>>(),
        [("scim", &hub.person.id, 0)].into()
    );
}

/// Planner A reads its inputs, planner B sees a newer change, finds nothing to write and stops; then A's
/// result is stale and must not be written.
#[tokio::test]
async fn the_stale_planner_trap() {
    let hub = Hub::new().await;
    hub.drain().await;
    let read_by_a = hub.access().await;
    let read_by_b = hub.access().await;
    let store = &hub.f.db.store;
    assert_eq!(store.commit(&read_by_b, None).await.unwrap(), Commit::Done);
    assert_eq!(store.commit(&read_by_a, None).await.unwrap(), Commit::Stale);

    // The same for somebody who has no row yet.
    let nobody = Access::none(hub.f.workspace.clone(), hub.hub.clone(), "new".parse().unwrap(), now());
    assert_eq!(store.commit(&nobody, None).await.unwrap(), Commit::Done);
    assert_eq!(store.commit(&nobody, None).await.unwrap(), Commit::Stale);
}

#[tokio::test]
async fn one_lease_at_a_time_and_who_lost_it_records_nothing() {
    let hub = Hub::new().await;
    hub.drain().await;
    let store = &hub.f.db.store;
    let message = hub.job().await.message();
    let loaded = store.load(&message).await.unwrap().unwrap();
    let first = store.start(&loaded, now(), now(), AccessState::Inviting, None, None).await.unwrap();
    let again = store.start(&loaded, now(), minutes(5), AccessState::Inviting, None, None).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "what was loaded has moved");

    // The first lease is over; another worker takes it.
    let loaded = store.load(&message).await.unwrap().unwrap();
    let second = store.start(&loaded, now(), minutes(5), AccessState::Inviting, None, None).await.unwrap();
    let late = store.finish(&first, &finish(JobState::Failed, AccessState::Failed)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    store.finish(&second, &finish(JobState::Done, AccessState::Onboarded)).await.unwrap();
    let access = hub.access().await;
    assert_eq!((access.state, access.job, access.lease), (AccessState::Onboarded, None, None));
    let automation = &store.automations(&hub.f.workspace, None, 10).await.unwrap().items[0];
    assert_eq!((automation.status(), automation.total()), (AutomationStatus::Completed, 1));
}

#[tokio::test]
async fn a_decision_during_a_job_keeps_its_own_job_and_state() {
    let hub = Hub::new().await;
    hub.drain().await;
    let store = &hub.f.db.store;
    let loaded = store.load(&hub.job().await.message()).await.unwrap().unwrap();
    let running = store.start(&loaded, now(), minutes(5), AccessState::Inviting, None, None).await.unwrap();
    hub.share("editor").await;
    hub.drain().await;
    let newer = hub.job().await;
    assert_ne!(newer.id, running.job.id);
    store.finish(&running, &finish(JobState::Done, AccessState::Onboarded)).await.unwrap();
    let access = hub.access().await;
    assert_eq!(access.job, Some(newer.id));
    assert_eq!(access.lease, None);
    assert_ne!(access.state, AccessState::Onboarded);
}

/// What it would wait for is not wanted any more: nobody should be asked for it until somebody looks at it again.
#[tokio::test]
async fn a_job_that_would_wait_for_an_old_decision_is_superseded_at_once() {
    let hub = Hub::new().await;
    hub.drain().await;
    let store = &hub.f.db.store;
    let loaded = store.load(&hub.job().await.message()).await.unwrap().unwrap();
    let running = store.start(&loaded, now(), minutes(5), AccessState::Inviting, None, None).await.unwrap();
    hub.share("editor").await;
    hub.drain().await;
    let waits = Finish { due_at: Some(minutes(360)), ..finish(JobState::Waiting, AccessState::Queued) };
    store.finish(&running, &waits).await.unwrap();
    let mut states: Vec<_> = hub.jobs().await.into_iter().map(|job| job.state).collect();
    states.sort();
    assert_eq!(states, [JobState::Queued, JobState::Superseded]);
    assert_eq!(hub.access().await.lease, None);
}

#[tokio::test]
async fn a_newer_decision_supersedes_a_job_that_did_not_begin() {
    let hub = Hub::new().await;
    hub.drain().await;
    hub.share("editor").await;
    hub.drain().await;
    let mut states: Vec<_> = hub.jobs().await.into_iter().map(|job| job.state).collect();
    states.sort();
    assert_eq!(states, [JobState::Queued, JobState::Superseded]);
}

#[tokio::test]
async fn a_removal_waits_dissolves_and_is_urgent_on_deactivation() {
    let hub = Hub::new().await;
    hub.drain().await;
    let store = &hub.f.db.store;
    let loaded = store.load(&hub.job().await.message()).await.unwrap().unwrap();
    let desired = loaded.access.desired.clone().unwrap();
    let running = store.start(&loaded, now(), minutes(5), AccessState::Inviting, None, None).await.unwrap();
    let settled = usher_domain::access::Settled { presence: desired.presence, profile: desired.profile };
    let done = Finish { settled: Some(settled), ..finish(JobState::Done, AccessState::Onboarded) };
    store.finish(&running, &done).await.unwrap();

    // Leaves the team: the removal waits for an hour, longer than a message can.
    let mut team = hub.team.clone();
    let mut change_members = async |members: usher_domain::directory::MemberDelta| {
        let next = usher_domain::directory::GroupRecord { version: team.version + 1, ..team.clone() };
        store.replace_group(&team, &next, &members, change(), &cause()).await.unwrap();
        team = next;
        hub.drain().await;
    };
    let ada = BTreeSet::from([hub.person.id.clone()]);
    let leave = || usher_domain::directory::MemberDelta { add: BTreeSet::new(), remove: ada.clone() };
    let join = || usher_domain::directory::MemberDelta { add: ada.clone(), remove: BTreeSet::new() };
    change_members(leave()).await;
    assert_eq!(hub.job().await.state, JobState::Waiting);
    assert_eq!(hub.access().await.state, AccessState::AwaitingRemoval);
    assert_eq!(hub.sent.0.lock().await.len(), 1, "only the invitation's message was sent");

    // Comes back: nothing has to be done.
    change_members(join()).await;
    let access = hub.access().await;
    assert_eq!((access.state, access.job), (AccessState::Onboarded, None));

    // Leaves again, and is deactivated meanwhile: at once.
    change_members(leave()).await;
    let mut inactive = hub.person.clone();
    inactive.version = 2;
    inactive.resource.insert("active".into(), json!(false));
    store.replace_user(&hub.person, &inactive, change(), &cause()).await.unwrap();
    hub.drain().await;
    let job = hub.job().await;
    assert_eq!((job.state, job.due_at), (JobState::Queued, None));
    assert_eq!(hub.access().await.desired.unwrap().presence, Presence::Absent);
}

#[tokio::test]
async fn open_work_is_released_once_it_is_due_and_all_of_it_after_a_crash() {
    let hub = Hub::new().await;
    hub.drain().await;
    let store = &hub.f.db.store;
    let none: Vec<Job> = Upkeep::open_jobs(store, &hub.f.workspace, now(), None).await.unwrap().items;
    assert!(none.is_empty(), "its message is under way");
    let late: Vec<Job> = Upkeep::open_jobs(store, &hub.f.workspace, minutes(30), None).await.unwrap().items;
    assert_eq!(late.len(), 1, "nothing was heard of it for long");
    let released = usher_fn_reconciler::Reconciler::new(Arc::new(store.clone()), Arc::new(SystemClock));
    assert_eq!(released.recover().await.unwrap().released, 1);
    hub.drain().await;
    assert_eq!(hub.sent.0.lock().await.len(), 2);
}
