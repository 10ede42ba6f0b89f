//! A bulk load of one workspace does not delay another's single job beyond its own work: on its way to the queue, in the
//! queue, and when work is released again. Counted in deliveries.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use usher_domain::{
    change::{Change, Subject},
    directory::UserRecord,
    id::{PersonId, WorkspaceId},
    integration::Integration,
    job::{JobMessage, Message},
    ports::{Admin, AdminWrite, Clock, Directory, Facts, JobQueue},
    share::{AppAccess, HubRole, Principal, Share},
};
use usher_fn_reconciler::Reconciler;
use usher_local::{
    data::DataFolder,
    function::{Failure, Function},
    queue::{Queues, poll},
    template::Template,
};

use super::team_of;
use crate::{
    access_patterns::world::World,
    store::{attributes, cause, change},
};

/// How many people a page of the planner has.
const PAGE: usize = 50;
/// How many jobs a page of the reconciler has.
const RELEASED: usize = 100;

/// Another workspace on the same table, and its one person.
struct Neighbour {
    workspace: WorkspaceId,
    person: PersonId,
}

impl Neighbour {
    async fn of(world: &World) -> Self {
        world.other_workspace().await;
        let this = Self {
            workspace: "other".parse().unwrap(),
            person: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        let found = Facts::integration(&*world.store, &world.workspace, &world.hub).await.unwrap();
        let hub = Integration { workspace: this.workspace.clone(), version: 1, ..found.unwrap().0 };
        world.store.put_integration(&hub, AdminWrite::Create).await.unwrap();
        let person = UserRecord {
            id: this.person.clone(),
            connection: "other.idp".parse().unwrap(),
            version: 1,
            created_at: world.now(),
            modified_at: world.now(),
            deleted_at: None,
            resource: attributes(json!({"userName": "only@example.com", "active": true})),
            unique: BTreeSet::new(),
        };
        world.store.create_user(&person, change(), &cause()).await.unwrap();
        world.settle().await;
        this
    }

    async fn share(&self, world: &World) {
        let principal = Principal::Person(self.person.clone());
        let share = Share {
            id: principal.share_id(),
            integration: world.hub.clone(),
            principal,
            hub_role: HubRole::Collaborator,
            app_access: AppAccess::Invite {
                roles: ["viewer".to_owned()].into(),
                assets: Default::default(),
                entitlements: Default::default(),
            },
            created_at: world.now(),
        };
        let subject = Subject::PersonShare { integration: world.hub.clone(), person: self.person.clone() };
        let change = Change::new(change(), self.workspace.clone(), subject, cause());
        world.store.put_share(&self.workspace, &share, &change).await.unwrap();
    }

    /// How many jobs were sent before its own.
    fn place(&self, jobs: &[Message]) -> usize {
        jobs.iter().position(|message| *message.workspace() == self.workspace).unwrap()
    }
}

/// The jobs that were sent, without syncs.
fn sent(world: &World) -> Vec<Message> {
    let mut messages = world.messages();
    messages.retain(|message| matches!(message, Message::Job(_)));
    messages
}

#[tokio::test]
async fn a_single_decision_is_not_behind_all_of_a_bulk_load() {
    const PEOPLE: usize = 400;
    let world = World::new().await;
    let neighbour = Neighbour::of(&world).await;
    let team = team_of(&world, PEOPLE).await;
    world.share(&team).await;
    neighbour.share(&world).await;
    world.plan().await;
    let messages = sent(&world);
    assert_eq!(messages.len(), PEOPLE + 1);
    let before = neighbour.place(&messages);
    assert!(before <= 2 * PAGE, "{before} messages of a bulk load were sent first");

    // All messages were lost, and are found again.
    world.wait(24 * 3_600);
    world.reconcile().await;
    world.plan().await;
    let messages = sent(&world);
    assert_eq!(messages.len(), PEOPLE + 1);
    let before = neighbour.place(&messages);
    assert!(before <= RELEASED, "{before} jobs of a bulk load were released first");
}

/// A worker that takes a while for each batch, and tells whose messages it got.
struct Worker(watch::Sender<Vec<WorkspaceId>>);

#[async_trait]
impl Function for Worker {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let group =
            |record: &Value| record["attributes"]["MessageGroupId"].as_str().unwrap().parse().unwrap();
        let groups: Vec<WorkspaceId> = event["Records"].as_array().unwrap().iter().map(group).collect();
        self.0.send_modify(|delivered| delivered.extend(groups));
        // The test's clock: it moves when every worker is busy.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Ok(json!({ "batchItemFailures": [] }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_message_is_not_behind_all_of_a_bulk_load() {
    const BULK: usize = 2_000;
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::open(folder.path()).unwrap();
    let queues = Queues::new(&Template::load().unwrap().queues, &data.dead_letters());
    let (_, queue) = queues.iter().find(|(connector, _)| *connector == "scim").unwrap();
    assert!(!queue.mapping().name.ends_with(".fifo"), "only standard queues are fair");
    let (told, mut delivered) = watch::channel(Vec::new());
    tokio::spawn(poll(queue.clone(), Arc::new(Worker(told))));
    let message = |workspace: &str, number: usize| {
        Message::Job(JobMessage {
            workspace: workspace.parse().unwrap(),
            integration: "hub".parse().unwrap(),
            person: "person".parse().unwrap(),
            job: format!("job-{number}").parse().unwrap(),
        })
    };
    for number in 0..BULK {
        queues.send("scim", &message("bulk", number), 0).await.unwrap();
    }
    let before = delivered.wait_for(|delivered| delivered.len() >= BULK / 2).await.unwrap().len();
    queues.send("scim", &message("single", 0), 0).await.unwrap();
    let single: WorkspaceId = "single".parse().unwrap();
    let place = |delivered: &Vec<WorkspaceId>| delivered.iter().position(|it| *it == single);
    let place = place(&delivered.wait_for(|it| place(it).is_some()).await.unwrap()).unwrap();
    // What was taken before it came, and the batch that it is in.
    let most = (queue.mapping().concurrency + 1) * queue.mapping().batch_size;
    assert!(place - before <= most, "{} deliveries of a bulk load came first", place - before);
    delivered.wait_for(|delivered| delivered.len() == BULK + 1).await.unwrap();
}

/// Each look at it is a second later.
struct Hurried(AtomicI64);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

#[tokio::test]
async fn a_run_of_the_reconciler_is_bounded_and_the_next_one_goes_on() {
    const PEOPLE: usize = 400;
    let world = World::new().await;
    let neighbour = Neighbour::of(&world).await;
    let team = team_of(&world, PEOPLE).await;
    world.share(&team).await;
    neighbour.share(&world).await;
    world.plan().await;
    sent(&world);
    let tomorrow = world.now().as_second() + 24 * 3_600;
    let reconciler = Reconciler::new(world.store.clone(), Arc::new(Hurried(AtomicI64::new(tomorrow))));
    let mut released = Vec::new();
    while released.iter().sum::<u64>() <= PEOPLE as u64 {
        released.push(reconciler.run().await.unwrap().released);
        assert!(*released.last().unwrap() > 0, "{released:?}");
    }
    assert!(released.len() > 1, "{released:?}");
    world.plan().await;
    assert!(neighbour.place(&sent(&world)) <= RELEASED);
}
