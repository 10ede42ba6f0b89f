//! The laptop's planner fails with a record again and again: the others go on, and the record is neither lost nor forgotten.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;
use usher_aws::{redrive::PlannerEvent, stream::StreamReader};
use usher_domain::{
    change::{Change, Subject},
    id::PersonId,
    ports::{Planning, StoreError},
    wake::Wake,
};
use usher_local::{
    data::DataFolder,
    embedded::Embedded,
    function::{Failure, Function},
    pump::{Pump, Redrive},
    queue::{Queue, poll},
    template::Template,
};
use usher_tests::client::eventually;

use crate::{path::PATIENCE, store::cause};

/// The change that cannot be handled for a time.
const HARD: &str = "hard";

/// A planner that fails with one change until it is well.
struct Planner {
    stream: StreamReader,
    well: AtomicBool,
    /// How often it was given what it had given up.
    again: AtomicUsize,
    handled: Mutex<Vec<String>>,
}

#[async_trait]
impl Function for Planner {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let event: PlannerEvent = serde_json::from_value(event.clone()).unwrap();
        if matches!(event, PlannerEvent::GivenUp(_)) {
            self.again.fetch_add(1, Ordering::Relaxed);
        }
        let handle = async |wake: Wake| {
            let Wake::Change(change) = wake else { return Ok(()) };
            if change.id.as_str() == HARD && !self.well.load(Ordering::Relaxed) {
                return Err(StoreError::Defect { during: "planning", source: "it is hard".into() });
            }
            self.handled.lock().unwrap().push(change.id.to_string());
            Ok(())
        };
        Ok(serde_json::to_value(event.handle(&self.stream, handle).await).unwrap())
    }
}

/// The laptop, as far as the planner is concerned.
struct Laptop {
    db: Embedded,
    planner: Arc<Planner>,
    _tasks: JoinSet<()>,
    _data: DataFolder,
}

impl Laptop {
    async fn start(folder: &Path, well: bool) -> Self {
        let day = Template::load().unwrap().stream.max_age;
        Self::giving_up_after(day, folder, well).await
    }

    /// One whose planner has given the hard change up, and failed with it so many times more.
    async fn failing(folder: &Path, times: usize) -> Self {
        let laptop = Self::start(folder, false).await;
        laptop.change("before").await;
        laptop.change(HARD).await;
        laptop.tries_again(times).await;
        laptop
    }

    /// One that does not try what is older.
    async fn giving_up_after(age: Duration, folder: &Path, well: bool) -> Self {
        let data = DataFolder::open(folder).unwrap();
        let db = Embedded::open(&data.file("usher.db")).await.unwrap();
        let Template { stream: mut mapping, failures: mut queue, .. } = Template::load().unwrap();
        (mapping.retries, mapping.max_age) = (1, age);
        (queue.delay, queue.visibility) = (Duration::ZERO, Duration::from_millis(100));
        let failures = Arc::new(Queue::new(queue, data.dead_letters()));
        let planner = Arc::new(Planner {
            stream: db.stream_reader.clone(),
            well: well.into(),
            again: AtomicUsize::default(),
            handled: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        let redrive = Redrive { planner: planner.clone(), stream: db.stream.clone() };
        tasks.spawn(poll(failures.clone(), Arc::new(redrive)));
        tasks.spawn(Pump { stream: db.stream.clone(), mapping, planner: planner.clone(), failures }.run());
        Self { db, planner, _tasks: tasks, _data: data }
    }

    /// Something changes.
    async fn change(&self, id: &str) {
        let subject = Subject::Person { person: PersonId::from(uuid::Uuid::new_v4()), left: Vec::new() };
        let change = Change::new(id.parse().unwrap(), "main".parse().unwrap(), subject, cause());
        self.db.store.continue_change(&change).await.unwrap();
    }

    async fn handles(&self, id: &str) {
        let handled = async || self.planner.handled.lock().unwrap().iter().any(|it| it == id);
        eventually(PATIENCE, &format!("{id} should be handled"), handled).await;
    }

    async fn tries_again(&self, times: usize) {
        let tried = async || self.planner.again.load(Ordering::Relaxed) >= times;
        eventually(PATIENCE, "what was given up should be tried again", tried).await;
    }

    /// Waits until the record of a change that was handled has left the file. The last one of all always stays.
    async fn drops(&self, id: &str) {
        let dropped = async || {
            self.change(&uuid::Uuid::new_v4().to_string()).await;
            !self.keeps(id)
        };
        eventually(PATIENCE, &format!("{id} should leave the stream"), dropped).await;
    }

    /// Whether the stream still has the record of a change.
    fn keeps(&self, id: &str) -> bool {
        let records = self.db.stream.read_after(None, 1_000).unwrap();
        records
            .iter()
            .any(|record| record.event["dynamodb"]["Keys"]["pk"]["S"] == format!("W#main#CHANGE#{id}"))
    }
}

#[tokio::test]
async fn a_record_that_fails_keeps_nothing_back_and_is_handled_when_the_planner_is_well() {
    let folder = TempDir::new().unwrap();
    let laptop = Laptop::failing(folder.path(), 2).await;
    laptop.change("after").await;
    laptop.handles("after").await;
    laptop.drops("before").await;
    assert!(laptop.keeps(HARD));
    laptop.planner.well.store(true, Ordering::Relaxed);
    laptop.handles(HARD).await;
    laptop.drops(HARD).await;
}

#[tokio::test]
async fn what_was_given_up_survives_the_process() {
    let folder = TempDir::new().unwrap();
    let laptop = Laptop::failing(folder.path(), 1).await;
    laptop.drops("before").await;
    drop(laptop);
    let laptop = Laptop::start(folder.path(), true).await;
    laptop.handles(HARD).await;
}

/// As when a laptop is switched on again after days.
#[tokio::test]
async fn what_is_too_old_to_be_delivered_is_handled_all_the_same() {
    let folder = TempDir::new().unwrap();
    let laptop = Laptop::giving_up_after(Duration::ZERO, folder.path(), true).await;
    laptop.change(HARD).await;
    laptop.handles(HARD).await;
    laptop.tries_again(1).await;
}
