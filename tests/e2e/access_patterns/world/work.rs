//! The work of the planner, the executor, the courier and the reconciler, and the time that passes.

use super::*;

impl World {
    /// The planner's work: everything that the stream holds, and what that writes in turn.
    pub(crate) async fn plan(&self) -> Calls {
        let planning = async {
            loop {
                let records = self.db.stream.read(BATCH).await.expect("the stream");
                let Some(last) = records.last().map(|record| record.sequence) else { return };
                self.tell_written(&records);
                let events =
                    json!({ "Records": records.iter().map(|record| &record.event).collect::<Vec<_>>() });
                let event: StreamEvent = serde_json::from_value(events).expect("an event");
                let handle = |wake| {
                    if passes_the_filter(&wake) {
                        self.woken.fetch_add(1, Ordering::Relaxed);
                    }
                    async {
                        let before = self.db.calls().total().calls;
                        let handled = self.planner.handle(wake).await;
                        let asked = self.db.calls().total().calls - before;
                        self.largest.fetch_max(asked, Ordering::Relaxed);
                        handled
                    }
                };
                let answer = event.handle(handle).await;
                assert!(answer.failures.is_empty(), "the planner failed");
                self.db.stream.drop_through(last).await.expect("the stream");
            }
        };
        self.costing(planning).await.1
    }

    /// The planner misses everything that the stream holds.
    pub(crate) async fn lose(&self) {
        while let Some(record) = self.db.stream.read(BATCH).await.expect("the stream").last() {
            self.db.stream.drop_through(record.sequence).await.expect("the stream");
        }
    }

    /// The most calls of the database that a wake of the planner took since the last answer.
    pub(crate) fn largest_wake(&self) -> u64 {
        self.largest.swap(0, Ordering::Relaxed)
    }

    fn tell_written(&self, records: &[Record]) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            *written.entry(record.event["dynamodb"]["Keys"].to_string()).or_default() += 1;
        }
    }

    /// The row that was written most often since the last answer, as far as the planner was told.
    pub(crate) fn busiest_row(&self) -> (String, usize) {
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        written.into_iter().max_by_key(|(_, times)| *times).unwrap_or_default()
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How often the planner was woken so far.
    pub(crate) fn woken(&self) -> u64 {
        self.woken.load(Ordering::Relaxed)
    }

    /// How many requests reached the app since the last call.
    pub(crate) fn app_calls(&self) -> usize {
        let calls = self.app.app().journal().entries().len();
        self.app.app().journal().clear();
        calls
    }

    /// The messages that were sent since the last call.
    pub(crate) fn messages(&self) -> Vec<Message> {
        std::mem::take(&mut *self.queue.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Delivers everything that webhooks are to be told and whose time has come.
    pub(crate) async fn deliver(&self) {
        loop {
            self.plan().await;
            let messages = std::mem::take(&mut *self.queue.1.lock().unwrap_or_else(PoisonError::into_inner));
            if messages.is_empty() {
                return;
            }
            for message in messages {
                let (early, _) = self.costing(self.courier.deliver(&message)).await;
                early.expect("the store answers");
            }
        }
    }

    /// The executor's work for one message.
    pub(crate) async fn execute(&self, message: &Message) -> Calls {
        let (verdict, calls) = self.costing(self.executor.run(message)).await;
        verdict.expect("the job ends");
        calls
    }

    /// Everything that is left to do, done and not measured.
    pub(crate) async fn settle(&self) {
        loop {
            self.plan().await;
            let messages = self.messages();
            if messages.is_empty() {
                return;
            }
            for message in messages {
                self.execute(&message).await;
            }
        }
    }

    /// A scheduled run of the reconciler.
    pub(crate) async fn reconcile(&self) -> Calls {
        let (report, calls) = self.costing(self.reconciler.run()).await;
        report.expect("the run ends");
        calls
    }
}

/// Whether the filter of template.yaml lets this through to the planner.
fn passes_the_filter(wake: &Wake) -> bool {
    match wake {
        Wake::Job(job) => {
            !matches!(job.state, JobState::Running | JobState::Superseded | JobState::Cancelled)
        }
        Wake::Sync(run) => run.state != RunState::Running && run.state != RunState::Finished,
        Wake::Delivery(delivery) => delivery.state.is_open(),
        Wake::Change(_) | Wake::Integration(_) | Wake::Act(_) => true,
    }
}
