//! One run: chaos while people work, then quiet, then the verdict.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc, sync::Arc, task::Context};

use futures::task::noop_waker_ref;
use serde_json::json;
use usher_aws::{
    events::{StreamEvent, chain},
    seal::LocalSealer,
    store::Store,
};
use usher_connector::{Executor, Settings};
use usher_domain::{
    id::{IntegrationId, WorkspaceId},
    integration::{AppRole, Catalogue, Integration, Kind, Status},
    ports::{Admin, AdminWrite, Clock, SealedFor, Sealer},
    workspace::Workspace,
};
use usher_fn_planner::Planner;
use usher_fn_reconciler::Reconciler;
use usher_local::{
    embedded::{Embedded, Record},
    template::Template,
};

use super::{
    app::Vendor,
    chance::Chance,
    deliveries::{Message, Queue, Records},
    guards::{self, Journal},
    in_sync,
    leaks::{CREDENTIALS, Leaks},
    mutation::{Broken, Mutation},
    verdict::{self, ROLES},
    workload::{Clients, Known},
};

/// The longest that Lambda lets a handler live, in milliseconds: shorter than the lease.
const FUNCTION_TIMEOUT: i64 = 60_000;
/// SQS's visibility timeout.
const VISIBILITY: i64 = 360_000;
/// The reconciler's schedule.
const SCHEDULE: i64 = 600_000;
/// The longest that a handler stands still, in turns: others go all their way meanwhile.
const LONGEST_STALL: usize = 300;
/// So many schedules take longer than every grace window and every delay that the app asks for.
const LONGEST_WAIT: u32 = 60;
/// A run that does not come to rest after so many turns never will.
const MAX_TURNS: u64 = 2_000_000;

/// What a handler was doing.
enum Work {
    Client,
    Reconciler,
    Planner(Vec<Record>),
    Executor(Message),
}

impl Work {
    fn name(&self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Reconciler => "reconciler",
            Self::Planner(_) => "planner",
            Self::Executor(_) => "executor",
        }
    }
}

/// How a handler ended.
enum Ended {
    Over,
    /// The planner handled so many records.
    Handled(usize),
    /// The executor's message comes again after so many milliseconds.
    Again(Option<i64>),
}

struct Task {
    work: Work,
    began: i64,
    /// Until this turn it stands still: a sandbox that is frozen, a call that hangs.
    stalled_until: u64,
    future: Pin<Box<dyn Future<Output = Ended>>>,
}

pub(super) struct Run {
    chance: Chance,
    /// Of each workspace.
    pub(super) clients: Vec<Clients>,
    planner: Arc<Planner>,
    executor: Executor,
    reconciler: Option<Arc<Reconciler>>,
    records: Records,
    queue: Queue,
    mutation: Mutation,
    tasks: Vec<Task>,
    next_schedule: i64,
    acts_left: u32,
    /// The planner's last error.
    trouble: Rc<RefCell<String>>,
}

/// Runs a seed to its verdict.
pub(super) fn run(seed: u64, mutation: Mutation) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let leaks = Leaks::default();
        let _listening = leaks.listen();
        let chance = Chance::new(seed);
        let db = Embedded::simulated(Arc::new(chance.clone())).await.unwrap();
        let journal = Journal::default();
        let vendor = Vendor::new(chance.clone(), mutation, journal.clone());
        // In the other half no sync can hide what jobs did wrong.
        let by_hand = seed % 2 == 1;
        for workspace in workspaces() {
            prepare(&db.store, &chance, &workspace, mutation).await;
        }
        let mut run = Run::new(&db, chance.clone(), mutation, &vendor, &journal, leaks.clone());
        if by_hand {
            for clients in &mut run.clients {
                clients.by_hand = Some(vendor.app(&clients.workspace));
            }
        }
        chance.set_chaos(true);
        run.work(true, 0)?;
        chance.set_chaos(false);
        run.work(false, LONGEST_WAIT)?;
        run.approve().await?;
        if by_hand {
            in_sync::check(&mut run).await?;
        }
        for Clients { workspace, known, .. } in &run.clients {
            let (known, seats) = (known.lock().await, vendor.app(workspace).seats());
            verdict::log_is_exact(&db.store, workspace).await?;
            verdict::app_is_right(&db.store, workspace, &hub(), &known, &seats).await?;
            guards::held(&db.store, workspace, &hub(), &journal).await?;
        }
        leaks.verdict()
    })
}

/// Two tenants who know nothing of each other.
pub(super) fn workspaces() -> [WorkspaceId; 2] {
    ["main", "other"].map(|id| id.parse().unwrap())
}

/// The hub of each.
fn hub() -> IntegrationId {
    "hub".parse().unwrap()
}

async fn prepare(store: &Store, chance: &Chance, workspace: &WorkspaceId, mutation: Mutation) {
    let now = chance.now();
    let sealed = LocalSealer::new([0; 32]).seal(SealedFor::Integration(&hub()), CREDENTIALS).await.unwrap();
    store.put_workspace(&Workspace::new(workspace.clone(), "Main", now), AdminWrite::Create).await.unwrap();
    let roles = ROLES.iter().zip(1..).map(|(role, rank)| AppRole {
        key: (*role).to_owned(),
        name: (*role).to_owned(),
        exclusion_group: Some("role".to_owned()),
        rank,
    });
    let integration = Integration {
        id: hub(),
        workspace: workspace.clone(),
        name: "Hub".into(),
        kind: Kind::BusinessHub,
        connector: "scim".into(),
        config: json!({}),
        sealed_credentials: Some(sealed),
        catalogue: Catalogue { roles: roles.collect(), ..Catalogue::default() },
        // None, seconds, or longer than a message can wait.
        grace_seconds: Some([0, 30, 3_600][chance.below(3)]),
        guards: guards::limits(chance, mutation),
        sync: Default::default(),
        status: Status::Active,
        version: 1,
        created_at: now,
    };
    store.put_integration(&integration, AdminWrite::Create).await.unwrap();
}

/// The clients of each workspace; each knows which ids the other uses.
fn clients(store: &Store, chance: &Chance) -> Vec<Clients> {
    let known = workspaces().map(|_| Arc::new(tokio::sync::Mutex::new(Known::default())));
    let clients = workspaces().into_iter().enumerate().map(|(index, workspace)| Clients {
        store: store.clone(),
        chance: chance.clone(),
        connection: format!("{workspace}.idp").parse().unwrap(),
        hub: hub(),
        by_hand: None,
        known: known[index].clone(),
        elsewhere: known[1 - index].clone(),
        workspace,
    });
    clients.collect()
}

impl Run {
    fn new(
        db: &Embedded,
        chance: Chance,
        mutation: Mutation,
        vendor: &Vendor,
        journal: &Journal,
        leaks: Leaks,
    ) -> Self {
        let broken =
            Arc::new(Broken { store: Arc::new(db.store.clone()), mutation, journal: journal.clone() });
        let (clock, ids) = (Arc::new(chance.clone()), Arc::new(chance.clone()));
        let queue = Queue::new(chance.clone());
        let sealer = LocalSealer::new([0; 32]);
        let reconciler = Reconciler::new(Arc::new(db.store.clone()), clock.clone());
        Self {
            clients: clients(&db.store, &chance),
            planner: Arc::new(Planner::new(
                broken.clone(),
                Arc::new(queue.clone()),
                clock.clone(),
                ids.clone(),
            )),
            executor: Executor {
                store: broken,
                sealer: Arc::new(sealer),
                clock,
                ids,
                factory: Arc::new(vendor.clone()),
                settings: Settings::default(),
            },
            reconciler: (mutation != Mutation::NoReconciler).then(|| Arc::new(reconciler)),
            records: Records::new(db.stream.clone(), Template::load().unwrap().stream.filters, leaks),
            queue,
            mutation,
            tasks: Vec::new(),
            next_schedule: chance.millis() + SCHEDULE,
            acts_left: mutation.acts(),
            trouble: Rc::default(),
            chance,
        }
    }

    /// Admins approve what is held, until nothing is.
    pub(super) async fn approve(&mut self) -> Result<(), String> {
        loop {
            let mut approved = false;
            for clients in &self.clients {
                approved |= clients.approve_all().await;
            }
            if !approved {
                return Ok(());
            }
            // What was approved goes at once.
            self.work(false, 2)?;
        }
    }

    /// Turns until the acts are over (`chaos`), or until nothing was left to do for so many schedules.
    pub(super) fn work(&mut self, chaos: bool, quiet: u32) -> Result<(), String> {
        let mut idle_schedules = 0;
        self.tasks.iter_mut().for_each(|task| task.stalled_until = 0);
        for turn in 0..MAX_TURNS {
            if self.chance.take_written() {
                self.records.read();
            }
            if chaos
                && self.acts_left == 0
                && self.tasks.iter().all(|task| !matches!(task.work, Work::Client))
            {
                return Ok(());
            }
            self.begin_something(chaos);
            if self.tasks.is_empty() {
                if self.records.is_empty() {
                    // Nothing moves by itself: time passes until something is due.
                    let due = self.queue.next_visible();
                    match due.filter(|due| *due < self.next_schedule) {
                        Some(due) => self.chance.advance((due - self.chance.millis()).max(1)),
                        None => {
                            self.chance.advance((self.next_schedule - self.chance.millis()).max(1));
                            idle_schedules += 1;
                        }
                    }
                    if !chaos && idle_schedules > quiet && due.is_none() {
                        return Ok(());
                    }
                }
                continue;
            }
            let awake = |index: &usize| self.tasks[*index].stalled_until <= turn;
            let awake: Vec<usize> = (0..self.tasks.len()).filter(awake).collect();
            let Some(index) = self.chance.one(&awake).copied() else { continue };
            if chaos && self.chance.in_thousand(4) {
                self.kill(index);
                continue;
            }
            if chaos && self.chance.in_thousand(20) {
                self.tasks[index].stalled_until = turn + self.chance.below(LONGEST_STALL) as u64;
                continue;
            }
            self.poll(index);
            self.chance.advance(self.chance.below(20) as i64);
            if chaos && self.chance.in_thousand(5) {
                self.chance.advance(self.chance.below(400_000) as i64);
            }
            self.kill_overdue();
        }
        let tasks: Vec<_> = self.tasks.iter().map(|task| task.work.name()).collect();
        let (records, next) = (self.records.len(), self.queue.next_visible());
        let now = self.chance.millis();
        let trouble = self.trouble.borrow();
        Err(format!(
            "the run does not come to rest at {now}: {tasks:?}, {records} records, next message at {next:?}, last \
             trouble of the planner: {trouble}"
        ))
    }

    fn begin_something(&mut self, chaos: bool) {
        if chaos && self.acts_left > 0 && self.tasks.len() < 6 && self.chance.in_thousand(30) {
            self.acts_left -= 1;
            // Most happens in one workspace, so that there is much to disagree about.
            let clients = self.clients[usize::from(self.chance.in_thousand(100))].clone();
            self.begin(Work::Client, async move {
                clients.act().await;
                Ended::Over
            });
        }
        if self.tasks.len() < 6 && (self.tasks.is_empty() || self.chance.in_thousand(200)) {
            let batch = self.records.batch(&self.chance);
            if !batch.is_empty() {
                let (planner, trouble) = (self.planner.clone(), self.trouble.clone());
                let events =
                    json!({ "Records": batch.iter().map(|record| &record.event).collect::<Vec<_>>() });
                let records = batch.clone();
                self.begin(Work::Planner(batch), async move {
                    let event: StreamEvent = serde_json::from_value(events).unwrap();
                    let plan = async |wake| {
                        let planned = planner.handle(wake).await;
                        if let Err(error) = &planned {
                            *trouble.borrow_mut() = chain(error);
                        }
                        planned
                    };
                    let answer = event.handle(plan).await;
                    let failed = answer.failures.first().map(|failure| failure.id.clone());
                    let of_id = |id: String| records.iter().position(|it| it.sequence.to_string() == id);
                    Ended::Handled(failed.and_then(of_id).unwrap_or(records.len()))
                });
            }
        }
        if self.tasks.len() < 6
            && (self.tasks.is_empty() || self.chance.in_thousand(200))
            && let Some(message) = self.queue.take()
        {
            let (executor, sent) = (self.executor.clone(), message.message.clone());
            self.begin(Work::Executor(message), async move {
                match executor.run(&sent).await {
                    Ok(verdict) => Ended::Again(verdict.again_after().map(|after| after.as_millis() as i64)),
                    Err(_) => Ended::Again(Some(VISIBILITY)),
                }
            });
        }
        if self.chance.millis() >= self.next_schedule {
            self.next_schedule = self.chance.millis() + SCHEDULE;
            if let Some(reconciler) = self.reconciler.clone() {
                self.begin(Work::Reconciler, async move {
                    let _ = reconciler.run().await;
                    Ended::Over
                });
            }
        }
    }

    fn begin(&mut self, work: Work, future: impl Future<Output = Ended> + 'static) {
        // The run never gives the runtime a turn, so a budget of the runtime's would never be filled again.
        let future = Box::pin(tokio::task::unconstrained(future));
        self.tasks.push(Task { work, began: self.chance.millis(), stalled_until: 0, future });
    }

    fn poll(&mut self, index: usize) {
        let mut context = Context::from_waker(noop_waker_ref());
        let std::task::Poll::Ready(ended) = self.tasks[index].future.as_mut().poll(&mut context) else {
            return;
        };
        let task = self.tasks.swap_remove(index);
        match (task.work, ended) {
            (Work::Planner(batch), Ended::Handled(handled)) => {
                let again = self.chance.fault(50);
                self.records.end(&batch, handled, again);
            }
            (Work::Executor(message), Ended::Again(Some(after))) => {
                self.queue.put(message.message, self.chance.millis() + after);
            }
            _ => {}
        }
    }

    /// Kills a handler wherever it is: what it held comes again.
    fn kill(&mut self, index: usize) {
        let task = self.tasks.swap_remove(index);
        match task.work {
            Work::Planner(batch) => {
                let handled = if self.mutation == Mutation::ForgetfulStream { batch.len() } else { 0 };
                self.records.end(&batch, handled, false);
            }
            Work::Executor(message) => self.queue.put(message.message, self.chance.millis() + VISIBILITY),
            Work::Client | Work::Reconciler => {}
        }
    }

    fn kill_overdue(&mut self) {
        let now = self.chance.millis();
        while let Some(index) = self.tasks.iter().position(|task| now - task.began > FUNCTION_TIMEOUT) {
            self.kill(index);
        }
    }
}
