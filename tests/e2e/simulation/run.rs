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
use usher_fn_planner::Planner;
use usher_fn_reconciler::Reconciler;
use usher_local::{
    embedded::{Embedded, Record},
    template::Template,
};

use super::{
    app::Vendor,
    broken::Broken,
    catalogue,
    chance::Chance,
    deliveries::{Message, Queue, Records},
    guards::{self, Journal},
    habits::Habits,
    in_sync,
    leaks::Leaks,
    marks,
    mutation::Mutation,
    setup::{self, hub, workspaces},
    verdict,
    workload::Clients,
};

/// The longest that Lambda lets a handler live, in milliseconds: shorter than the lease.
const FUNCTION_TIMEOUT: i64 = 60_000;
/// SQS's visibility timeout.
const VISIBILITY: i64 = 360_000;
/// The reconciler's schedule.
pub(super) const SCHEDULE: i64 = 600_000;
/// The longest that a handler stands still, in turns: others go all their way meanwhile.
const LONGEST_STALL: usize = 1_000;
/// Longer than every grace window, every delay that the app asks for, and a look at an invitation.
const LONGEST_WAIT: i64 = 10 * 60 * 60 * 1_000;
/// While nothing happens the schedule is later and later, up to so many times.
const LATEST_SCHEDULE: i64 = 6;
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
    broken: Arc<Broken>,
    executor: Executor,
    reconciler: Option<Arc<Reconciler>>,
    records: Records,
    queue: Queue,
    mutation: Mutation,
    tasks: Vec<Task>,
    next_schedule: i64,
    /// How many schedules passed since the work began, because nothing else was due.
    idle_schedules: i64,
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
        let habits = Habits::of(&chance, mutation);
        chance.set_lags(habits.lags);
        let vendor = Vendor::new(chance.clone(), habits, mutation, journal.clone());
        // In the other half no sync can hide what jobs did wrong.
        let by_hand = seed % 2 == 1;
        for workspace in workspaces() {
            setup::prepare(&db.store, &chance, &workspace, habits, mutation).await;
        }
        let clients = setup::clients(&db.store, &chance, &vendor, by_hand);
        let mut run = Run::new(&db, chance.clone(), mutation, clients, &vendor, &journal, leaks.clone());
        chance.set_chaos(true);
        run.work(true, 0)?;
        chance.set_chaos(false);
        run.settle().await?;
        if by_hand {
            in_sync::check(&mut run).await?;
            // A sync may have sent invitations again.
            run.settle().await?;
        } else if habits.marks {
            run.judge(&db.store, &journal).await?;
            marks::check(&mut run).await?;
        }
        run.judge(&db.store, &journal).await?;
        leaks.verdict()
    })
}

impl Run {
    fn new(
        db: &Embedded,
        chance: Chance,
        mutation: Mutation,
        clients: Vec<Clients>,
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
            clients,
            broken: broken.clone(),
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
            idle_schedules: 0,
            acts_left: mutation.acts(),
            trouble: Rc::default(),
            chance,
        }
    }

    /// Goes on until nothing is left to do: everybody who is invited accepts, and admins approve what is held.
    pub(super) async fn settle(&mut self) -> Result<(), String> {
        loop {
            self.work(false, LONGEST_WAIT)?;
            self.approve().await?;
            if !self.clients.iter().fold(false, |any, clients| clients.app.accept_all() | any) {
                return Ok(());
            }
        }
    }

    /// What must be true now.
    async fn judge(&self, store: &Store, journal: &Journal) -> Result<(), String> {
        for clients in &self.clients {
            let known = clients.known.lock().await;
            verdict::log_is_exact(store, &clients.workspace).await?;
            verdict::app_is_right(store, &clients.workspace, &hub(), &known, &clients.app).await?;
            guards::held(store, &clients.workspace, &hub(), journal).await?;
        }
        Ok(())
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
            self.work(false, SCHEDULE)?;
        }
    }

    /// Turns until the acts are over (`chaos`), or for so many milliseconds and until nothing is left to do.
    pub(super) fn work(&mut self, chaos: bool, quiet: i64) -> Result<(), String> {
        let quiet_until = self.chance.millis() + quiet;
        self.idle_schedules = 0;
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
                            self.idle_schedules += 1;
                        }
                    }
                    if !chaos && self.chance.millis() >= quiet_until && due.is_none() {
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
                let broken = self.broken.clone();
                let events =
                    json!({ "Records": batch.iter().map(|record| &record.event).collect::<Vec<_>>() });
                let records = batch.clone();
                self.begin(Work::Planner(batch), async move {
                    let event: StreamEvent = serde_json::from_value(events).unwrap();
                    let plan = async |wake| {
                        let planned = catalogue::handle(&planner, &broken, wake).await;
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
            let late = if chaos { 1 } else { (1 + self.idle_schedules).min(LATEST_SCHEDULE) };
            self.next_schedule = self.chance.millis() + late * SCHEDULE;
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
